"""ResNet-152 in batches on a GPU: Sooth's engine beside torch, eager and compiled, on the same one."""

from __future__ import annotations

import json
import math
import subprocess
from contextlib import ExitStack
from dataclasses import asdict
from itertools import product
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy
from images import PEERS, Images, Skipped
from rounds import Spread

Raw = dict[str, Any]

NETWORK = "resnet152"
BATCHES = (1, 2, 4, 8, 16, 32, 64)
DRIVER = Path("/proc/driver/nvidia/version")
TORCH = "torch==2.15.0"


class Contender:
    """A program that runs batches as it is told; a context manager."""

    def __init__(self, words: list[str]) -> None:
        self._words = words

    def __enter__(self) -> Contender:
        self._process = subprocess.Popen(
            self._words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def run(self, batch: int, seconds: float) -> Raw:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(f"run {batch} {seconds}\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise Skipped(f"{Path(self._words[0]).name} ended; what it said stands above")
        told: Raw = json.loads(line)
        return told


def require_cuda_runtime(images: Images) -> None:
    folder = images.runtime_dir / "onnx-cuda"
    if folder.is_dir() and any(folder.rglob("libonnxruntime_providers_cuda.so")):
        return
    words = [images.sooth, "engines", "install", "onnx", "--cuda"]
    words += ["--python", images.venv("image", "python"), "--runtime-dir", str(images.runtime_dir)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Skipped(f"the runtime for CUDA cannot be installed: {done.stderr.strip()[-200:]}")


def torch_python(images: Images, device: str) -> str:
    """Of a torch for the device; without a GPU the one that is measured behind HTTP."""
    if device == "cpu":
        if not images.has_venv("torch"):
            raise Skipped("torch could not be installed")
        return images.venv("torch", "python")
    folder = images.venvs / "torch-cuda"
    python = str(folder / "bin/python")
    if not images.has_venv("torch-cuda"):
        subprocess.run([images.venv("image", "python"), "-m", "venv", "--clear", folder], check=True)
        pip = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        done = subprocess.run([*pip, TORCH, "numpy"], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Skipped(f"torch cannot be installed: {done.stderr.strip()[-200:]}")
        (folder / "complete").touch()
    return python


def contenders(images: Images, device: str) -> dict[str, Contender]:
    provider = "cpu" if device == "cpu" else "cuda"
    network = images.network(NETWORK)
    program = images.program("sooth_batch_bench")
    words = [program, str(images.runtime_dir), provider, str(network), "model.onnx"]
    found = {"sooth, float32": Contender(words)}
    python = torch_python(images, device)
    script, weights = str(PEERS / "torch_batches.py"), str(images.made / f"{NETWORK}.npz")
    for mode, precision in (("eager", "float32"), ("eager", "bfloat16"), ("compile", "bfloat16")):
        name = f"torch {mode}, {precision}"
        found[name] = Contender([python, script, device, mode, precision, weights])
    return found


def summary(rounds: list[Raw], batch: int) -> Raw:
    """Of one contender with one batch: a percentile is that of a round."""
    per_s = [1e3 * batch * len(one["ms"]) / math.fsum(one["ms"]) for one in rounds]
    figures = {"per_s": per_s}
    for share in (50, 99):
        figures[f"p{share}_ms"] = [float(numpy.percentile(one["ms"], share)) for one in rounds]
    return {name: asdict(Spread.of(values)) for name, values in figures.items()}


def measure_gpu(images: Images, rounds: int, seconds: float, device: str = "cuda") -> Raw:
    """Everybody in turns for each batch. With the device "cpu" it is tried where there is no GPU."""
    if device != "cpu":
        if not DRIVER.exists():
            raise Skipped("the machine has no GPU of NVIDIA's")
        require_cuda_runtime(images)
    batches = BATCHES if device != "cpu" else BATCHES[:2]
    result: Raw = {"device": device_name(device), "servers": {}, "apart": {}}
    told: dict[str, dict[int, list[Raw]]] = {}
    with ExitStack() as running:
        started = {
            name: running.enter_context(one) for name, one in contenders(images, device).items()
        }
        for batch, _, (name, contender) in product(batches, range(rounds), started.items()):
            one = contender.run(batch, seconds)
            told.setdefault(name, {}).setdefault(batch, []).append(one)
    for name, of in told.items():
        result["servers"][name] = {str(batch): summary(some, batch) for batch, some in of.items()}
    # Of the largest number that eager torch answers in float32.
    reference = told["torch eager, float32"]
    for name, of in told.items():
        result["apart"][name] = max(
            distance(of[batch][0]["first"], reference[batch][0]["first"]) for batch in batches
        )
    return result


def distance(got: list[float], expected: list[float]) -> float:
    right = numpy.array(expected)
    return float(numpy.abs(numpy.array(got) - right).max() / numpy.abs(right).max())


def device_name(device: str) -> str:
    if device == "cpu":
        return "the CPU, to try this part"
    told = subprocess.run(
        ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"],
        capture_output=True, text=True, check=False,
    )
    return told.stdout.splitlines()[0] if told.returncode == 0 and told.stdout else "a GPU of NVIDIA's"
