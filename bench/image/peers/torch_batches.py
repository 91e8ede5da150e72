"""ResNet-152 of torch on batches: torch_batches.py DEVICE eager|compile float32|bfloat16 WEIGHTS

Obeys lines of standard input as sooth_batch_bench does, which has the same pictures:
`run BATCH SECONDS` is answered with what each run took, from memory to memory.
"""

from __future__ import annotations

import json
import sys
import time

import numpy
import torch
import torch_resnet

RUNS_MIN, WARM_UPS = 3, 3
NUMBERS_SHOWN = 16
PICTURE = (3, 224, 224)


def made_up(count: int) -> numpy.ndarray:
    """From -1 to 1, by Knuth's multiplicative hash of where they stand."""
    hashes = (numpy.arange(count, dtype=numpy.uint64) * 2654435761) % (1 << 32)
    return (hashes / 2147483648.0 - 1.0).astype(numpy.float32)


class Torch:
    def __init__(self, device: str, mode: str, precision: str, weights: str) -> None:
        self._device = device
        self._type = getattr(torch, precision)
        network = torch_resnet.load(weights).to(device, self._type)
        network = network.to(memory_format=torch.channels_last)
        self._network = torch.compile(network) if mode == "compile" else network
        self._warm: set[int] = set()

    def run(self, batch: int, seconds: float) -> str:
        pictures = torch.from_numpy(made_up(batch * numpy.prod(PICTURE)).reshape(batch, *PICTURE))
        if self._device != "cpu":
            pictures = pictures.pin_memory()
        if batch not in self._warm:  # What is compiled for a batch is not part of a run.
            for _ in range(WARM_UPS):
                self._compute(pictures)
            self._warm.add(batch)
        took_ms: list[float] = []
        end = time.perf_counter() + seconds
        while len(took_ms) < RUNS_MIN or time.perf_counter() < end:
            begun = time.perf_counter()
            answer = self._compute(pictures)
            took_ms.append(1e3 * (time.perf_counter() - begun))
        return json.dumps({"ms": took_ms, "first": answer[-1][:NUMBERS_SHOWN].tolist()})

    @torch.inference_mode()
    def _compute(self, pictures: torch.Tensor) -> torch.Tensor:
        """In memory, hence waited for."""
        there = pictures.to(self._device, self._type, memory_format=torch.channels_last)
        return self._network(there).to("cpu", torch.float32)


def main() -> None:
    contender = Torch(*sys.argv[1:])
    for line in sys.stdin:
        what, batch, seconds = line.split()
        assert what == "run"
        print(contender.run(int(batch), float(seconds)), flush=True)


if __name__ == "__main__":
    main()
