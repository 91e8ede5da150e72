"""A server under test: started on its processor, asked, watched and stopped."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from machine import SERVER_CPU, Bench, on_cpu
from servers import Server, free_port

Reader = Callable[[bytes], object]


@dataclass(frozen=True)
class Call:
    """A request, and how to read what its answer says."""

    path: str
    body: bytes
    read: Reader
    headers: dict[str, str] = field(default_factory=dict)


def read_rows(body: bytes) -> object:
    """Of /score: the answer itself."""
    return json.loads(body)


def read_tensor(body: bytes) -> object:
    """Of the Open Inference Protocol in JSON: the numbers of the first output."""
    return json.loads(body)["outputs"][0]["data"]


class TestedServer(Server):
    """One worker, on the server's processor. `spare_ports` are free ones for {port1}, {port2}."""

    pinned = True

    def launch(self, call: Call, expected: object, log: Path) -> float:
        """Starts it; seconds until its first answer, which must be the expected one."""
        ports = {name: free_port() for name in ("port", "port1", "port2")}
        self.port = ports["port"]
        command = [part.format(**ports) for part in self.command]
        environment = {key: value.format(**ports) for key, value in self.environment.items()}
        with log.open("wb") as output:
            started = time.perf_counter()
            self.process = subprocess.Popen(
                on_cpu(SERVER_CPU, command) if self.pinned else command,
                cwd=self.folder,
                env=os.environ | environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        while True:
            if self.process.poll() is not None or time.perf_counter() > started + 90:
                self.stop()
                raise SystemExit(f"{self.name} did not answer; see {log}")
            try:
                status, answer = self.ask(call)
            except (OSError, HTTPException):
                status, answer = 0, b""
            if status == 200:
                break
            time.sleep(0.05)
        elapsed = time.perf_counter() - started
        if call.read(answer) != expected:
            self.stop()
            raise SystemExit(f"{self.name}: expected {expected}, got {answer[:200]!r}")
        return elapsed

    def ask(self, call: Call) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            headers = {"Content-Type": "application/json"} | call.headers
            connection.request("POST", call.path, call.body, headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def peak_bytes(self) -> int:
        """The most memory that its processes had since forget_peak(), together."""
        return sum(_status_kb(each, "VmHWM") for each in self._processes()) * 1024

    def resident_bytes(self) -> int:
        return sum(_status_kb(each, "VmRSS") for each in self._processes()) * 1024

    def forget_peak(self) -> None:
        for each in self._processes():
            (each / "clear_refs").write_text("5")


def _status_kb(process: Path, name: str) -> int:
    for line in (process / "status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    return 0


@dataclass(frozen=True)
class Slice:
    """One round of closed-loop load."""

    per_s: float
    cpu_us: float  # Of the server, for one request.
    p50_us: float
    p99_us: float


def load_closed(
    bench: Bench, server: TestedServer, call: Call, connections: int, seconds: float, expected: Any
) -> Slice:
    """Loads a server; every answer must be the same bytes and say what is expected."""
    bodies = bench.work / f"{server.name}-bodies"
    answers = bench.work / f"{server.name}-answers"
    bodies.write_bytes(call.body + b"\n")
    cpu = server.cpu_s()
    words = (server.port, call.path, bodies, connections, seconds, answers)
    told = json.loads(bench.load("sooth_load", *words))
    cpu = server.cpu_s() - cpu
    if told["errors"] or told["different"] or told["answers"] == 0:
        raise SystemExit(f"{server.name}, {seconds} s of load: {told}")
    if call.read(answers.read_bytes()) != expected:
        raise SystemExit(f"{server.name}: {answers}: expected {expected}")
    count = told["answers"]
    return Slice(told["per_s"], 1e6 * cpu / count, 1e3 * told["p50_ms"], 1e3 * told["p99_ms"])
