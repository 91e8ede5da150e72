"""Queries and candidate sets made of the demo's sentences; the model with eight times the trees."""

from __future__ import annotations

import csv
import random
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import joblib
import lightgbm

SEED = 7
LONG = 435  # Characters: about the mean length of the reference application's questions.


@dataclass(frozen=True)
class FaqSet:
    """A folder to serve, and the queries to ask it."""

    folder: Path
    queries: list[str]
    trees: int
    candidates: int
    text_length: float  # mean, of the candidates
    query_length: float

    @property
    def name(self) -> str:
        return self.folder.name


def read_texts(path: Path, split: str | None = None) -> list[str]:
    """The column `text`, of the rows of one split or of all."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [row["text"] for row in rows if split in (None, row.get("split"))]


def joined(texts: list[str], dice: random.Random) -> str:
    """Texts drawn at random, joined and cut at a word so that they have about LONG characters."""
    text = dice.choice(texts)
    while len(text) < LONG:
        text += " " + dice.choice(texts)
    return text[: text.rfind(" ", 0, LONG + 4)]


def spliced(texts: list[str], dice: random.Random) -> str:
    """The first half of one text and the second of another."""
    first, second = dice.choice(texts).split(), dice.choice(texts).split()
    return " ".join(first[: (len(first) + 1) // 2] + second[len(second) // 2 :])


def make_candidates(demo: Path, count: int, long: bool) -> list[str]:
    """The demo's questions, then its duplicates, then as many splices of them as it takes."""
    dice = random.Random(SEED)
    duplicates = read_texts(demo / "data/duplicates.tsv", "train")
    dice.shuffle(duplicates)
    sentences = read_texts(demo / "questions.tsv") + duplicates
    made = dict.fromkeys([] if long else sentences)
    while len(made) < count:
        made[(joined if long else spliced)(sentences, dice)] = None
    return list(made)[:count]


def make_queries(demo: Path, count: int, long: bool) -> list[str]:
    """Held-out duplicates, as they are or joined."""
    dice = random.Random(SEED)
    texts = read_texts(demo / "data/duplicates.tsv", "test")
    return [joined(texts, dice) for _ in range(count)] if long else dice.sample(texts, count)


def write_eightfold(source: Path, target: Path) -> None:
    """The model with every tree written eight times, its leaves divided by 8: the same answer up
    to rounding, from eight times as many trees to walk."""
    pipeline = joblib.load(source)
    model = pipeline.named_steps["model"]
    head, rest = model.booster_.model_to_string().split("Tree=0\n", 1)
    body, tail = rest.split("end of trees", 1)
    trees = [_divide_leaves(tree) for tree in re.split(r"(?m)^Tree=\d+\n", body)]
    out = [f"Tree={i}\n{trees[i % len(trees)]}" for i in range(8 * len(trees))]
    sizes = " ".join(str(len(tree)) for tree in out)
    head = re.sub(r"tree_sizes=.*", f"tree_sizes={sizes}", head)
    text = head + "".join(out) + "end of trees" + tail
    model._Booster = lightgbm.Booster(model_str=text)  # There is no setter.
    model.set_params(n_estimators=len(out))
    model._best_iteration = -1
    joblib.dump(pipeline, target)


def _divide_leaves(tree: str) -> str:
    """Division by a power of two is exact."""

    def divided(match: re.Match[str]) -> str:
        return "leaf_value=" + " ".join(repr(float(value) / 8) for value in match[1].split())

    return re.sub(r"leaf_value=(.*)", divided, tree)


def make_set(demo: Path, work: Path, candidates: int, eightfold: bool, long: bool) -> FaqSet:
    """Writes a folder like the demo's."""
    trees = 8000 if eightfold else 1000
    folder = work / f"faq-{trees}-{candidates}{'-long' if long else ''}"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(demo / "sooth.yaml", folder)
    model = folder / "model.joblib"
    if eightfold:
        shared = work / "eightfold.joblib"
        if not shared.exists():
            write_eightfold(demo / "model.joblib", shared)
        model.unlink(missing_ok=True)
        model.hardlink_to(shared)
    else:
        shutil.copy(demo / "model.joblib", model)
    if candidates == 132 and not long:
        shutil.copy(demo / "questions.tsv", folder)
        texts = read_texts(folder / "questions.tsv")
    else:
        texts = make_candidates(demo, candidates, long)
        lines = [f"{i + 1}\t{i + 1}\t{text}\n" for i, text in enumerate(texts)]
        (folder / "questions.tsv").write_text("id\tanswer_id\ttext\n" + "".join(lines), "utf-8")
    queries = make_queries(demo, 8, long)
    (folder / "queries.txt").write_text("".join(query + "\n" for query in queries), "utf-8")
    lengths = [sum(map(len, some)) / len(some) for some in (texts, queries)]
    return FaqSet(folder, queries, trees, candidates, *lengths)
