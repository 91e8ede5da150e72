"""What loading costs, by candidates and by trees; each in a fresh process."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path

from corpus import FaqSet
from peers.faq_scoring import as_reference
from rounds import Spread
from sooth import ScoreBench

ROUNDS = 5


def measure(faq: FaqSet, program: Path) -> dict[str, object]:
    """Sooth's loading, and joblib.load with what Python must do beside it."""
    loads = []
    for _ in range(ROUNDS):
        with ScoreBench(program, faq.folder, faq.folder / "queries.txt") as bench:
            loads.append(bench.loaded)
    cpu, wall = time.process_time(), time.perf_counter()
    as_reference(faq.folder)
    return {
        "trees": faq.trees,
        "candidates": faq.candidates,
        "cpu_s": asdict(Spread.of([load.cpu_s for load in loads])),
        "wall_s": asdict(Spread.of([load.wall_s for load in loads])),
        "peak_mb": max(load.peak_kb for load in loads) / 1024,
        "python_cpu_s": time.process_time() - cpu,
        "python_wall_s": time.perf_counter() - wall,
    }
