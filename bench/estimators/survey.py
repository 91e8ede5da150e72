"""Every public estimator beside the library: one row and 1,000 rows of 30 columns, without ONNX
Runtime. The models are those of the agreement tests, which compare their answers."""

from __future__ import annotations

import importlib.util
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from estimators.contenders import Library, PlanBench
from estimators.subjects import COLUMNS, OTHERS, ROWS, Subject
from rounds import ratios, take_turns, typical

GALLERY = Path(__file__).resolve().parents[2] / "tests/agreement/live/gallery.py"
# What a model is asked: the first of these that it has.
METHODS = ("predict_proba", "predict", "transform", "decision_function", "score_samples", "kneighbors")
ROUNDS = 3
SECONDS = 0.02


def read_gallery() -> Any:
    spec = importlib.util.spec_from_file_location("gallery", GALLERY)
    gallery = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(gallery)
    return gallery


def data(gallery: Any) -> Any:
    """Of 1,000 rows, half of those that are asked unseen."""
    d = gallery.Data(ROWS, COLUMNS)
    unseen = np.random.RandomState(9).randn(ROWS // 2, COLUMNS)
    d.rows = np.vstack([d.x[: ROWS // 2], unseen])
    d.positive_rows = np.abs(d.rows)
    d.count_rows = np.minimum(np.floor(d.positive_rows * 3), d.counts.max(axis=0))
    d.hole_rows = np.array(d.rows)
    d.hole_rows[::5, 2] = np.nan
    d.hole_rows[1::6, 0] = np.nan
    return d


def a_thousand(rows: Any) -> Any:
    """As many of them, drawn again and again where they are fewer."""
    count = len(rows)
    if count == ROWS:
        return rows
    drawn = np.random.RandomState(3).randint(0, count, ROWS)
    if isinstance(rows, pd.DataFrame):
        return rows.iloc[drawn].reset_index(drop=True)
    return rows[drawn] if hasattr(rows, "shape") else [rows[i] for i in drawn]


def survey(options: Namespace, folder: Path, log: Any) -> dict[str, Any]:
    gallery = read_gallery()
    found: dict[str, Any] = {}
    for name, make, rows in gallery.models(data(gallery)):
        try:
            model = make()
        except (ImportError, AttributeError):  # Not of this release, or not installed.
            continue
        asked = a_thousand(rows)
        method = next((each for each in METHODS if hasattr(model, each)), None)
        if method is None:
            continue
        log(f"survey: {name}")
        try:
            found[name] = {"method": method, **measure(Subject(name, OTHERS, make, asked, method), model, options, folder)}
        except RuntimeError as refused:
            found[name] = {"method": method, "refused": str(refused)}
    return found


def measure(subject: Subject, model: Any, options: Namespace, folder: Path) -> dict[str, Any]:
    sooth = PlanBench(options.build.resolve() / "bench/sooth_plan_bench", folder, subject, model)
    library = Library(model, subject)
    result: dict[str, Any] = {}
    for count in (1, ROWS):
        rows = subject.rows[:count]
        runs = {
            "sooth": lambda n=times_for(sooth, count), r=count: sooth.time(n, r),
            "library": lambda n=times_for(library, rows), r=rows: library.time(n, r),
        }
        costs = take_turns(runs, ROUNDS)
        result[str(count)] = {
            "us": {name: 1e6 * typical(each).cpu for name, each in costs.items()},
            "times": asdict(ratios(costs["library"], costs["sooth"])["cpu"]),
        }
    sooth.close()
    return result


def times_for(contender: Any, rows: Any) -> int:
    once = max(contender.time(1, rows).wall, 1e-7)
    return max(1, min(1_000_000, round(SECONDS / once)))
