"""A model whose estimators are each asked of Sooth by itself, with what the library gives it.

Where Sooth's answer is one that the library's own arithmetic can give, it stands in for the library's, and
what follows is computed from it. If then the whole answers as Sooth does, the two differ by no more than
that. Where an estimator's answer is one that no double arithmetic gives, the row is a mistake, however far
roundings may move the rest.
"""

import os
import pickle
from typing import Any, Dict, List, Optional, Set, Tuple

import numpy as np
import scipy.sparse as sp

from live.bounds import bounds_of
from live.donors import allowed_cells
from live.doubles import WIDE
from live.limits import limit_of
from live.probe import Fault, Probe, Refused, write_rows
from live.roundings import ANSWERS, EPSILON, is_exact, is_single

# Of what bounds_of() knows nothing, in units of the last place: as Roundings moves it.
ULPS = 16


def estimators_in(part: Any, seen: Set[int]) -> List[Any]:
    """Those that a model is made of, each once, the innermost first."""
    if id(part) in seen or isinstance(part, (type, str, bytes, int, float)) or callable(part):
        return []
    seen.add(id(part))
    found: List[Any] = []
    if isinstance(part, dict):
        inner: List[Any] = list(part.values())
    elif isinstance(part, (list, tuple)):
        inner = list(part)
    elif isinstance(part, np.ndarray):
        inner = list(part.flat) if part.dtype == object else []
    else:
        inner = list(vars(part).values()) if hasattr(part, "__dict__") else []
    for each in inner:
        found += estimators_in(each, seen)
    return found + [part] if hasattr(part, "get_params") else found


def parts_of(model: Any) -> List[Any]:
    """Those whose answers can differ by a rounding."""
    return [part for part in estimators_in(model, set()) if not is_exact(part)]


class Verdict:
    """Which numbers of Sooth's may stand for the library's, and which are none that it can give."""

    def __init__(self, accepted: Any, refuted: Any) -> None:
        self.accepted, self.refuted = accepted, refuted


def verdict(part: Any, method: str, rows: Any, tables: Tuple[Any, Any]) -> Verdict:
    ours, theirs = tables
    with np.errstate(all="ignore"):
        same = (ours == theirs) | (np.isnan(ours) & np.isnan(theirs))
    nothing = np.zeros(same.shape, dtype=bool)
    if type(part).__name__ == "KNNImputer" and isinstance(rows, np.ndarray):
        allowed, excluded = allowed_cells(part, rows, tables)
        return Verdict(same | allowed, excluded)
    bounds = bounds_of(part, method, rows) if WIDE and isinstance(rows, np.ndarray) else None
    if bounds is not None and bounds.value.shape == ours.shape:
        known = bounds.allows(ours)
        if known.any():
            inside = bounds.allows(theirs)
            return Verdict(same | (known & inside), known & ~inside & ~same)
    name = type(part).__name__
    finite = np.where(np.isfinite(ours), np.abs(ours), 0)
    scale = np.maximum(finite, finite.max(axis=0)) if limit_of(name) == 1e-9 and len(finite) else finite
    with np.errstate(all="ignore"):
        return Verdict(same | (np.abs(theirs - ours) <= ULPS * EPSILON * scale), nothing)


def numbers(values: Any) -> Any:
    """A table of doubles, or None of what is none."""
    if sp.issparse(values):
        values = values.toarray()
    if not isinstance(values, np.ndarray) or values.dtype != np.float64 or values.ndim > 2:
        return None
    return values.reshape(len(values), -1)


def plain(rows: Any) -> Any:
    """Rows as an array of doubles, where that is what they are."""
    if hasattr(rows, "iloc") and rows.ndim == 2:
        return rows.to_numpy(dtype=np.float64) if all(kind == np.float64 for kind in rows.dtypes) else rows
    return rows.toarray() if sp.issparse(rows) else rows


class Stepwise:
    def __init__(self, probe: Probe, folder: str, count: int) -> None:
        self.probe, self.folder = probe, folder
        self.refuted = np.zeros(count, dtype=bool)  # Rows.

    def model(self, pickled: bytes) -> Any:
        model = pickle.loads(pickled)
        parts = parts_of(model)
        paths = []
        for k, part in enumerate(parts):
            paths.append(os.path.join(self.folder, "part-%d.pkl" % k))
            with open(paths[-1], "wb") as file:
                pickle.dump(part, file, protocol=4)
        for part, path in zip(parts, paths):
            for name in ANSWERS:
                self._wrap(part, name, path)
        return model

    def _wrap(self, part: Any, name: str, path: str) -> None:
        try:
            if name == "predict" and getattr(part, "classes_", None) is not None:
                return  # Labels.
            original = getattr(part, name)
        except Exception:  # A property that looks at a wrapped estimator.
            return

        def wrapped(*given: Any, **named: Any) -> Any:
            result = original(*given, **named)
            return result if named or len(given) != 1 else self._settled(part, (path, name), given[0], result)

        part.__dict__[name] = wrapped

    def _asked(self, asked: Tuple[str, str], rows: Any) -> Any:
        if is_single(rows) or len(getattr(rows, "shape", (0, 0))) != 2:
            return None
        try:
            return self.probe.ask(asked[0], write_rows(rows, os.path.join(self.folder, "part-rows")), asked[1]).table
        except (Refused, Fault):
            return None

    def _settled(self, part: Any, asked: Tuple[str, str], rows: Any, result: Any) -> Any:
        """The result, with Sooth's numbers where they may stand in."""
        ours = numbers(result)
        theirs = self._asked(asked, rows) if ours is not None else None
        if theirs is None or theirs.shape != ours.shape:
            return result
        said = verdict(part, asked[1], plain(rows), (ours, theirs))
        if len(ours) == len(self.refuted):
            self.refuted |= said.refuted.any(axis=1)
        chosen = np.where(said.accepted, theirs, ours)
        return chosen.reshape(result.shape) if isinstance(result, np.ndarray) else in_places_of(result, chosen)


def in_places_of(matrix: Any, table: Any) -> Any:
    """The table with the stored places of a sparse matrix, in their order; it itself where others are filled."""
    places = matrix.tocoo()
    changed = places.copy()
    changed.data = table[places.row, places.col]
    return changed.asformat(matrix.format) if np.array_equal(changed.toarray(), table) else matrix
