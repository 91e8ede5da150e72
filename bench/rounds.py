"""CPU and wall time of a piece of work, and what rounds of it say."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Cost:
    """Seconds for one thing that was scored."""

    cpu: float
    wall: float


@dataclass(frozen=True)
class Spread:
    """A median over rounds, with the least and the greatest."""

    median: float
    least: float
    greatest: float
    rounds: int

    @classmethod
    def of(cls, values: list[float]) -> Spread:
        return cls(median(values), min(values), max(values), len(values))


def timed(work: Callable[[], object], scored: int) -> Cost:
    """Runs `work`, which scores that many things, in this process."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return Cost(cpu / scored, wall / scored)


def take_turns(contenders: dict[str, Callable[[], Cost]], rounds: int) -> dict[str, list[Cost]]:
    """One round of each contender after the other, `rounds` times. Who needs it has warmed up."""
    costs: dict[str, list[Cost]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            costs[name].append(run())
    return costs


def ratios(theirs: list[Cost], ours: list[Cost]) -> dict[str, Spread]:
    """How many times ours fits into theirs, round by round."""
    pairs = list(zip(theirs, ours, strict=True))
    return {
        "cpu": Spread.of([t.cpu / o.cpu for t, o in pairs]),
        "wall": Spread.of([t.wall / o.wall for t, o in pairs]),
    }


def typical(costs: list[Cost]) -> Cost:
    """The medians."""
    return Cost(median(c.cpu for c in costs), median(c.wall for c in costs))
