"""Whether clients that mean harm are felt by the others, and what memory they take."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from typing import Any

import contenders
from attacker import FLOODS
from cost import ROWS_ANSWER, SCORE, log_of
from machine import Bench
from overload import open_loop, percentile_ms
from process import TestedServer
from rounds import Spread

RATE = 500  # Of the legitimate requests, on as many connections as they need.
POOL = 16
KINDS = ("slow connections", *FLOODS, "JSON bombs")
# What the attackers may take of the server's memory.
PER_BYTE, PER_CONNECTION = 8, 64 << 10


@dataclass(frozen=True)
class Round:
    """What legitimate requests took without an attack and under it, and its memory."""

    alone_p99_ms: float
    attacked_p99_ms: float
    lost: int
    grown_bytes: int
    allowed_bytes: int


def legitimate(bench: Bench, server: TestedServer, seconds: float) -> tuple[float, int]:
    """The p99 in milliseconds, and how many were not answered."""
    plan = f"{RATE}x{seconds}"
    records = open_loop(
        bench, server, SCORE, plan, "random", POOL, ROWS_ANSWER, waits="sleeping"
    )
    good = records[:, 3] == 200
    latency = records[good, 2] - records[good, 0]
    return percentile_ms(latency, 99), int((~good).sum())


def attacked(bench: Bench, server: TestedServer, kind: str, seconds: float) -> Round:
    alone, _ = legitimate(bench, server, seconds)
    before = server.resident_bytes()
    server.forget_peak()
    attacker = bench.idle_python("attacker.py", kind, server.port)
    assert attacker.stdin is not None
    assert attacker.stdout is not None
    try:
        if attacker.stdout.readline() != "ready\n":
            raise SystemExit(f"the attacker of {kind} did not start")
        p99, lost = legitimate(bench, server, seconds)
    finally:
        attacker.stdin.close()
        told = attacker.stdout.readline()
        attacker.wait(10)
    done = json.loads(told)
    grown = max(0, server.peak_bytes() - before)
    allowed = PER_BYTE * done["bytes"] + PER_CONNECTION * done["connections"]
    return Round(alone, p99, lost, grown, allowed)


def measure(bench: Bench, rounds: int, seconds: float) -> dict[str, Any]:
    taken: dict[str, list[Round]] = {kind: [] for kind in KINDS}
    server = contenders.sooth(bench, bench.models / "identity.joblib")
    try:
        server.launch(SCORE, ROWS_ANSWER, log_of(bench, server))
        legitimate(bench, server, 0.5)
        for _ in range(rounds):
            for kind in KINDS:
                taken[kind].append(attacked(bench, server, kind, seconds))
                time.sleep(0.2)
    finally:
        server.stop()
    return {kind: _summary(each) for kind, each in taken.items()}


def _summary(taken: list[Round]) -> dict[str, Any]:
    spreads = {
        "p99_ratio": [one.attacked_p99_ms / one.alone_p99_ms for one in taken],
        "alone_p99_ms": [one.alone_p99_ms for one in taken],
        "attacked_p99_ms": [one.attacked_p99_ms for one in taken],
        "grown_kib": [one.grown_bytes / 1024 for one in taken],
        "memory_share": [one.grown_bytes / one.allowed_bytes for one in taken],
    }
    return {name: asdict(Spread.of(values)) for name, values in spreads.items()} | {
        "lost": sum(one.lost for one in taken)
    }
