"""ResNet-152 behind HTTP: Sooth beside FastAPI with ONNX Runtime and with torch."""

from __future__ import annotations

import json
import math
import subprocess
import time
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from images import PEERS, Answer, Images, Skipped, agree, read_answer
from process import Call, TestedServer
from rounds import Spread

Raw = dict[str, Any]

NETWORK = "resnet152"
CONNECTIONS = (1, 2, 4, 8)
WORKERS = 2
# Of eight connections at two networks, the last waits for three answers.
QUEUE_TIME_MAX = "30s"
# Each worker answers at least so often in a round.
ANSWERS_MIN = 4
IDLE_S = 0.25
SETTLE_S_MAX = 30.0


class Contender(TestedServer):
    """On all processors, with as many workers as people give it."""

    pinned = False
    exact = True  # Whether its answers are those of float32.

    def is_right(self, got: Answer, expected: Answer) -> bool:
        return agree(got, expected) if self.exact else len(got) == len(expected)


def sooth(images: Images, network: str = NETWORK, *, exact: bool = True) -> Contender:
    images.register(network)
    words = f"{images.sooth} serve {network} --port {{port}} --open".split()
    words += ["--queue-time-max", QUEUE_TIME_MAX]
    server = Contender("sooth", words, images.environment)
    server.exact = exact
    return server


def fastapi(images: Images, engine: str, *, tuned: bool) -> Contender:
    venv = {"ort": "image", "torch": "torch"}[engine]
    if not images.has_venv(venv):
        raise Skipped("torch could not be installed")
    network = {"ort": "resnet152/model.onnx", "torch": "resnet152.npz"}[engine]
    environment = {
        "PICTURE_ENGINE": engine,
        "PICTURE_NETWORK": str(images.made / network),
        "PICTURE_LABELS": str(images.network(NETWORK) / "labels.txt"),
        "PICTURE_TUNED": str(int(tuned)),
    }
    words = f"picture_app:app --port {{port}} --log-level warning --workers {WORKERS}".split()
    name = f"{engine}-{'tuned' if tuned else 'untuned'}"
    return Contender(name, [images.venv(venv, "uvicorn"), *words], environment, PEERS)


CONTENDERS = {
    "sooth": sooth,
    "FastAPI, ONNX Runtime": lambda images: fastapi(images, "ort", tuned=False),
    "FastAPI, ONNX Runtime, tuned": lambda images: fastapi(images, "ort", tuned=True),
    "FastAPI, torch": lambda images: fastapi(images, "torch", tuned=False),
    "FastAPI, torch, tuned": lambda images: fastapi(images, "torch", tuned=True),
}


@dataclass(frozen=True)
class Slice:
    """One round of closed-loop load."""

    per_s: float
    p50_ms: float
    p99_ms: float
    answers: int


def load(
    images: Images, server: Contender, connections: int, seconds: float, expected: list[Answer]
) -> Slice:
    """Loads a server and checks what it says to each picture; then waits until it is idle."""
    answers = images.work / f"{server.name}-answers"
    words = [images.program("sooth_load"), server.port, "/score", images.pictures, connections]
    done = subprocess.run(
        [*map(str, words), str(seconds), str(answers)], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise SystemExit(f"{server.name}: {done.stderr}")
    told = json.loads(done.stdout)
    if told["errors"] or told["different"] or told["answers"] == 0:
        raise SystemExit(f"{server.name}, {seconds} s of load: {told}")
    for got, right in zip(answers.read_text().splitlines(), expected, strict=True):
        if got and not server.is_right(read_answer(got), right):
            raise SystemExit(f"{server.name}: expected {right}, got {got}")
    settle(server)
    return Slice(told["per_s"], told["p50_ms"], told["p99_ms"], told["answers"])


def settle(server: Contender) -> None:
    """Waits for the end of what was begun, so that the next one has the processors."""
    until = time.perf_counter() + SETTLE_S_MAX
    used = server.cpu_s()
    while time.perf_counter() < until:
        time.sleep(IDLE_S)
        now = server.cpu_s()
        if now - used < 0.05 * IDLE_S:
            return
        used = now


def start(images: Images, server: Contender, expected: list[Answer]) -> tuple[float, float]:
    """Seconds to its first answer, which must be right, and of a later one."""
    picture = images.picture_files()[0].read_bytes()
    headers = {"Content-Type": "application/octet-stream"}
    call = Call(
        "/score", picture, lambda body: server.is_right(read_answer(body), expected[0]), headers
    )
    first_s = server.launch(call, True, images.work / f"{server.name}.log")
    started = time.perf_counter()
    server.ask(call)
    return first_s, time.perf_counter() - started


def measure(
    images: Images,
    servers: dict[str, Contender],
    rounds: int,
    seconds: float,
    numbers: tuple[int, ...] = CONNECTIONS,
) -> Raw:
    """Everybody in turns at each number of connections; all have started, and the others idle."""
    expected = images.expected(NETWORK)
    slices: dict[str, dict[int, list[Slice]]] = {
        name: {connections: [] for connections in numbers} for name in servers
    }
    result: Raw = {"start_s": {}, "memory_mb": {}}
    answer_s: dict[str, float] = {}
    try:
        for name, server in servers.items():
            result["start_s"][name], answer_s[name] = start(images, server, expected)
        for _ in range(rounds):
            for connections in numbers:
                for name, server in servers.items():
                    # Of a slow server, longer.
                    turns = ANSWERS_MIN * math.ceil(connections / WORKERS)
                    length = max(seconds, turns * answer_s[name])
                    told = load(images, server, connections, length, expected)
                    slices[name][connections].append(told)
        result["memory_mb"] = {name: server.memory_mb() for name, server in servers.items()}
    finally:
        for server in servers.values():
            server.stop()
    result["servers"] = {name: summary(of) for name, of in slices.items()}
    result["ratio"] = {
        name: {
            str(connections): ratio(slices["sooth"][connections], some)
            for connections, some in of.items()
        }
        for name, of in slices.items()
        if name != "sooth"
    }
    return result


def summary(of: dict[int, list[Slice]]) -> Raw:
    return {
        str(connections): {
            "per_s": asdict(Spread.of([one.per_s for one in some])),
            "p50_ms": asdict(Spread.of([one.p50_ms for one in some])),
            "p99_ms": asdict(Spread.of([one.p99_ms for one in some])),
            "tail": asdict(Spread.of([one.p99_ms / one.p50_ms for one in some])),
            "answers": median(one.answers for one in some),
        }
        for connections, some in of.items()
    }


def ratio(ours: list[Slice], theirs: list[Slice]) -> Raw:
    """How many times theirs fits into ours, round by round."""
    pairs = zip(ours, theirs, strict=True)
    return asdict(Spread.of([o.per_s / t.per_s for o, t in pairs]))


def measure_http(images: Images, rounds: int, seconds: float) -> Raw:
    servers, skipped = {}, {}
    for name, make in CONTENDERS.items():
        try:
            servers[name] = make(images)
        except Skipped as reason:
            skipped[name] = str(reason)
    return measure(images, servers, rounds, seconds) | {"skipped": skipped}
