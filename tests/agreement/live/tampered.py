"""A model that was tampered with, in the place of Sooth."""

import os
import pickle
import tempfile
from typing import Any, Callable, List

import numpy as np

from live.judge import Judge, Outcome, ask_library, methods_of, table_of, texts_of
from live.properties import limit_for
from live.stepwise import parts_of


class Tampered:
    """Answers as the probe does, with another model than it is asked about, or with other numbers."""

    def __init__(self, model: Any, change: Callable[[Any], Any] = lambda table: table) -> None:
        self.model, self.change = model, change
        self.classes: List[List[str]] = []
        self.columns: List[str] = []
        self.table: Any = None

    def methods(self, path: str) -> List[str]:
        return methods_of(self.model)

    def part(self, path: str) -> Any:
        """What of this model stands for the part of the judged one that lies there."""
        name = os.path.basename(path)
        return parts_of(self.model)[int(name[len("part-"):-len(".pkl")])] if name.startswith("part-") else self.model

    def ask(self, path: str, rows: str, method: str) -> "Tampered":
        part = self.part(path)
        table = ask_library(part, np.load(rows), method)
        if part is not self.model:
            self.table = table_of(table)
            return self
        self.classes = []
        if method == "predict" and getattr(self.model, "classes_", None) is not None:
            self.classes = [list(texts_of(self.model.classes_[:, None])[:, 0])]
            self.table = self.change(np.searchsorted(self.model.classes_, table)[:, None])
        else:
            self.table = self.change(table_of(table))
        return self

    def labels(self) -> List[List[str]]:
        return [[self.classes[0][int(k)] for k in row] for row in self.table]


def judged(model: Any, other: Any, rows: Any, change: Callable[[Any], Any] = lambda table: table) -> List[Outcome]:
    with tempfile.TemporaryDirectory() as folder:
        return Judge(Tampered(other, change), folder).judge(model, rows, limit_for(model))


def copy_of(model: Any) -> Any:
    return pickle.loads(pickle.dumps(model))
