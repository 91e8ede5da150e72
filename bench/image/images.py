"""What the parts of the image benchmark share: programs, files, and what the right answers are."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PEERS = HERE / "peers"
sys.path.insert(0, str(PEERS))

TOP = 3
# Of a probability, between engines: float32 through 152 layers.
TOLERANCE = 1e-3

Answer = list[tuple[str, float]]  # Names and probabilities, best first.


class Skipped(Exception):
    """Why something is not measured on this machine."""


@dataclass(frozen=True)
class Images:
    """What run.sh has built and installed, what was made, and where to write."""

    build: Path
    venvs: Path
    made: Path  # By networks.py.
    work: Path

    @property
    def sooth(self) -> str:
        return str(self.build / "sooth")

    def program(self, name: str) -> str:
        return str(self.build / "bench" / name)

    def venv(self, name: str, program: str) -> str:
        return str(self.venvs / name / "bin" / program)

    def has_venv(self, name: str) -> bool:
        return (self.venvs / name / "complete").exists()

    @property
    def library(self) -> Path:
        """ONNX Runtime's, of the environment whose Python is measured."""
        packages = (self.venvs / "image/lib").glob("python3.*/site-packages")
        return next(next(packages).glob("onnxruntime/capi/libonnxruntime.so.*"))

    @cached_property
    def runtime_dir(self) -> Path:
        """Where Sooth finds the same library."""
        folder = self.work / "runtime/onnx"
        folder.mkdir(parents=True, exist_ok=True)
        link = folder / self.library.name
        link.unlink(missing_ok=True)
        link.symlink_to(self.library)
        return folder.parent

    @property
    def environment(self) -> dict[str, str]:
        """Of `sooth`."""
        return {
            "SOOTH_RUNTIME_DIR": str(self.runtime_dir),
            "SOOTH_WORKSPACE": str(self.work / "workspace"),
        }

    @property
    def pictures(self) -> Path:
        return self.made / "pictures"

    def picture_files(self) -> list[Path]:
        return sorted(self.pictures.iterdir())

    def network(self, name: str) -> Path:
        folder = self.made / name
        if not folder.is_dir():
            raise Skipped("the material beside the tree is absent")
        return folder

    def register(self, name: str) -> None:
        """Puts a network into the workspace, unless it is there as it was made."""
        mark = self.work / f"workspace/{name}.registered"
        made = (self.made / "complete").read_text()
        if mark.exists() and mark.read_text() == made:
            return
        words = [self.sooth, "register", str(self.network(name)), "--name", name]
        done = subprocess.run(
            words, env=os.environ | self.environment, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(words)}: {done.stderr}")
        mark.write_text(made)

    def expected(self, name: str) -> list[Answer]:
        """What ONNX Runtime and Pillow say to each picture."""
        import numpy
        from engines import make_engine
        from preparing import prepare

        compute = make_engine("ort", str(self.network(name) / "model.onnx"), threads=None)
        labels = (self.network(name) / "labels.txt").read_text("utf-8").splitlines()
        answers = []
        for file in self.picture_files():
            logits = compute(prepare(io.BytesIO(file.read_bytes())))[0].astype(numpy.float64)
            shares = numpy.exp(logits - logits.max())
            shares /= shares.sum()
            best = numpy.argsort(-shares, kind="stable")[:TOP]
            answers.append([(labels[i], float(shares[i])) for i in best])
        return answers


def read_answer(body: bytes | str) -> Answer:
    """[[id, name, probability], ...]"""
    return [(name, share) for _, name, share in json.loads(body)]


def agree(got: Answer, expected: Answer) -> bool:
    """The same categories in the same order, but for those that are as good as equal."""
    if len(got) != len(expected):
        return False
    if any(abs(g[1] - e[1]) > TOLERANCE for g, e in zip(got, expected, strict=True)):
        return False
    return got[0][0] == expected[0][0] or abs(expected[0][1] - expected[1][1]) < TOLERANCE
