"""A `sooth serve` of this machine, for benches of servers as such: started, asked, stopped."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import time
from pathlib import Path

from machine import on_cpu

FIRST_INHERITED = 3  # Where a service manager passes on its first socket.


class LocalServer:
    """A server that asks for no keys; a context manager that ends it with SIGTERM.

    Listens on a free port of loopback, or on the port or the socket that it is given; runs on all
    processors, or on the one that it is given.
    """

    def __init__(
        self,
        program: Path,
        arguments: list[str],
        folder: Path,
        listener: socket.socket | None = None,
        port: int = 0,
        cpu: int | None = None,
    ) -> None:
        self._log = (folder / f"serve-{time.monotonic_ns()}.log").open("wb")
        command = [str(program), "serve", "--port", str(port), "--open", *arguments]
        inherited: tuple[int, ...] = ()
        if listener is not None:
            inherited = (listener.fileno(),)
            # Takes the place that the server looks at, in the process that it becomes.
            passing = 'LISTEN_PID=$$ LISTEN_FDS=1; export LISTEN_PID LISTEN_FDS; exec "$@"'
            passing += f" {FIRST_INHERITED}<&{listener.fileno()}"
            command = ["/bin/sh", "-c", passing, "sh", *command]
        if cpu is not None:
            command = on_cpu(cpu, command)
        started = time.perf_counter()
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=self._log,
            pass_fds=inherited,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        self.start_s = time.perf_counter() - started
        found = re.search(r"http://[^:/]+:(\d+)", line)
        if found is None:
            self.stop()
            raise SystemExit(f"sooth serve did not start: {Path(self._log.name).read_text()}")
        self.port = int(found[1])

    def __enter__(self) -> LocalServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends it and waits; once is enough."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        self._log.close()

    def memory_mb(self) -> float:
        """Resident, of which what other processes have too counts in part (PSS)."""
        lines = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024

    def mapped_blobs(self) -> int:
        """How many files of a workspace it has mapped."""
        return Path(f"/proc/{self.process.pid}/maps").read_text().count("/blobs/sha256/")
