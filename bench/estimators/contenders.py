"""Who answers: Sooth's plan in a process of its own, the library, and ONNX Runtime."""

from __future__ import annotations

import json
import subprocess
import time
import warnings
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd

from estimators.subjects import Subject
from rounds import Cost

TOLERANCE = 1e-9


class PlanBench:
    """sooth_plan_bench with one model."""

    def __init__(self, program: Path, folder: Path, subject: Subject, model: Any) -> None:
        path, rows = folder / "model.joblib", folder / "rows.jsonl"
        joblib.dump(model, path)
        with rows.open("w", encoding="utf-8") as file:
            for row in json_rows(subject.rows):
                file.write(json.dumps(row) + "\n")
        self.answers_path = folder / "answers.f64"
        command = [str(program), str(path), str(rows), subject.method]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self._line()

    def _line(self) -> dict[str, Any]:
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(self.process.stderr.read().strip())
        return json.loads(line)

    def _say(self, command: str) -> dict[str, Any]:
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return self._line()

    def answers(self) -> Any:
        said = self._say(f"answers {self.answers_path}")
        return np.fromfile(self.answers_path).reshape(-1, said["columns"])

    def time(self, times: int, rows: int) -> Cost:
        said = self._say(f"time {times} {rows}")
        return Cost(said["cpu_s"] / times, said["wall_s"] / times)

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def json_rows(rows: Any) -> Any:
    if isinstance(rows, pd.DataFrame):
        for row in rows.astype(object).where(rows.notna(), None).to_dict("records"):
            yield row
    elif isinstance(rows, list):
        yield from (row if isinstance(row, dict) else [row] for row in rows)
    else:
        for row in rows.tolist():
            cells = row if isinstance(row, list) else [row]
            yield [None if cell != cell else cell for cell in cells]


def matches(expected: Any, got: Any) -> bool:
    """All answers, within 1e-9 of max(|expected|, the column's largest); XGBoost's are single."""
    table = np.asarray(expected, dtype=float).reshape(len(got), -1)
    if table.shape != got.shape:
        return False
    scale = np.maximum(np.abs(table), np.abs(table).max(axis=0))
    limit = 1e-6 if np.asarray(expected).dtype == np.float32 else TOLERANCE
    return bool((np.abs(table - got) <= limit * scale).all())


class Library:
    """The library's own method, as people call it."""

    def __init__(self, model: Any, subject: Subject) -> None:
        self.ask = getattr(model, subject.method)

    def time(self, times: int, rows: Any) -> Cost:
        self.ask(rows)
        cpu, wall = time.process_time(), time.perf_counter()
        for _ in range(times):
            self.ask(rows)
        return Cost((time.process_time() - cpu) / times, (time.perf_counter() - wall) / times)


class OnnxRuntime:
    """The conversion by skl2onnx or onnxmltools, in float32 as they make it, on one thread."""

    def __init__(self, model: Any, subject: Subject) -> None:
        import onnxruntime

        onnx = convert(model, subject)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            onnx.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        # Of a classifier the labels come first.
        self.outputs = [self.session.get_outputs()[-1].name]

    def time(self, times: int, rows: Any) -> Cost:
        feeds = self.feeds(rows)
        self.session.run(self.outputs, feeds)
        cpu, wall = time.process_time(), time.perf_counter()
        for _ in range(times):
            self.session.run(self.outputs, feeds)
        return Cost((time.process_time() - cpu) / times, (time.perf_counter() - wall) / times)

    def feeds(self, rows: Any) -> dict[str, Any]:
        if not isinstance(rows, pd.DataFrame):
            return {"x": rows.astype(np.float32)}
        given = {}
        for name in rows.columns:
            words = rows[name].dtype.kind not in "fiu"
            column = rows[[name]].to_numpy(dtype=object if words else np.float32)
            given[name] = column.astype(str).astype(object) if words else column
        return given


def convert(model: Any, subject: Subject) -> Any:
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType

    warnings.simplefilter("ignore")
    rows = subject.rows
    kind = type(model).__name__
    whole = [("x", FloatTensorType([None, rows.shape[1]]))]
    if kind.startswith("LGBM"):
        from onnxmltools.convert import convert_lightgbm

        return convert_lightgbm(model, initial_types=onnxmltools_types(rows), zipmap=False)
    if kind.startswith("XGB"):
        from onnxmltools.convert import convert_xgboost

        return convert_xgboost(model, initial_types=onnxmltools_types(rows))
    if isinstance(rows, pd.DataFrame):
        whole = [
            (name, (FloatTensorType if rows[name].dtype.kind in "fiu" else StringTensorType)([None, 1]))
            for name in rows.columns
        ]
    options = {id(model): {"zipmap": False}} if hasattr(model, "predict_proba") else None
    return convert_sklearn(model, initial_types=whole, options=options, target_opset=17)


def onnxmltools_types(rows: Any) -> Any:
    from onnxmltools.convert.common.data_types import FloatTensorType

    return [("x", FloatTensorType([None, rows.shape[1]]))]
