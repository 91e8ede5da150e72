"""Holds the answers of a fitted model against those of Sooth, method by method."""

import os
import pickle
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple

import numpy as np
import pandas as pd
import scipy.sparse as sp

from live.probe import METHODS, Answer, Fault, Probe, Refused, cell, write_rows
from live.roundings import Roundings, last_of, rounded, singles_of, terms_of
from live.stepwise import Stepwise

# Answers of the library that are asked for with other roundings: so many copies of each row, so many
# models, for each strength in units of the last place.
COPIES = 8
DRAWS = 24
ULPS = 1, 8, 16
# Kinds of proof: see Doubt.
PROOFS = PROVED, ALONE, MET, MOVED = "proved", "alone", "met", "moved"


class Outcome:
    """What became of one method: `error` of the values that agree, or why there is none."""

    def __init__(self, method: str) -> None:
        self.method = method
        self.error = 0.0
        self.values = 0
        self.flips = 0  # Rows that roundings decide.
        self.proofs: Dict[str, int] = {}  # How many of them by each kind of proof.
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


class Question(NamedTuple):
    model: Any
    rows: Any
    method: str
    source: Any = None  # A Judge, that can ask Sooth about parts of the model.


class Doubt:
    """Whether roundings decide what the library answers to a few rows. For each row the kind of proof:
    PROVED: it answers as Sooth does with the answers of Sooth's own estimators, each asked by itself, where
    its own arithmetic can give them; and no estimator answers what it cannot give. See stepwise.py.
    ALONE: the library answers as Sooth does when it is asked for that row by itself.
    MET: it does with other roundings, in each cell for some.
    MOVED: with other roundings its answer moves by half as much as Sooth's differs, or more: each of the
    two is a rounding away from the true one. A draw that is not finite says nothing of that.
    """

    def __init__(self, asked: Question, rows: List[int]) -> None:
        self.model, self.method, self.source = asked.model, asked.method, asked.source
        self.whole, self.places = asked.rows, rows
        self.count = len(rows)
        self.each = taken(asked.rows, rows)
        self.rows = taken(asked.rows, rows * COPIES)
        self.pickled = pickle.dumps(self.model, protocol=4)
        self.singles = singles_of(self.pickled, lambda model: self.table(model, self.each))

    def table(self, model: Any, rows: Any) -> Any:
        result = ask_library(model, rows, self.method)
        if not is_labelled(self.model, self.method):
            return table_of(result)
        result = np.asarray(result)
        return texts_of(result.reshape(len(result), -1))

    def stepwise(self) -> Tuple[Optional[Any], Any]:
        """The rows' answers with those of Sooth's estimators in them, and which rows no rounding explains."""
        if self.source is None:
            return None, np.zeros(self.count, dtype=bool)
        steps = Stepwise(self.source.probe, self.source.folder, row_count(self.whole))
        try:
            table = self.table(steps.model(self.pickled), self.whole)[self.places]
        except Exception:  # An estimator that cannot be asked apart from the others.
            table = None
        return table, steps.refuted[self.places]

    def alone(self) -> Optional[Any]:
        """1 x rows x columns, each asked by itself."""
        try:
            tables = [self.table(self.model, taken(self.each, [k])) for k in range(self.count)]
        except Exception:  # One row is not always enough for it.
            return None
        return np.concatenate(tables)[None] if len({each.shape for each in tables}) == 1 else None

    def draw(self, seed: int, ulps: float) -> Optional[Any]:
        """Copies x rows x columns, or None where that model answers nothing."""
        roundings = Roundings(seed, ulps, self.singles)
        try:
            model = roundings.model(self.pickled)
            with rounded(roundings):
                table = self.table(model, self.rows)
        except Exception:  # A moved number is not always one that the library takes.
            return None
        return table.reshape(COPIES, self.count, -1) if len(table) == COPIES * self.count else None

    def draws(self) -> Iterator[Tuple[str, Any]]:
        alone = self.alone()
        if alone is not None:
            yield ALONE, alone
        for ulps in ULPS:
            for seed in range(DRAWS):
                table = self.draw(seed, ulps)
                if table is not None:
                    yield MET, table

    def settle(self, expected: Any, got: Any, allowed: Any) -> List[str]:
        """The kind for each row, or "" where nothing shows it to be a rounding."""
        labels = expected.dtype == object
        stepped, refuted = self.stepwise()
        kinds = [""] * self.count
        if stepped is not None and stepped.shape == expected.shape:
            near = stepped == got if labels else error_of(stepped, got, np.ones_like(got)) <= allowed
            kinds = [PROVED if each else "" for each in near.all(axis=1)]
        if not all(kinds):
            kinds = [kind or other for kind, other in zip(kinds, self.drawn(expected, got, allowed))]
        return ["" if wrong else kind for kind, wrong in zip(kinds, refuted)]

    def drawn(self, expected: Any, got: Any, allowed: Any) -> List[str]:
        """The kinds that other roundings show."""
        kinds = [""] * self.count
        labels = expected.dtype == object
        met = got == expected if labels else error_of(expected, got, np.ones_like(got)) <= allowed
        furthest = np.zeros(expected.shape)
        for kind, table in self.draws():
            if table.shape[2:] != expected.shape[1:]:
                continue
            if labels:
                # One answer, not one for each of several outputs.
                met = met.all(axis=1)[:, None] | (table == got).all(axis=2).any(axis=0)[:, None]
            else:
                with np.errstate(all="ignore"):
                    met = met | (error_of(table, got[None], np.ones_like(table)) <= allowed[None]).any(axis=0)
                    apart = np.abs(table - expected[None])
                    furthest = np.maximum(furthest, np.where(np.isfinite(apart), apart, 0.0).max(axis=0))
            for k in np.flatnonzero(met.all(axis=1)):
                kinds[k] = kinds[k] or kind
            if all(kinds):
                return kinds
        if not labels:
            with np.errstate(all="ignore"):
                moved = (met | (np.abs(got - expected) <= 2 * furthest)).all(axis=1)
            kinds = [kind or (MOVED if far else "") for kind, far in zip(kinds, moved)]
        return kinds


