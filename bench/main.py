"""Measures everything and writes results/faq.json and results/faq.md. Started by run.sh."""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import faq_in_process
import faq_over_http
import loading
import other_models
from corpus import FaqSet, make_set
from faq_over_http import Programs
from report import describe_machine, write_report

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "demos/faq"
# Candidates, eight times the trees, long texts.
IN_PROCESS = [
    (132, False, False),
    (182, False, False),
    (182, True, False),
    (182, False, True),
    (182, True, True),
    (1820, False, False),
    (1820, True, False),
    (20_000, False, False),
    (20_000, True, False),
]
LOADING = [(182, False), (1820, False), (20_000, False), (182, True), (1820, True), (20_000, True)]


def log(words: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {words}", flush=True)


def parts(programs: Programs, work: Path, seconds: float) -> dict[str, Callable[[], object]]:
    """Each part of the result, by name."""

    def faq_set(candidates: int, eightfold: bool, long: bool = False) -> FaqSet:
        faq = make_set(DEMO, work, candidates, eightfold, long)
        log(f"  {faq.trees} trees, {candidates} candidates{' of long texts' if long else ''}")
        return faq

    def in_process() -> object:
        sets = (faq_set(*which) for which in IN_PROCESS)
        return [faq_in_process.measure(faq, programs.score_bench) for faq in sets]

    def load_times() -> object:
        sets = (faq_set(*which) for which in LOADING)
        return [loading.measure(faq, programs.score_bench) for faq in sets]

    return {
        "other_models": lambda: other_models.measure(programs.score_bench, work),
        "start": lambda: faq_over_http.measure_start(programs, DEMO, work, 11),
        "over_http": lambda: faq_over_http.measure(
            programs, faq_set(182, False), work, rounds=7, seconds=seconds
        ),
        "loading": load_times,
        "in_process": in_process,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=ROOT / "build/release")
    parser.add_argument("--work", type=Path, default=ROOT / "build/bench")
    parser.add_argument("--venvs", type=Path, required=True, help="where the peers are installed")
    parser.add_argument("--results", type=Path, default=ROOT / "bench/results")
    parser.add_argument("--slice", type=float, default=2.5, help="seconds of load on one server")
    parser.add_argument("--only", nargs="*", help="parts to measure; the others stay as they are")
    options = parser.parse_args()
    build = options.build
    programs = Programs(
        build / "sooth",
        build / "bench/sooth_score_bench",
        build / "bench/sooth_load",
        options.venvs,
    )
    os.environ["FAQ_DEMO"] = str(DEMO)
    work = options.work / "sets"
    work.mkdir(parents=True, exist_ok=True)
    options.results.mkdir(parents=True, exist_ok=True)
    raw = options.results / "faq.json"
    results = json.loads(raw.read_text()) if options.only and raw.exists() else {}
    # A part that was measured later than the others makes it several runs.
    results["one_run"] = not options.only
    started = time.perf_counter()
    for name, measure in parts(programs, work, options.slice).items():
        if options.only and name not in options.only:
            continue
        log(name.replace("_", " "))
        results[name] = measure()
        results["machine"] = describe_machine()
        raw.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    write_report(results, options.results / "faq.md")
    log(f"{options.results / 'faq.md'} written after {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
