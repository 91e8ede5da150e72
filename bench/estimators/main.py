"""Measures fitted estimators and writes results/sklearn.json and sklearn.md. Started by run.sh."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))

import joblib  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

from estimators.contenders import Library, OnnxRuntime, PlanBench, matches  # noqa: E402
from estimators.estimator_table import write_report  # noqa: E402
from estimators.subjects import ROWS, Subject, subjects  # noqa: E402
from estimators.survey import survey  # noqa: E402
from report import describe_machine  # noqa: E402
from rounds import Cost, Spread, ratios, take_turns, typical  # noqa: E402

LOAD_MAX = 1.0
PACKAGES = ("scikit-learn", "numpy", "pandas", "lightgbm", "onnxruntime", "skl2onnx")
FOREST_BYTES = 100 << 20
LOADINGS = 9


def log(words: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {words}", flush=True)


def times_for(contender: Any, rows: Any, seconds: float) -> int:
    """How often it answers in about that long."""
    once = max(contender.time(1, rows).wall, 1e-7)
    return max(1, min(1_000_000, round(seconds / once)))


def costs_of_rows(contenders: dict[str, Any], inputs: dict[str, Any], plan: Any) -> dict[str, list[Cost]]:
    """`plan` is how many rounds of how many seconds."""
    runs = {}
    for name, contender in contenders.items():
        rows = inputs[name]
        times = times_for(contender, rows, plan.seconds)
        runs[name] = lambda c=contender, n=times, r=rows: c.time(n, r)
    return take_turns(runs, plan.rounds)


def summary(costs: dict[str, list[Cost]]) -> dict[str, Any]:
    result: dict[str, Any] = {"us": {name: 1e6 * typical(each).cpu for name, each in costs.items()}}
    for name, each in costs.items():
        if name != "sooth":
            result[name] = asdict(ratios(each, costs["sooth"])["cpu"])
    return result


class Measuring:
    """One subject, measured in passes over all of them: what else a machine does comes and goes."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.model: Any = None
        self.is_frame = isinstance(subject.rows, pd.DataFrame)
        self.said: dict[str, Any] = {}
        self.costs: dict[int, dict[str, list[Cost]]] = {}

    def take(self, options: argparse.Namespace, folder: Path) -> None:
        if "refused" in self.said:
            return
        first = self.model is None
        if first:
            self.model = self.subject.make()
        try:
            program = options.build.resolve() / "bench/sooth_plan_bench"
            sooth = PlanBench(program, folder, self.subject, self.model)
            answers = sooth.answers()
        except RuntimeError as refused:
            self.said["refused"] = str(refused)
            return
        if first:
            self.compare(answers)
        contenders = self.contenders(sooth)
        for count in (1, ROWS):
            rows = self.subject.rows[:count]
            inputs = {name: count if name == "sooth" else rows for name in contenders}
            into = self.costs.setdefault(count, {name: [] for name in contenders})
            for name, costs in costs_of_rows(contenders, inputs, options).items():
                into[name] += costs
        sooth.close()

    def compare(self, answers: Any) -> None:
        expected = getattr(self.model, self.subject.method)(self.subject.rows)
        if not matches(expected.toarray() if hasattr(expected, "toarray") else expected, answers):
            raise SystemExit(f"bench: {self.subject.name}: Sooth answers otherwise than the library")

    def contenders(self, sooth: Any) -> dict[str, Any]:
        made: dict[str, Any] = {"sooth": sooth}
        made["pandas" if self.is_frame else "numpy"] = Library(self.model, self.subject)
        if "no_onnx" in self.said:
            return made
        try:
            onnx = OnnxRuntime(self.model, self.subject)
            # Some are converted, and then do not run.
            onnx.time(1, self.subject.rows)
            made["onnx"] = onnx
        except Exception as reason:  # A converter has a reason of its own for each class.
            words = str(reason).splitlines()
            self.said["no_onnx"] = words[0][:120] if words else type(reason).__name__
        return made

    def result(self) -> dict[str, Any]:
        subject = self.subject
        head = {"group": asdict(subject.group), "frame": self.is_frame, "method": subject.method}
        return head | self.said | {str(count): summary(costs) for count, costs in self.costs.items()}


def measure_loading(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """A forest of 100 MB, as joblib writes it, from the page cache."""
    from sklearn.ensemble import RandomForestClassifier

    random = np.random.default_rng(0)
    x, y = random.standard_normal((30_000, 30)), random.integers(0, 2, 30_000)
    path = folder / "forest.joblib"
    forest = RandomForestClassifier(n_estimators=8, random_state=0, n_jobs=1, max_features=1).fit(x, y)
    joblib.dump(forest, path)
    trees = forest.estimators_
    copies = max(1, round(FOREST_BYTES / path.stat().st_size))
    forest.estimators_ = [tree for _ in range(copies) for tree in map(copy_of, trees)]
    joblib.dump(forest, path)
    size = path.stat().st_size
    runs = [
        json.loads(subprocess.check_output([str(options.build.resolve() / "bench/sooth_plan_bench"), str(path)]))
        for _ in range(LOADINGS)
    ]
    return {
        "bytes": size,
        "mb_per_s": asdict(Spread.of([size / 1e6 / run["wall_s"] for run in runs])),
        "memory": asdict(Spread.of([run["peak_kb"] * 1024 / size for run in runs])),
    }


def copy_of(tree: Any) -> Any:
    import copy

    return copy.deepcopy(tree)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=ROOT / "build/release")
    parser.add_argument("--venvs", type=Path, required=True, help="where the peers are installed")
    parser.add_argument("--results", type=Path, default=ROOT / "bench/results")
    parser.add_argument("--passes", type=int, default=3, help="over all subjects, some minutes apart")
    parser.add_argument("--rounds", type=int, default=5, help="of each pass")
    parser.add_argument("--seconds", type=float, default=0.05, help="of a round of one contender")
    parser.add_argument("--only", nargs="*", help="subjects whose names hold these; the rest stays")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    raw = options.results / "sklearn.json"
    results = json.loads(raw.read_text()) if options.only and raw.exists() else {"subjects": {}}
    results["one_run"] = not options.only
    if os.getloadavg()[0] > LOAD_MAX:
        log("WARNING: the machine has other work; CPU times suffer less than wall times, but do")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        chosen = [
            Measuring(subject)
            for subject in subjects()
            if not options.only or any(word in subject.name for word in options.only)
        ]
        for number in range(options.passes):
            for measuring in chosen:
                log(f"pass {number + 1}: {measuring.subject.name}")
                measuring.take(options, folder)
        results["subjects"] |= {each.subject.name: each.result() for each in chosen}
        if not options.only or "loading" in options.only:
            log("loading a forest")
            results["loading"] = measure_loading(options, folder)
        if not options.only or "survey" in options.only:
            results["survey"] = survey(options, folder, log)
    results["machine"] = describe_machine(PACKAGES)
    options.results.mkdir(parents=True, exist_ok=True)
    raw.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    write_report(results, options.results / "sklearn.md")


if __name__ == "__main__":
    main()