def row_count(rows: Any) -> int:
    return int(rows.shape[0]) if hasattr(rows, "shape") else len(rows)


def taken(rows: Any, places: List[int]) -> Any:
    if isinstance(rows, (pd.DataFrame, pd.Series)):
        return rows.iloc[places].reset_index(drop=True)
    return rows[places] if isinstance(rows, np.ndarray) or sp.issparse(rows) else [rows[k] for k in places]


def most_moved(rows: int) -> int:
    """Of so many rows of a linear model."""
    return max(2, rows // 20)


def without_flips(outcome: Outcome, wrong: Any, asked: Question, answers: Tuple[Any, Any, Any], limit: float) -> List[int]:
    """The rows that stay wrong once those that roundings decide are counted apart. Where everything is
    exact no rounding can."""
    rows = [int(row) for row in np.flatnonzero(wrong)]
    if not rows or limit == 0:
        return rows
    kinds = Doubt(asked, rows).settle(*(each[rows] for each in answers))
    if kinds.count(MOVED) > most_moved(len(answers[0])) and terms_of(last_of(asked.model)) is not None:
        # Of so short a sum a rounding shows now and then. Where it shows in every row it is a mistake.
        kinds = ["" if kind == MOVED else kind for kind in kinds]
    outcome.flips += sum(kind != "" for kind in kinds)
    for kind in filter(None, kinds):
        outcome.proofs[kind] = outcome.proofs.get(kind, 0) + 1
    return [row for row, kind in zip(rows, kinds) if not kind]


def judge_labels(outcome: Outcome, asked: Question, expected: Any, answer: Answer, limit: float) -> None:
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


def judge_numbers(outcome: Outcome, asked: Question, expected: Any, answer: Answer, limit: float) -> None:
    got = answer.table
    if expected.shape != got.shape:
        outcome.wrong = "expected %s numbers, got %s" % (expected.shape, got.shape)
        return
    scale = scale_of(expected, asked.method)
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


# Of more, none is named.
NAMED_MAX = 10000


def judge_names(outcome: Outcome, model: Any, answer: Answer) -> None:
    """Whether the columns of transform are called as the library calls them, where it says it."""
    if len(answer.columns) > NAMED_MAX:
        return
    try:
        names = [str(name) for name in model.get_feature_names_out()]
    except Exception:  # It does not, or a part of it does not.
        return
    if len(names) == len(answer.columns) and names != answer.columns:
        place = [a == b for a, b in zip(names, answer.columns)].index(False)
        outcome.wrong = "column %d: expected the name %r, got %r" % (place, names[place], answer.columns[place])


def judge_method(probe: Probe, asked: Question, files: Tuple[str, str], limit: float) -> Outcome:
    model, rows, method = asked.model, asked.rows, asked.method
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
    if method == "transform" and not outcome.wrong:
        judge_names(outcome, model, answer)
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
                asked = Question(model, rows, method, self)
                outcomes.append(judge_method(self.probe, asked, (path, file_of_rows), limit))
            elif answers(model, rows, method):
                outcomes.append(Outcome(method))
                outcomes[-1].refused = "the method is not offered"
        return outcomes
