"""The FAQ without a socket: Sooth against Python's two ways, by CPU time on one thread."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from corpus import FaqSet
from peers.faq_scoring import WAYS, Answer
from rounds import Cost, ratios, take_turns, timed, typical
from sooth import ScoreBench

# candidates x trees -> queries a round, rounds: so that the whole takes minutes.
EFFORT = [(200_000, 8, 9), (2_000_000, 4, 7), (15_000_000, 1, 5), (40_000_000, 1, 3)]
LAST = (1, 1)


def effort(faq: FaqSet) -> tuple[int, int]:
    """Queries in a round, and rounds."""
    work = faq.candidates * faq.trees
    return next(((q, r) for most, q, r in EFFORT if work <= most), LAST)


class Python:
    """One way of scoring, which keeps its last answers."""

    def __init__(self, way: str, faq: FaqSet, queries: list[str]) -> None:
        self._score = WAYS[way](faq.folder)
        self._queries = queries
        self.answers: list[Answer] = []

    def time(self) -> Cost:
        return timed(self._ask, len(self._queries))

    def _ask(self) -> None:
        self.answers = [self._score(query) for query in self._queries]


def check(faq: FaqSet, bench: ScoreBench, ways: dict[str, Python]) -> int:
    """Every probability of every pair must be the same bits, and the order the same. Says how
    many probabilities that were."""
    answers = bench.answers(len(faq.queries))
    ids = [line.split("\t")[0] for line in (faq.folder / "questions.tsv").open()][1:]
    compared = 0
    for name, way in ways.items():
        for answer, pairs in zip(answers, way.answers, strict=False):
            ours = [(int(ids[i]), value) for i, value in answer]
            theirs = [(one, value) for one, _, value in pairs]
            if ours != theirs:
                wrong = sum(a != b for a, b in zip(ours, theirs, strict=True))
                raise SystemExit(f"{faq.name}, {name}: {wrong} of {len(ours)} places differ")
            compared += len(ours)
    return compared // len(ways)


def measure(faq: FaqSet, program: Path) -> dict[str, object]:
    """One candidate set."""
    count, rounds = effort(faq)
    ways = {name: Python(name, faq, faq.queries[:count]) for name in WAYS}
    with ScoreBench(program, faq.folder, faq.folder / "queries.txt") as bench:
        repeats = bench.repeats_for("score", count, 0.15)
        contenders = {"sooth": lambda: bench.time("score", repeats, count)}
        contenders |= {name: way.time for name, way in ways.items()}
        if rounds > 1:
            take_turns(contenders, 1)
        costs = take_turns(contenders, rounds)
        compared = check(faq, bench, ways)
    return {
        "trees": faq.trees,
        "candidates": faq.candidates,
        "text_length": faq.text_length,
        "query_length": faq.query_length,
        "queries": count,
        "rounds": rounds,
        "compared": compared,
        "costs": {name: asdict(typical(c)) for name, c in costs.items()},
        "ratios": {
            name: {kind: asdict(s) for kind, s in ratios(costs[name], costs["sooth"]).items()}
            for name in ways
        },
    }
