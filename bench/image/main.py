"""Measures networks of pictures and writes results/image.json and image.md. Started by run.sh."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import batches
import computing
import image_table
import providers
import serving
import starting
from images import HERE, ROOT, Images, Skipped
from report import describe_machine

LOAD_MAX = 1.0
PACKAGES = ("onnxruntime", "pillow", "numpy", "fastapi", "uvicorn")


def log(words: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {words}", flush=True)


def parts(images: Images, scale: float, device: str) -> dict[str, Callable[[], object]]:
    """Each part of the result, by name, in this order; `scale` makes rounds longer or shorter."""
    seconds = 7 * scale
    return {
        "start": partial(starting.measure_start, images, rounds=9),
        "load": partial(starting.measure_load, images, rounds=7),
        "preparation": partial(
            computing.measure_preparation, images, rounds=9, repeats=max(1, round(10 * scale))
        ),
        "overhead": partial(computing.measure_overhead, images, rounds=5),
        "http": partial(serving.measure_http, images, rounds=3, seconds=seconds),
        "precisions": partial(providers.measure_precisions, images, rounds=3, seconds=seconds),
        "gpu": partial(batches.measure_gpu, images, rounds=3, seconds=seconds / 2, device=device),
    }


def torch_version(images: Images) -> dict[str, str]:
    """Of the torch that is measured, where there is one."""
    found = (images.venvs / "torch/lib").glob("python3.*/site-packages/torch-*.dist-info")
    return {"torch": each.name.removesuffix(".dist-info").split("-")[1] for each in found}


PARTS = ("start", "load", "preparation", "overhead", "http", "precisions", "gpu")


def main() -> None:
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "sooth/bench/image"
    shared = ROOT.parent / "shared/material"
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=ROOT / "build/release")
    parser.add_argument("--work", type=Path, default=ROOT / "build/bench/image")
    parser.add_argument("--made", type=Path, default=cache, help="networks and pictures, made once")
    parser.add_argument("--venvs", type=Path, required=True, help="where the peers are installed")
    parser.add_argument("--results", type=Path, default=ROOT / "bench/results")
    parser.add_argument("--scale", type=float, default=1, help="of the length of the rounds")
    parser.add_argument("--device", default="cuda", help="of batches: cpu to try that part without a GPU")
    parser.add_argument("--only", nargs="*", choices=PARTS, help="the others stay as they are")
    options = parser.parse_args()
    # Whoever ends this ends the servers with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    options.work.mkdir(parents=True, exist_ok=True)
    folders = (options.build, options.venvs, options.made, options.work)
    images = Images(*(folder.resolve() for folder in folders))
    raw = options.results / "image.json"
    results = json.loads(raw.read_text()) if options.only and raw.exists() else {}
    results["one_run"] = not options.only
    started = time.perf_counter()
    if os.getloadavg()[0] > LOAD_MAX:
        log("WARNING: the machine has other work, which costs Sooth's nice threads most")
    log("networks and pictures")
    material = os.environ.get("SOOTH_MATERIAL", str(shared))
    # In a process of its own: its memory is not wanted here.
    subprocess.run([sys.executable, HERE / "networks.py", images.made, material], check=True)
    for name, measure in parts(images, options.scale, options.device).items():
        if options.only and name not in options.only:
            continue
        log(name)
        try:
            results[name] = measure()
        except Skipped as reason:
            results[name] = {"skipped": str(reason)}
        results["machine"] = describe_machine(PACKAGES)
        results["machine"]["versions"] |= torch_version(images)
        raw.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    image_table.write(results, options.results / "image.md")
    log(f"{options.results / 'image.md'} written after {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
