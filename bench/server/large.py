"""Two million numbers in one request, as JSON and in binary: time and memory."""

from __future__ import annotations

import json
import socket
import time
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import contenders
import numpy
from cost import INFER, log_of
from machine import Bench
from models import WIDE_COLUMNS, WIDE_ROWS
from process import Call, TestedServer, read_rows, read_tensor
from rounds import Spread

BODY_MAX = "64 MiB"


def make_calls() -> tuple[dict[str, Call], list[int]]:
    """A request for each way to send the numbers, and the right answer to all."""
    numbers = numpy.random.default_rng(7).random((WIDE_ROWS, WIDE_COLUMNS), numpy.float32)
    labels = (numbers @ numpy.ones(WIDE_COLUMNS) > WIDE_COLUMNS / 2).astype(int).tolist()
    # As many digits as say which number it is.
    rows = [[float(str(cell)) for cell in row] for row in numbers]
    tensor = {"name": "x", "shape": [WIDE_ROWS, WIDE_COLUMNS], "datatype": "FP32"}
    flat = [cell for row in rows for cell in row]
    asked = [{"name": name} for name in ("transform",)]
    binary = tensor | {"parameters": {"binary_data_size": numbers.nbytes}}
    head = json.dumps({"inputs": [binary]}).encode()
    triton_head = json.dumps(
        {"inputs": [binary], "outputs": [each | {"parameters": {"binary_data": False}} for each in asked]}
    ).encode()

    def in_binary(path: str, start: bytes, read: Any) -> Call:
        headers = {
            "Content-Type": "application/octet-stream",
            "Inference-Header-Content-Length": str(len(start)),
        }
        return Call(path, start + numbers.tobytes(), read, headers)

    as_rows = json.dumps({"data": rows}).encode()
    as_tensor = json.dumps({"id": "1", "inputs": [tensor | {"data": flat}]}).encode()
    calls = {
        "rows": Call("/score", as_rows, read_rows),
        "python rows": Call("/wide", as_rows, read_rows),
        "tensor": Call(INFER, as_tensor, read_tensor),
        "triton tensor": Call("/v2/models/wide/infer", as_tensor, read_tensor),
        "mlserver tensor": Call(
            INFER, as_tensor.replace(b'"name": "x"', b'"name": "wide"', 1), read_tensor
        ),
        "binary": in_binary(INFER, head, read_tensor),
        "python binary": in_binary("/binary", head, read_rows),
        "triton binary": in_binary("/v2/models/wide/infer", triton_head, read_tensor),
    }
    return calls, labels


@dataclass(frozen=True)
class Took:
    wall_ms: float
    cpu_ms: float
    grown_bytes: int


def once(server: TestedServer, call: Call, expected: list[int]) -> Took:
    """One request over a connection of its own, from the first byte sent to the whole answer."""
    fields = {"Host": "localhost", "Content-Type": "application/json", "Connection": "close"}
    fields |= call.headers | {"Content-Length": str(len(call.body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    head = f"POST {call.path} HTTP/1.1\r\n{lines}\r\n".encode()
    resident = server.resident_bytes()
    server.forget_peak()
    cpu = server.cpu_s()
    with socket.create_connection(("127.0.0.1", server.port), timeout=120) as client:
        started = time.perf_counter()
        client.sendall(head)
        client.sendall(call.body)
        answer, wanted = b"", None
        while wanted is None or len(answer) < wanted:
            part = client.recv(1 << 20)
            if not part:
                break
            answer += part
            if wanted is None and b"\r\n\r\n" in answer:
                wanted = _answer_bytes(answer)
        wall = time.perf_counter() - started
    cpu = server.cpu_s() - cpu
    said = call.read(answer.split(b"\r\n\r\n", 1)[1])
    if said != expected:
        raise SystemExit(f"{server.name}, {call.path}: not the right answer: {answer[:300]!r}")
    grown = max(0, server.peak_bytes() - resident)
    return Took(1e3 * wall, 1e3 * cpu, grown)


def _answer_bytes(answer: bytes) -> int:
    head = answer[: answer.index(b"\r\n\r\n") + 4]
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return len(head) + int(value)
    raise SystemExit(f"expected Content-Length, got {head!r}")


def measure(bench: Bench, rounds: int) -> dict[str, Any]:
    calls, expected = make_calls()
    sooth = contenders.sooth(bench, bench.models / "wide.joblib", "--body-bytes-max", BODY_MAX)
    python, triton, mlserver = (
        make(bench) for make in (contenders.fastapi, contenders.triton, contenders.mlserver)
    )
    contests = {
        "JSON": {
            "sooth": (sooth, "rows"),
            "FastAPI + numpy": (python, "python rows"),
            "sooth, tensor": (sooth, "tensor"),
            "MLServer": (mlserver, "mlserver tensor"),
            "Triton, Python backend": (triton, "triton tensor"),
        },
        "binary": {
            "sooth": (sooth, "binary"),
            "FastAPI + numpy": (python, "python binary"),
            "Triton, Python backend": (triton, "triton binary"),
        },
    }
    taken: dict[str, dict[str, list[Took]]] = {
        form: {name: [] for name in contest} for form, contest in contests.items()
    }
    first = {"fastapi": "python rows", "triton": "triton binary", "mlserver": "mlserver tensor"}
    servers = (sooth, python, triton, mlserver)
    try:
        for server in servers:
            call = calls[first.get(server.name, "rows")]
            server.launch(call, expected, log_of(bench, server))
        for _ in range(rounds):
            for form, contest in contests.items():
                for name, (server, what) in contest.items():
                    taken[form][name].append(once(server, calls[what], expected))
    finally:
        for server in servers:
            if server.process is not None:
                server.stop()
    return {
        form: {
            name: _beside(name, len(calls[contests[form][name][1]].body), each)
            for name in each
        }
        for form, each in taken.items()
    }


def _beside(name: str, body_bytes: int, taken: dict[str, list[Took]]) -> dict[str, Any]:
    of_tensor = name in ("MLServer", "Triton, Python backend") and "sooth, tensor" in taken
    ours = taken["sooth, tensor" if of_tensor else "sooth"]
    pairs = list(zip(taken[name], ours, strict=True))
    return {
        "wall_ms": median(one.wall_ms for one in taken[name]),
        "cpu_ms": median(one.cpu_ms for one in taken[name]),
        # How many times ours fits into theirs.
        "speed": asdict(Spread.of([t.wall_ms / o.wall_ms for t, o in pairs])),
        "memory": asdict(Spread.of([one.grown_bytes / body_bytes for one in taken[name]])),
        "body_bytes": body_bytes,
    }
