"""Holds the answers of a fitted model against those of Sooth, method by method."""

import os
import pickle
from typing import Any, Dict, List, Optional, Tuple

import numpy as np
import pandas as pd
import scipy.sparse as sp

from live.probe import METHODS, Answer, Fault, Probe, Refused, cell, write_rows

# Random neighbours of a row that are asked whether roundings decide its answer, and how far away
# they are, relative to each of its values.
NEIGHBOURS = 200
NEAR = 1e-15, 1e-14, 1e-13, 1e-12


class Outcome:
    """What became of one method: `error` of the values that agree, or why there is none."""

    def __init__(self, method: str) -> None:
        self.method = method
        self.error = 0.0
        self.values = 0
        self.flips = 0
        self.refused = ""  # In Sooth's words.
        self.upstream = ""  # The library itself refuses the rows.
        self.wrong = ""  # A disagreement, in ours.

    def as_json(self) -> Dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if value or key in ("method", "error")}


def is_labelled(model: Any, method: str) -> bool:
    return method == "predict" and getattr(model, "classes_", None) is not None


def ask_library(model: Any, rows: Any, method: str) -> Any:
    if not hasattr(model, "fit") and hasattr(model, "query"):
        return np.hstack(model.query(rows, k=1))
    result = getattr(model, method)(rows)
    if method == "kneighbors":
        return np.hstack(result)
    if method in ("predict_proba", "predict_log_proba") and isinstance(result, list):
        return np.hstack(result)
    return result


def table_of(result: Any) -> Any:
    """Two dimensions of float64, or of objects where something is a text."""
    if sp.issparse(result):
        result = result.toarray()
    if isinstance(result, (pd.DataFrame, pd.Series)):
        result = result.to_numpy() if hasattr(result, "to_numpy") else result.values
    table = np.asarray(result)
    table = table.reshape(len(table), -1)
    try:
        return table.astype(np.float64)
    except (TypeError, ValueError):
        return table.astype(object)


def texts_of(table: Any) -> Any:
    return np.array([[str(cell(value)) for value in row] for row in table], dtype=object)


def same_label(a: str, b: str) -> bool:
    """Chains give the classes 0 and 1 as floats."""
    return a == b or (a[:1] in "-0123456789" and b[:1] in "-0123456789" and as_number(a) == as_number(b))


