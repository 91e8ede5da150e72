"""More requests than can be answered: an open loop at several times the capacity."""

from __future__ import annotations

import json
import random
import time
from dataclasses import asdict, dataclass, replace
from http.client import HTTPConnection
from itertools import product
from pathlib import Path
from typing import Any

import contenders
import numpy
from cost import INFER, ROWS_ANSWER, TENSOR_ANSWER, log_of
from machine import Bench
from models import COLUMNS
from process import Call, TestedServer, load_closed, read_rows, read_tensor
from rounds import Spread

TIMES = (2, 5, 10)
PATIENCE_S = 1.0  # What a client waits; an answer later than this is none.
CALM = 0.5  # Of the capacity, before and after.
CALM_S, AFTER_S = 0.3, 1.0
CLOSED_S = 1.5
RECOVERY_S = 0.1
POOL = 2000


@dataclass(frozen=True)
class Overload:
    """One round. Latencies count from the moment that was meant, in milliseconds."""

    goodput: float  # Of the capacity.
    p50_ms: float
    p99_ms: float
    refusal_p99_ms: float
    refused: int
    given_up: int
    unsent: int
    recovered: float  # Of what was offered from 100 ms after the overload on: answered.
    recovered_p99_ms: float
    p99_ratio: float = 0.0  # Of that without overload.


def open_loop(
    bench: Bench, server: TestedServer, call: Call, plan: str, gaps: str, pool: int, expected: Any,
    waits: str = "spinning"
) -> numpy.ndarray:
    """Meant, sent, done and status of each request; answers of 200 are checked.

    The generator never sleeps but where others need its processor: see open_load.cc.
    """
    bodies, records, answer = (
        bench.work / f"{server.name}-{what}" for what in ("bodies", "records", "answer")
    )
    bodies.write_bytes(call.body + b"\n")
    words = (server.port, call.path, bodies, pool, PATIENCE_S, waits, gaps, plan, records, answer)
    told = json.loads(bench.load("sooth_open_load", *words))
    answered = answer.read_bytes()
    if told["different"] or (answered and call.read(answered) != expected):
        raise SystemExit(f"{server.name}: an answer is not the right one: {answered[:200]!r}")
    return numpy.fromfile(records).reshape(-1, 4)


def percentile_ms(seconds: numpy.ndarray, share: float) -> float:
    return float(1e3 * numpy.percentile(seconds, share)) if len(seconds) else 0.0


def judge(records: numpy.ndarray, capacity: float, begin: float, end: float) -> Overload:
    """Of an overload from `begin` to `end`. What is answered within it counts as its goodput."""
    meant, done, status = records[:, 0], records[:, 2], records[:, 3]
    during = (meant >= begin) & (meant < end)
    good, after = status == 200, meant >= end + RECOVERY_S
    latency = done - meant
    refused = during & ((status == 429) | (status == 503))
    answered = good & (done >= begin) & (done < end)
    return Overload(
        goodput=answered.sum() / (capacity * (end - begin)),
        p50_ms=percentile_ms(latency[during & good], 50),
        p99_ms=percentile_ms(latency[during & good], 99),
        refusal_p99_ms=percentile_ms(latency[refused], 99),
        refused=int(refused.sum()),
        given_up=int((during & (status == 0)).sum()),
        unsent=int((during & (status == -1)).sum()),
        recovered=float(good[after].mean()) if after.any() else 0.0,
        recovered_p99_ms=percentile_ms(latency[after & good], 99),
    )


def overload(
    bench: Bench, server: TestedServer, call: Call, expected: Any, capacity: float, times: float,
    seconds: float, gaps: str = "random", pool: int = POOL
) -> numpy.ndarray:
    """The records of so many times the capacity, with half of it before and after."""
    calm = CALM * capacity
    plan = f"{calm}x{CALM_S},{times * capacity}x{seconds},{calm}x{AFTER_S}"
    return open_loop(bench, server, call, plan, gaps, pool, expected)


def rows_of(count: int) -> bytes:
    chance = random.Random(7)
    rows = [[round(chance.random(), 3) for _ in range(COLUMNS)] for _ in range(count)]
    return json.dumps({"data": rows}).encode()


def calibrate(bench: Bench, model: Path, wanted_us: float) -> tuple[Call, Any, float]:
    """A request of as many rows as take so long, its answer, and how long it takes."""
    server = contenders.sooth(bench, model)
    count, took = 1, 0.0
    first = Call("/score", rows_of(1), lambda _: None)
    server.launch(first, None, log_of(bench, server))
    try:
        for _ in range(4):
            call = Call("/score", rows_of(count), read_rows, {"X-Server-Timing": "1"})
            tries = [_compute_us(server, call) for _ in range(25)]
            took = float(numpy.median(tries))
            wanted = max(1, round(count * wanted_us / took))
            if wanted == count:
                break
            count = wanted
        return call, read_rows(server.ask(call)[1]), took
    finally:
        server.stop()


