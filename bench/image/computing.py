"""In one process each, on one thread: preparation beside Pillow, the engine beside the bare runtime."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
from dataclasses import asdict
from typing import Any

from images import Images
from preparing import PRESETS
from rounds import Cost, Spread, ratios, take_turns, timed

Raw = dict[str, Any]


class PrepareBench:
    """`sooth_prepare_bench` on the pictures; a context manager."""

    def __init__(self, images: Images, preset: str) -> None:
        words = [images.program("sooth_prepare_bench"), preset, *images.picture_files()]
        self._process = subprocess.Popen(
            list(map(str, words)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> PrepareBench:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def digests(self) -> list[str]:
        return self._ask("digests").split()

    def time(self, repeats: int, pictures: int) -> Cost:
        told = json.loads(self._ask(f"time {repeats}"))
        scored = repeats * pictures
        return Cost(told["cpu_s"] / scored, told["wall_s"] / scored)

    def _ask(self, line: str) -> str:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()


def measure_preparation(images: Images, rounds: int, repeats: int) -> Raw:
    """Decode, resize and normalise each picture; the bytes of every tensor are compared."""
    pictures = [file.read_bytes() for file in images.picture_files()]
    result: Raw = {}
    for preset, prepare in PRESETS.items():
        with PrepareBench(images, preset) as ours:
            theirs = [hashlib.sha256(prepare(io.BytesIO(one)).tobytes()).hexdigest() for one in pictures]
            if ours.digests() != theirs:
                raise SystemExit(f"{preset}: expected the bytes that Pillow and NumPy give")

            def python(prepare: Any = prepare) -> None:
                for _ in range(repeats):
                    for one in pictures:
                        prepare(io.BytesIO(one))

            count = repeats * len(pictures)
            costs = take_turns(
                {
                    "pillow": lambda run=python, n=count: timed(run, n),
                    "sooth": lambda bench=ours: bench.time(repeats, len(pictures)),
                },
                rounds,
            )
        result[preset] = {
            "ratio": {k: asdict(v) for k, v in ratios(costs["pillow"], costs["sooth"]).items()},
            "cpu_ms": {
                who: asdict(Spread.of([1e3 * each.cpu for each in some]))
                for who, some in costs.items()
            },
        }
    return result


# Pairs of runs in a round.
PAIRS = {"squeezenet": 120, "resnet152": 6}


def measure_overhead(images: Images, rounds: int) -> Raw:
    """Medians of runs that take turns, one after the other; the answers are the same bits."""
    result: Raw = {}
    for name, pairs in PAIRS.items():
        if not (images.made / name).is_dir():
            continue
        shares, bare, engine = [], [], []
        for _ in range(rounds):
            words = [images.program("sooth_overhead_bench"), images.library, images.network(name)]
            told = json.loads(subprocess.check_output([*map(str, words), "model.onnx", str(pairs)]))
            paired = zip(told["engine_us"], told["bare_us"], strict=True)
            shares.append(100 * (Spread.of([ours / theirs for ours, theirs in paired]).median - 1))
            bare.append(Spread.of(told["bare_us"]).median / 1e3)
            engine.append(Spread.of(told["engine_us"]).median / 1e3)
        result[name] = {
            "overhead_percent": asdict(Spread.of(shares)),
            "bare_ms": asdict(Spread.of(bare)),
            "engine_ms": asdict(Spread.of(engine)),
            "pairs": pairs,
        }
    return result
