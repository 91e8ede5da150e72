"""Where things run: programs, folders, and the processors of server and generator."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def _processors() -> tuple[int, int]:
    usable = sorted(os.sched_getaffinity(0))
    if len(usable) < 2:
        raise SystemExit("bench: expected two processors, one for the server and one for its load")
    return usable[0], usable[1]


SERVER_CPU, LOAD_CPU = _processors()


def on_cpu(cpu: int, command: list[str]) -> list[str]:
    """The command, on that processor alone."""
    return ["taskset", "-c", str(cpu), *command]


@dataclass(frozen=True)
class Bench:
    """What run.sh has built and installed, and where to write."""

    build: Path
    venvs: Path
    work: Path

    @property
    def sooth(self) -> Path:
        return self.build / "sooth"

    @property
    def models(self) -> Path:
        """Made anew where models.py has changed."""
        digest = hashlib.sha256((HERE / "models.py").read_bytes()).hexdigest()
        return self.work / f"models-{digest[:12]}"

    def program(self, name: str) -> str:
        return str(self.build / "bench" / name)

    def venv(self, name: str, program: str) -> str:
        return str(self.venvs / name / "bin" / program)

    def load(self, name: str, *words: object) -> str:
        """Runs a generator on its processor; what it prints."""
        command = on_cpu(LOAD_CPU, [self.program(name), *map(str, words)])
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(command)}: {done.stderr}")
        return done.stdout

    def idle_python(self, script: str, *words: object) -> subprocess.Popen[str]:
        """Starts a script of this folder on what the generator leaves of its processor.

        A generator that waited for it would take the wait for the server's.
        """
        command = ["chrt", "--idle", "0", sys.executable, str(HERE / script), *map(str, words)]
        return subprocess.Popen(
            on_cpu(LOAD_CPU, command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
