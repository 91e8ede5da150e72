"""agreement_probe, kept running: one process for thousands of questions."""

import json
import os
import subprocess
import sys
from typing import Any, Dict, Iterator, List, Optional

import numpy as np
import pandas as pd

METHODS = (
    "predict",
    "predict_proba",
    "decision_function",
    "transform",
    "predict_log_proba",
    "score_samples",
    "apply",
    "kneighbors",
)


class Refused(Exception):
    """Why Sooth does not answer, in its own words."""


class Fault(Exception):
    """The probe ended, which no model and no row may make it do."""


class Answer:
    def __init__(self, table: Any, classes: List[List[str]], columns: List[str]) -> None:
        self.table = table
        self.classes = classes
        self.columns = columns

    def labels(self) -> List[List[str]]:
        """The texts of what predict chose."""
        return [[self.classes[k][int(i)] for k, i in enumerate(row)] for row in self.table]


class Probe:
    def __init__(self, program: str, folder: str) -> None:
        self.program = program
        self.python = "%d.%d" % sys.version_info[:2]
        self.answer_path = os.path.join(folder, "answer.f64")
        self.process: Optional[Any] = None

    def _line(self, words: List[str]) -> Dict[str, Any]:
        if self.process is None:
            self.process = subprocess.Popen(
                [self.program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        try:
            self.process.stdin.write(("\t".join(words) + "\n").encode())
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except OSError:
            line = b""
        if not line:
            status = self.process.wait()
            self.process = None
            raise Fault("the probe ended with status %d" % status)
        said = json.loads(line.decode("utf-8"))
        if "refused" in said:
            raise Refused(said["refused"])
        return said

    def methods(self, model: str) -> List[str]:
        return list(self._line([model, "-", "methods", self.python, "-"])["methods"])

    def ask(self, model: str, rows: str, method: str) -> Answer:
        said = self._line([model, rows, method, self.python, self.answer_path])
        flat = np.fromfile(self.answer_path, dtype=np.float64)
        width = len(said["columns"])
        return Answer(flat.reshape(said["rows"], width), said.get("classes", []), said["columns"])


def cell(value: Any) -> Any:
    """A cell as JSON has it; None, NaN and pandas' NA are null."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is getattr(pd, "NA", None) or value is pd.NaT:
        return None
    if isinstance(value, float) and np.isnan(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return value


def rows_of(data: Any, named: bool = True) -> Iterator[Any]:
    """Each row of data as `sooth predict` reads it from a line of JSON."""
    if isinstance(data, pd.DataFrame) and not named:
        data = data.to_numpy(dtype=object)
    if isinstance(data, pd.DataFrame):
        names = [str(name) for name in data.columns]
        columns = [data[name].tolist() for name in data.columns]
        for values in zip(*columns):
            yield dict(zip(names, map(cell, values)))
    elif isinstance(data, np.ndarray):
        for row in data.reshape(len(data), -1):
            yield [cell(value) for value in row]
    else:
        for document in data:
            yield document if isinstance(document, (dict, list)) else [document]


def write_rows(data: Any, path: str) -> str:
    """Writes rows where the probe reads them; gives the path with the ending that says how."""
    if hasattr(data, "toarray"):
        data = data.toarray()
    if isinstance(data, np.ndarray) and data.dtype.kind in "fiub" and data.ndim == 2:
        np.save(path + ".npy", np.ascontiguousarray(data, dtype=np.float64))
        return path + ".npy"
    with open(path + ".jsonl", "w", encoding="utf-8") as file:
        for row in rows_of(data):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return path + ".jsonl"