def _compute_us(server: TestedServer, call: Call) -> float:
    connection = HTTPConnection("127.0.0.1", server.port)
    connection.request("POST", call.path, call.body, call.headers)
    response = connection.getresponse()
    response.read()
    phases = response.headers["Server-Timing"].split(", ")
    connection.close()
    return 1e3 * float(next(p for p in phases if p.startswith("compute")).split("=")[1])


@dataclass(frozen=True)
class Contest:
    """A model of Sooth's under overload, and how what it can do is found."""

    model: str
    model_us: float
    pool: int  # Connections of the overload.
    gaps: tuple[str, ...]
    # In a closed loop: those that keep the server busy, and those that a latency is compared with.
    busy: int
    calm: int
    # What cost so little is done faster the more comes at once: as many times what the closed loop
    # found are offered too, and the most that was answered is the capacity.
    pressed: tuple[float, ...] = ()


@dataclass(frozen=True)
class Ability:
    """What a server can do just then: a shared machine is now fast, now slow."""

    capacity: float  # A second.
    calm_p99_ms: float

    @staticmethod
    def of(
        bench: Bench, server: TestedServer, contest: Contest, call: Call, expected: Any
    ) -> Ability:
        calm = load_closed(bench, server, call, contest.calm, CLOSED_S, expected)
        busy = load_closed(bench, server, call, contest.busy, CLOSED_S, expected)
        rates = [busy.per_s]
        for times in contest.pressed:
            plan = f"{times * busy.per_s}x{CLOSED_S}"
            records = open_loop(bench, server, call, plan, "random", contest.pool, expected)
            rates.append(float((records[:, 3] == 200).sum()) / CLOSED_S)
        return Ability(max(rates), calm.p99_us / 1e3)

    @staticmethod
    def between(before: Ability, after: Ability) -> Ability:
        return Ability(
            (before.capacity + after.capacity) / 2, (before.calm_p99_ms + after.calm_p99_ms) / 2
        )


# Two at a time keep the worker busy without a request in the queue being refused.
LARGE = Contest("forest", 5000, POOL, ("random", "even"), busy=2, calm=1)
# Scored where it is read; so many connections and no more.
SMALL = Contest("small-forest", 10, 64, ("random",), busy=256, calm=64, pressed=(1.5, 3.0))


def measure(bench: Bench, contest: Contest, rounds: int, seconds: float) -> dict[str, Any]:
    """Rounds of each overload, between two looks at what the server can do just then."""
    model = bench.models / f"{contest.model}.joblib"
    call, expected, took = calibrate(bench, model, contest.model_us)
    server = contenders.sooth(bench, model)
    taken: dict[str, list[Overload]] = {}
    before: list[Ability] = []
    try:
        server.launch(call, expected, log_of(bench, server))
        able = Ability.of(bench, server, contest, call, expected)
        for _, gaps, times in product(range(rounds), contest.gaps, TIMES):
            records = overload(
                bench, server, call, expected, able.capacity, times, seconds, gaps, contest.pool
            )
            after = Ability.of(bench, server, contest, call, expected)
            around = Ability.between(able, after)
            one = judge(records, around.capacity, CALM_S, CALM_S + seconds)
            taken.setdefault(f"{times} {gaps}", []).append(
                replace(one, p99_ratio=one.p99_ms / around.calm_p99_ms)
            )
            before.append(around)
            able = after
    finally:
        server.stop()
    return {
        "model_us": took,
        "pool": contest.pool,
        "capacity_per_s": asdict(Spread.of([each.capacity for each in before])),
        "calm_p99_ms": asdict(Spread.of([each.calm_p99_ms for each in before])),
        "overloads": {name: _summary(each) for name, each in taken.items()},
    }


def _summary(taken: list[Overload]) -> dict[str, Any]:
    return {
        name: asdict(Spread.of([float(getattr(one, name)) for one in taken]))
        for name in Overload.__dataclass_fields__
    }


def measure_peers(bench: Bench, seconds: float) -> dict[str, Any]:
    """Python servers with a model that computes for 5 ms, at twice their capacity."""
    spin = b'{"data": [[1.5]], "ms": 5}'
    tensor = (
        b'{"id": "1", "parameters": {"ms": 5}, "inputs": '
        b'[{"name": "x", "shape": [1, 1], "datatype": "FP64", "data": [1.5]}]}'
    )
    calls = {
        "FastAPI + uvicorn": (contenders.fastapi(bench), Call("/spin", spin, read_rows)),
        "azureml-inference-server-http": (
            contenders.azureml(bench),
            Call("/score", spin, read_rows),
        ),
        "MLServer": (contenders.mlserver(bench), Call(INFER, tensor, read_tensor)),
    }
    results = {}
    for name, (server, call) in calls.items():
        expected = TENSOR_ANSWER if call.path == INFER else ROWS_ANSWER
        try:
            server.launch(call, expected, log_of(bench, server))
            full = load_closed(bench, server, call, 4, 2.0, expected)
            records = overload(bench, server, call, expected, full.per_s, 2, seconds)
            one = judge(records, full.per_s, CALM_S, CALM_S + seconds)
            results[name] = asdict(one) | {"capacity_per_s": full.per_s}
            time.sleep(0.2)
        finally:
            server.stop()
    return results
