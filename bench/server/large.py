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


@dataclass(frozen=True)
class Calls:
    """The same numbers in each way to send them, and the right answer to all."""

    by_name: dict[str, Call]
    answer: list[int]


def make_calls(count: int) -> Calls:
    numbers = numpy.random.default_rng(7).random((count, WIDE_COLUMNS), numpy.float32)
    labels = (numbers @ numpy.ones(WIDE_COLUMNS) > WIDE_COLUMNS / 2).astype(int).tolist()
    # As many digits as say which number it is.
    rows = [[float(str(cell)) for cell in row] for row in numbers]
    tensor = {"name": "x", "shape": [count, WIDE_COLUMNS], "datatype": "FP32"}
    flat = [cell for row in rows for cell in row]
    binary = tensor | {"parameters": {"binary_data_size": numbers.nbytes}}
    # One output of the several that Sooth's model has.
    wanted = {"outputs": [{"name": "predict"}]}
    head = json.dumps({"inputs": [binary]} | wanted).encode()
    # Triton answers in binary unless it is told not to.
    asked = {"name": "transform", "parameters": {"binary_data": False}}
    triton_head = json.dumps({"inputs": [binary], "outputs": [asked]}).encode()

    def in_binary(path: str, start: bytes, read: Any) -> Call:
        headers = {
            "Content-Type": "application/octet-stream",
            "Inference-Header-Content-Length": str(len(start)),
        }
        return Call(path, start + numbers.tobytes(), read, headers)

    as_rows = json.dumps({"data": rows}).encode()
    as_tensor = json.dumps({"id": "1", "inputs": [tensor | {"data": flat}]}).encode()
    as_wanted = json.dumps({"inputs": [tensor | {"data": flat}]} | wanted).encode()
    calls = {
        "rows": Call("/score", as_rows, read_rows),
        "python rows": Call("/wide", as_rows, read_rows),
        "tensor": Call(INFER, as_wanted, read_tensor),
        "triton tensor": Call("/v2/models/wide/infer", as_tensor, read_tensor),
        "mlserver tensor": Call(
            INFER, as_tensor.replace(b'"name": "x"', b'"name": "wide"', 1), read_tensor
        ),
        "binary": in_binary(INFER, head, read_tensor),
        "python binary": in_binary("/binary", head, read_rows),
        "triton binary": in_binary("/v2/models/wide/infer", triton_head, read_tensor),
    }
    return Calls(calls, labels)


@dataclass(frozen=True)
class Took:
    wall_ms: float
    cpu_ms: float


def once(server: TestedServer, call: Call, expected: list[int]) -> Took:
    """One request over a connection of its own, from the first byte sent to the whole answer."""
    fields = {"Host": "localhost", "Content-Type": "application/json", "Connection": "close"}
    fields |= call.headers | {"Content-Length": str(len(call.body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    head = f"POST {call.path} HTTP/1.1\r\n{lines}\r\n".encode()
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
    return Took(1e3 * wall, 1e3 * cpu)


def _answer_bytes(answer: bytes) -> int:
    head = answer[: answer.index(b"\r\n\r\n") + 4]
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return len(head) + int(value)
    raise SystemExit(f"expected Content-Length, got {head!r}")


# By the form of the numbers: each server, and which of the calls it gets.
CONTESTS = {
    "JSON": {
        "sooth": "rows",
        "FastAPI + numpy": "python rows",
        "sooth, tensor": "tensor",
        "MLServer": "mlserver tensor",
        "Triton, Python backend": "triton tensor",
    },
    "binary": {
        "sooth": "binary",
        "FastAPI + numpy": "python binary",
        "Triton, Python backend": "triton binary",
    },
}


def make_server(bench: Bench, name: str) -> TestedServer:
    if name == "FastAPI + numpy":
        return contenders.fastapi(bench)
    if name == "MLServer":
        return contenders.mlserver(bench)
    if name == "Triton, Python backend":
        return contenders.triton(bench)
    return contenders.sooth(bench, bench.models / "wide.joblib", "--body-bytes-max", BODY_MAX)


def measure_memory(bench: Bench, name: str, what: str, calls: Calls, few: Calls) -> float:
    """By how much the peak of a server that is new grows with its first large request, in bodies."""
    server = make_server(bench, name)
    try:
        server.launch(few.by_name[what], few.answer, log_of(bench, server))
        before = server.resident_bytes()
        server.forget_peak()
        once(server, calls.by_name[what], calls.answer)
        return (server.peak_bytes() - before) / len(calls.by_name[what].body)
    finally:
        server.stop()


def measure(bench: Bench, rounds: int) -> dict[str, Any]:
    calls, few = make_calls(WIDE_ROWS), make_calls(1)
    contests = [(form, name, CONTESTS[form][name]) for form in CONTESTS for name in CONTESTS[form]]
    memory = {
        (form, name): measure_memory(bench, name, what, calls, few) for form, name, what in contests
    }
    servers = {name: make_server(bench, name) for name in CONTESTS["JSON"]}
    servers["sooth, tensor"] = servers["sooth"]
    taken: dict[tuple[str, str], list[Took]] = {(form, name): [] for form, name, _ in contests}
    try:
        for name, what in CONTESTS["JSON"].items():
            if servers[name].process is None:
                server = servers[name]
                server.launch(few.by_name[what], few.answer, log_of(bench, server))
        for turn in range(rounds + 1):
            for form, name, what in contests:
                one = once(servers[name], calls.by_name[what], calls.answer)
                if turn > 0:
                    taken[form, name].append(one)
    finally:
        for server in servers.values():
            server.stop()
    results: dict[str, Any] = {form: {} for form in CONTESTS}
    for form, name, what in contests:
        tensor = form == "JSON" and name in ("MLServer", "Triton, Python backend")
        ours = taken[form, "sooth, tensor" if tensor else "sooth"]
        results[form][name] = _beside(taken[form, name], ours) | {
            "memory": asdict(Spread.of([memory[form, name]])),
            "body_bytes": len(calls.by_name[what].body),
        }
    return results


def _beside(taken: list[Took], ours: list[Took]) -> dict[str, Any]:
    pairs = list(zip(taken, ours, strict=True))
    return {
        "wall_ms": median(one.wall_ms for one in taken),
        "cpu_ms": median(one.cpu_ms for one in taken),
        # How many times ours fits into theirs.
        "speed": asdict(Spread.of([t.wall_ms / o.wall_ms for t, o in pairs])),
    }