def as_number(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text


def scale_of(expected: Any, method: str) -> Any:
    """max(|expected|, the largest of its column). The logarithm of a probability near 1 is as uncertain as
    that probability, and not as small as itself."""
    finite = np.where(np.isfinite(expected), np.abs(expected), 0.0)
    least = 1.0 if method == "predict_log_proba" else 0.0
    return np.maximum(np.maximum(finite, finite.max(axis=0) if len(finite) else 0.0), least)


def error_of(expected: Any, got: Any, scale: Any) -> Any:
    """Of each value, relative to its scale."""
    with np.errstate(all="ignore"):
        error = np.abs(got - expected)
        same = (got == expected) | (np.isnan(got) & np.isnan(expected))
        relative = np.where(scale > 0, error / scale, np.inf)
    return np.where(same, 0.0, np.where(np.isfinite(relative), relative, np.inf))


def is_flip(asked: Tuple[Any, Any, str], row: int, expected: Any, got: Any, allowed: Any) -> bool:
    """Whether the library's own answer moves as far as Sooth's when the row is moved by a rounding: then
    a branch of a tree, a tie, or lost digits are decided by roundings upstream."""
    model, rows, method = asked
    random = np.random.RandomState(row)
    for near in NEAR:
        result = ask_library(model, beside(rows, row, near, random), method)
        if is_labelled(model, method):
            table = texts_of(np.asarray(result).reshape(NEIGHBOURS, -1))
            if (table == got).all(axis=1).any():
                return True
            continue
        table = table_of(result)
        with np.errstate(all="ignore"):
            spread = np.abs(table - expected).max(axis=0)
            if (np.abs(got - expected) <= np.maximum(2 * spread, allowed)).all():
                return True
    return False


def beside(rows: Any, row: int, near: float, random: Any) -> Any:
    """That row, a little moved, many times."""
    if isinstance(rows, pd.DataFrame):
        many = pd.concat([rows.iloc[[row]]] * NEIGHBOURS, ignore_index=True)
        for name in many.columns:
            if many[name].dtype.kind == "f":
                many[name] = many[name] * (1 + random.uniform(-near, near, NEIGHBOURS))
        return many
    return rows[row] * (1 + random.uniform(-near, near, (NEIGHBOURS, rows.shape[1])))


def can_be_moved(rows: Any) -> bool:
    if isinstance(rows, pd.DataFrame):
        return True
    return isinstance(rows, np.ndarray) and rows.dtype.kind == "f" and rows.ndim == 2


def without_flips(outcome: Outcome, wrong: Any, asked: Tuple[Any, Any, str], answers: Tuple[Any, Any, Any], limit: float) -> List[int]:
    """The rows that stay wrong once those that roundings decide are counted apart. Where everything is
    exact no rounding can."""
    stay: List[int] = []
    for row in np.flatnonzero(wrong):
        movable = limit > 0 and len(stay) < 3 and can_be_moved(asked[1])
        if movable and is_flip(asked, int(row), *(each[row] for each in answers)):
            outcome.flips += 1
        else:
            stay.append(int(row))
    return stay


def judge_labels(outcome: Outcome, asked: Tuple[Any, Any, str], expected: Any, answer: Answer, limit: float) -> None:
    texts = texts_of(np.asarray(expected).reshape(len(expected), -1))
    got = np.array(answer.labels(), dtype=object).reshape(len(answer.table), -1)
    if texts.shape != got.shape:
        outcome.wrong = "expected %s labels, got %s" % (texts.shape, got.shape)
        return
    differ = np.array([[not same_label(a, b) for a, b in zip(*rows)] for rows in zip(texts, got)])
    stay = without_flips(outcome, differ.reshape(texts.shape).any(axis=1), asked, (texts, got, got), limit)
    outcome.values = texts.size
    if stay:
        row = stay[0]
        outcome.error = float("inf")
        outcome.wrong = "%d rows; row %d: expected %s, got %s" % (
            len(stay), row, list(texts[row]), list(got[row]))


def judge_numbers(outcome: Outcome, asked: Tuple[Any, Any, str], expected: Any, answer: Answer, limit: float) -> None:
    got = answer.table
    if expected.shape != got.shape:
        outcome.wrong = "expected %s numbers, got %s" % (expected.shape, got.shape)
        return
    scale = scale_of(expected, asked[2])
    errors = error_of(expected, got, scale)
    stay = without_flips(outcome, (errors > limit).any(axis=1), asked, (expected, got, limit * scale), limit)
    agreeing = errors[(errors <= limit).all(axis=1)]
    outcome.values = expected.size
    outcome.error = float(agreeing.max()) if agreeing.size else 0.0
    if stay:
        row = stay[0]
        column = int(errors[row].argmax())
        outcome.error = float(errors.max())
        outcome.wrong = "%d rows, by %.3g; row %d column %d: expected %r, got %r" % (
            len(stay), errors.max(), row, column, float(expected[row, column]), float(got[row, column]))


def judge_method(probe: Probe, asked: Tuple[Any, Any, str], files: Tuple[str, str], limit: float) -> Outcome:
    model, rows, method = asked
    outcome = Outcome(method)
    if method == "predict_log_proba":
        # The last place of a logarithm.
        limit = max(limit, 1e-12)
    try:
        expected = ask_library(model, rows, method)
    except Exception as problem:  # Of whatever class: the library does not answer.
        outcome.upstream = "%s: %s" % (type(problem).__name__, str(problem)[:300])
    try:
        answer = probe.ask(files[0], files[1], method)
    except Refused as refused:
        outcome.refused = str(refused)
        return outcome
    except Fault as fault:
        outcome.wrong = str(fault)
        return outcome
    if outcome.upstream:
        return outcome
    if is_labelled(model, method) and answer.classes:
        judge_labels(outcome, asked, expected, answer, limit)
        return outcome
    table = table_of(expected)
    if table.dtype == object:
        outcome.wrong = "expected texts, got numbers"
    else:
        judge_numbers(outcome, asked, table, answer, limit)
    return outcome


def methods_of(model: Any) -> List[str]:
    if not hasattr(model, "fit") and hasattr(model, "query"):
        return ["kneighbors"]
    found = []
    for method in METHODS:
        try:
            if callable(getattr(model, method, None)):
                found.append(method)
        except Exception:  # A property that looks at the wrapped estimator.
            continue
    return found


def answers(model: Any, rows: Any, method: str) -> bool:
    """Whether the library answers, the same twice: some methods only raise, and some draw at random."""
    try:
        first, again = (table_of(ask_library(model, rows, method)) for _ in range(2))
    except Exception:
        return False
    return bool((texts_of(first) == texts_of(again)).all())


class Judge:
    """Asks one model after another; what is written lies in a folder of the caller's."""

    def __init__(self, probe: Probe, folder: str) -> None:
        self.probe = probe
        self.folder = folder

    def judge(self, model: Any, rows: Any, limit: float, path: Optional[str] = None) -> List[Outcome]:
        """Every public method. `path` is where the model was pickled, if it was."""
        if path is None:
            path = os.path.join(self.folder, "model.pkl")
            with open(path, "wb") as file:
                pickle.dump(model, file, protocol=4)
        file_of_rows = write_rows(rows, os.path.join(self.folder, "rows"))
        public = methods_of(model)
        try:
            have = self.probe.methods(path)
        except Refused as refused:
            outcome = Outcome("")
            outcome.refused = str(refused)
            return [outcome]
        except Fault as fault:
            outcome = Outcome("")
            outcome.wrong = str(fault)
            return [outcome]
        outcomes = []
        for method in public:
            if method in have:
                asked = model, rows, method
                outcomes.append(judge_method(self.probe, asked, (path, file_of_rows), limit))
            elif answers(model, rows, method):
                outcomes.append(Outcome(method))
                outcomes[-1].refused = "the method is not offered"
        return outcomes
