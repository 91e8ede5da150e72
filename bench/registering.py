"""What `sooth register` of large models costs, beside copying the same file and syncing the copy."""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROUNDS = 7

# A title for people, and what makes the file at `path`.
MODELS = {
    "logistic regression of 2,000 classes, joblib": """
import joblib, numpy as np
from sklearn.linear_model import LogisticRegression
rows = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]] * 2)
model = LogisticRegression().fit(rows, [0, 1, 2] * 2)
classes, features = 2000, 2**30 // 8 // 2000
model.coef_ = np.random.default_rng(1).normal(size=(classes, features))
model.intercept_ = np.zeros(classes)
model.classes_ = np.arange(classes)
model.n_features_in_ = features
joblib.dump(model, path)
""",
    # Trees of noise are as large as trees get; each stands in the file ten times.
    "random forest of 500 trees, joblib": """
import copy, joblib, numpy as np
from sklearn.ensemble import RandomForestClassifier
random = np.random.default_rng(1)
rows = random.normal(size=(32_000, 20)).astype(np.float32)
model = RandomForestClassifier(50, random_state=1).fit(rows, random.integers(0, 3, len(rows)))
model.estimators_ = [copy.deepcopy(tree) for _ in range(10) for tree in model.estimators_]
model.n_estimators = len(model.estimators_)
joblib.dump(model, path)
""",
}


class Cost:
    """Seconds of one command: on the clock, and of the processors."""

    def __init__(self, work: Callable[[], None]) -> None:
        # What was written before must not be paid for here.
        os.sync()
        start, used = time.perf_counter(), self._used()
        work()
        self.wall_s = time.perf_counter() - start
        self.cpu_s = self._used() - used

    @staticmethod
    def _used() -> float:
        who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        return sum(usage.ru_utime + usage.ru_stime for usage in map(resource.getrusage, who))


def copy_and_sync(source: Path, target: Path) -> None:
    subprocess.run(["cp", "--reflink=never", str(source), str(target)], check=True)
    copied = os.open(target, os.O_RDONLY)
    os.fsync(copied)
    os.close(copied)


def measure_model(program: Path, script: str, python: str, work: Path) -> dict[str, Any]:
    model, copy, workspace = work / "large.joblib", work / "copy", work / "large"
    path = f"path = {str(model)!r}\n"
    subprocess.run([python, "-W", "ignore", "-c", path + script], check=True)
    register = [str(program), "register", str(model), "--workspace", str(workspace), "--json"]
    copies, registers = [], []
    for _ in range(ROUNDS):
        copies.append(Cost(lambda: copy_and_sync(model, copy)))
        copy.unlink()
        registers.append(
            Cost(lambda: subprocess.run(register, check=True, stdout=subprocess.DEVNULL) and None)
        )
        shutil.rmtree(workspace)
    size = model.stat().st_size
    model.unlink()
    return {
        "bytes": size,
        "copy_s": [each.wall_s for each in copies],
        "copy_cpu_s": [each.cpu_s for each in copies],
        "register_s": [each.wall_s for each in registers],
        "register_cpu_s": [each.cpu_s for each in registers],
    }


def measure(program: Path, python: str, work: Path) -> dict[str, Any]:
    return {
        title: measure_model(program, script, python, work) for title, script in MODELS.items()
    }


def ratios(measured: dict[str, Any]) -> list[float]:
    """Of the speed of a copy, round by round."""
    return [c / r for c, r in zip(measured["copy_s"], measured["register_s"], strict=True)]


def rounds(measured: dict[str, Any]) -> int:
    return min(len(each["copy_s"]) for each in measured.values())


def table(measured: dict[str, Any]) -> list[str]:
    """Seconds on the clock and of the processors, as lines of Markdown."""

    def seconds(values: list[float]) -> str:
        return f"{statistics.median(values):.2f} s ({min(values):.2f}-{max(values):.2f})"

    lines = [
        "| model | bytes | copy and fsync | its CPU | register | its CPU |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for title, each in measured.items():
        cells = [seconds(each[key]) for key in ("copy_s", "copy_cpu_s", "register_s")]
        cells.append(seconds(each["register_cpu_s"]))
        lines.append(f"| {title} | {each['bytes'] / 1e9:.2f} GB | {' | '.join(cells)} |")
    return lines
