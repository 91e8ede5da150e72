"""Measures the server and writes results/server.json and results/server.md. Started by run.sh."""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import attacks
import contenders
import cost
import exchanges
import large
import overload
import table
from machine import ROOT, Bench
from report import describe_machine

# In this order; `peers` belongs to the table of `overload`.
PARTS = (
    "cpu",
    "latency",
    "overload",
    "peers",
    "small",
    "attacks",
    "large",
    "swaps",
    "restarts",
    "nginx",
    "many",
)


def log(words: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {words}", flush=True)


def parts(bench: Bench, scale: float) -> dict[str, Callable[[], object]]:
    """Each part of the result, by name; `scale` makes rounds longer or shorter."""
    return {
        "cpu": partial(cost.measure_cpu, bench, rounds=5, seconds=1.2 * scale),
        "latency": partial(cost.measure_latency, bench, rounds=9, seconds=1.2 * scale),
        "overload": partial(overload.measure, bench, overload.LARGE, rounds=5, seconds=8 * scale),
        "peers": partial(overload.measure_peers, bench, seconds=4 * scale),
        "small": partial(overload.measure, bench, overload.SMALL, rounds=5, seconds=scale),
        "attacks": partial(attacks.measure, bench, rounds=5, seconds=3 * scale),
        "large": partial(large.measure, bench, rounds=5),
        "swaps": partial(exchanges.swap, bench, swaps=round(10_000 * scale)),
        "restarts": partial(exchanges.restart, bench, restarts=round(50 * scale)),
        "nginx": partial(exchanges.restart_behind_nginx, bench, restarts=round(50 * scale)),
        "many": partial(exchanges.serve_many, bench, models=round(2_000 * scale)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=ROOT / "build/release")
    parser.add_argument("--work", type=Path, default=ROOT / "build/bench/server")
    parser.add_argument("--venvs", type=Path, required=True, help="where the peers are installed")
    parser.add_argument("--results", type=Path, default=ROOT / "bench/results")
    parser.add_argument("--scale", type=float, default=1, help="of the length of the rounds")
    parser.add_argument("--only", nargs="*", choices=PARTS, help="the others stay as they are")
    options = parser.parse_args()
    # Whoever ends this ends the servers with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    options.work.mkdir(parents=True, exist_ok=True)
    bench = Bench(options.build.resolve(), options.venvs.resolve(), options.work.resolve())
    raw = options.results / "server.json"
    results = json.loads(raw.read_text()) if options.only and raw.exists() else {}
    results["one_run"] = not options.only
    started = time.perf_counter()
    log("models")
    make_models(bench)
    for name, measure in parts(bench, options.scale).items():
        if options.only and name not in options.only:
            continue
        log(name)
        results[name] = measure()
        results["machine"] = describe_machine()
        results["machine"]["versions"] |= contenders.versions(bench)
        raw.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    table.write(results, options.results / "server.md")
    log(f"{options.results / 'server.md'} written after {time.perf_counter() - started:.0f} s")


def make_models(bench: Bench) -> None:
    """In a process of its own: scikit-learn's threads and memory are not wanted here."""
    python = bench.venv("fastapi", "python")
    subprocess.run([python, str(ROOT / "bench/server/models.py"), str(bench.models)], check=True)


if __name__ == "__main__":
    main()
