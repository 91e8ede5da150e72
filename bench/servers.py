"""Servers as processes: started, timed to their first right answer, watched and stopped."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

Answer = list[tuple[int, int, float]]
TICK = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@dataclass
class Server:
    """A command to start, with {port} where the port goes."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    folder: Path = Path()
    poll_s: float = 0.02
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    def start(self, query: str, expected: Answer, log: Path) -> float:
        """Starts it; the seconds from exec to the first answer, which must be the right one."""
        self.port = free_port()
        command = [part.format(port=self.port) for part in self.command]
        with log.open("wb") as output:
            started = time.perf_counter()
            self.process = subprocess.Popen(
                command,
                cwd=self.folder,
                env=os.environ | self.environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        while (answer := self._try(query)) is None:
            if self.process.poll() is not None or time.perf_counter() > started + 120:
                raise SystemExit(f"{self.name} did not answer; see {log}")
            time.sleep(self.poll_s)
        elapsed = time.perf_counter() - started
        if read_answer(answer) != expected:
            raise SystemExit(f"{self.name}: the first answer is not the right one")
        return elapsed

    def stop(self) -> None:
        """Asks, then insists; every process it started goes with it. Nothing where none runs."""
        if self.process is None:
            return
        for kind in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, kind)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(5)
        self.process = None

    def cpu_s(self) -> float:
        """CPU time so far, of all its processes."""
        stats = [_stat(process) for process in self._processes()]
        return sum(int(stat[11]) + int(stat[12]) for stat in stats if stat) / TICK

    def memory_mb(self) -> float:
        """Resident memory, what processes share counted once (PSS)."""
        total = 0
        for process in self._processes():
            lines = (process / "smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        return total / 1024

    def _processes(self) -> list[Path]:
        assert self.process is not None
        session = str(self.process.pid)
        every = (path for path in Path("/proc").iterdir() if path.name.isdigit())
        return [path for path in every if (stat := _stat(path)) and stat[3] == session]

    def _try(self, query: str) -> bytes | None:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            body = json.dumps({"input": query})
            connection.request("POST", "/score", body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            answer = response.read()
            return answer if response.status == 200 else None
        except (OSError, HTTPException):
            return None
        finally:
            connection.close()


def read_answer(body: bytes | str) -> Answer:
    """[[id, answer id, probability], ...]"""
    return [(one, answer, score) for one, answer, score in json.loads(body)]


def _stat(process: Path) -> list[str] | None:
    """The fields of /proc/N/stat from the state on."""
    try:
        text = (process / "stat").read_text()
    except OSError:
        return None
    return text[text.rindex(")") + 2 :].split()
