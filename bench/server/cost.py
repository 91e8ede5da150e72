"""What a request costs: CPU beside other servers, and latency beside the least that is possible."""

from __future__ import annotations

import socket
import time
from dataclasses import asdict
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import contenders
from machine import Bench
from process import Call, Slice, TestedServer, load_closed, read_rows, read_tensor
from rounds import Spread

CONNECTIONS = 16

ROWS = b'{"data": [[1.5]]}'
TENSOR = (
    b'{"id": "1", "inputs": [{"name": "x", "shape": [1, 1], "datatype": "FP64", "data": [1.5]}]}'
)
INFER = "/v2/models/model/infer"

SCORE = Call("/score", ROWS, read_rows)
OIP = Call(INFER, TENSOR, read_tensor)
ROWS_ANSWER = [[1.5]]
TENSOR_ANSWER = [1.5]


def answer_of(call: Call) -> Any:
    return TENSOR_ANSWER if call.read is read_tensor else ROWS_ANSWER


def log_of(bench: Bench, server: TestedServer) -> Path:
    return bench.work / f"{server.name}.log"


def measure_cpu(bench: Bench, rounds: int, seconds: float) -> dict[str, Any]:
    """All servers run, one is loaded at a time, in turns. The same bytes go to Sooth."""
    sooth = contenders.sooth(bench, bench.models / "identity.joblib")
    python = contenders.fastapi(bench)
    asynchronous = Call("/async-score", ROWS, read_rows)
    calls: dict[str, tuple[TestedServer, Call]] = {
        "sooth": (sooth, SCORE),
        "sooth, tensor": (sooth, OIP),
        "FastAPI + uvicorn": (python, SCORE),
        "FastAPI + uvicorn, async def": (python, asynchronous),
        "azureml-inference-server-http": (contenders.azureml(bench), SCORE),
        "mosec": (contenders.mosec(bench), Call("/inference", ROWS, read_rows)),
        "Triton, Python backend": (contenders.triton(bench), OIP),
        "MLServer": (contenders.mlserver(bench), OIP),
    }
    servers = list({id(server): server for server, _ in calls.values()}.values())
    slices: dict[str, list[Slice]] = {name: [] for name in calls}
    try:
        for server in servers:
            call = next(call for each, call in calls.values() if each is server)
            server.launch(call, answer_of(call), log_of(bench, server))
        one = partial(load_closed, bench, connections=CONNECTIONS)
        for server, call in calls.values():
            one(server, call, seconds=0.5, expected=answer_of(call))
        for _ in range(rounds):
            for name, (server, call) in calls.items():
                taken = one(server, call, seconds=seconds, expected=answer_of(call))
                slices[name].append(taken)
    finally:
        for server in servers:
            server.stop()
    return {
        "connections": CONNECTIONS,
        "seconds": seconds,
        "servers": {name: _beside(name, calls[name][1], slices) for name in calls},
    }


def _beside(name: str, call: Call, slices: dict[str, list[Slice]]) -> dict[str, Any]:
    ours = slices["sooth, tensor" if call is OIP else "sooth"]
    pairs = list(zip(slices[name], ours, strict=True))
    return {
        "cpu_us": median(t.cpu_us for t in slices[name]),
        "per_s": median(t.per_s for t in slices[name]),
        "p50_us": median(t.p50_us for t in slices[name]),
        # What Sooth takes, as a share of what this server takes.
        "share": asdict(Spread.of([o.cpu_us / t.cpu_us for t, o in pairs])),
    }


def whole_answer(server: TestedServer, call: Call) -> bytes:
    """Head and body as they come, for the minimal server to answer the same bytes."""
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        head = f"POST {call.path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json"
        client.sendall(f"{head}\r\nContent-Length: {len(call.body)}\r\n\r\n".encode() + call.body)
        return client.recv(65536)


def measure_latency(bench: Bench, rounds: int, seconds: float) -> dict[str, Any]:
    """One connection: Sooth beside a server that answers the same bytes to whatever comes."""
    sooth = contenders.sooth(bench, bench.models / "identity.joblib")
    answer = bench.work / "answer"
    minimal = contenders.minimal(bench, answer)
    slices: dict[str, list[Slice]] = {"sooth": [], "epoll": []}
    try:
        sooth.launch(SCORE, ROWS_ANSWER, log_of(bench, sooth))
        answer.write_bytes(whole_answer(sooth, SCORE))
        minimal.launch(SCORE, ROWS_ANSWER, log_of(bench, minimal))
        for turn in range(rounds + 1):
            for server in (sooth, minimal):
                one = load_closed(bench, server, SCORE, 1, seconds, ROWS_ANSWER)
                if turn > 0:
                    slices[server.name].append(one)
                time.sleep(0.05)
    finally:
        for server in (sooth, minimal):
            server.stop()
    pairs = list(zip(slices["sooth"], slices["epoll"], strict=True))
    return {
        "p50_us": {name: median(one.p50_us for one in taken) for name, taken in slices.items()},
        "cpu_us": {name: median(one.cpu_us for one in taken) for name, taken in slices.items()},
        "ratio": asdict(Spread.of([o.p50_us / m.p50_us for o, m in pairs])),
    }

