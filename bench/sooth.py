"""Sooth's scoring in a process of its own, which takes turns with this one."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from rounds import Cost


@dataclass(frozen=True)
class Loaded:
    """What loading took."""

    cpu_s: float
    wall_s: float
    peak_kb: int
    factorised: bool


class ScoreBench:
    """`sooth_score_bench` on a model and a file of inputs; a context manager."""

    def __init__(self, program: Path, model: Path, inputs: Path) -> None:
        command = [str(program), str(model), str(inputs)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.loaded = Loaded(**json.loads(self._line()))

    def __enter__(self) -> ScoreBench:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def answers(self, inputs: int) -> list[list[tuple[int, float]]]:
        """Positions and values of the answers to the first inputs, best first."""
        self._tell("answers")
        lines = [self._line() for _ in range(inputs)]
        return [_pairs(line.split()) for line in lines]

    def time(self, what: str, repeats: int, inputs: int) -> Cost:
        """The cost of one scoring."""
        self._tell(f"time {what} {repeats} {inputs}")
        told = json.loads(self._line())
        return Cost(told["cpu_s"] / told["scored"], told["wall_s"] / told["scored"])

    def repeats_for(self, what: str, inputs: int, seconds: float) -> int:
        """How often to score so that a round is long enough to measure."""
        return max(1, int(seconds / (self.time(what, 1, inputs).wall * inputs)))

    def _tell(self, command: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"sooth_score_bench ended with status {self._process.wait()}")
        return line


def _pairs(words: list[str]) -> list[tuple[int, float]]:
    return [
        (int(i), float.fromhex(value)) for i, value in zip(words[::2], words[1::2], strict=True)
    ]
