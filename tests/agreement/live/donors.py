"""Whether what KNNImputer puts is the mean of donors that are as near as those it takes itself.

scikit-learn takes the k nearest by numpy.argpartition, which leaves open which of equally near rows it
takes: NumPy picks others on a processor with AVX2 than on one without. It measures by x.x + y.y - 2 x.y,
so that rows less than a few roundings of x.x + y.y apart are equally near as well.
"""

import itertools
from math import factorial
from typing import Any, Iterable, Iterator, Optional

import numpy as np

from live.doubles import UNIT, wide

# So many choices are tried, those with the first rows, which Sooth takes, before others.
CHOICES_MAX = 20000
# And so many sums are made of half of a choice.
HALVES_MAX = 300000
TINY = 1e-300


class Donors:
    """Of one row and one feature: how near each stored row that has the feature can be said to be."""

    def __init__(self, low: Any, high: Any, values: Any, wanted: int, by_distance: bool) -> None:
        self.low, self.high, self.values = low, high, wide(values)
        self.wanted, self.by_distance = min(wanted, len(low)), by_distance

    def allow(self, value: float) -> Optional[bool]:
        """Whether some choice of the nearest gives the value; None where there are too many choices."""
        nearest = np.sort(self.high)[self.wanted - 1]
        rest = np.sort(self.low)[self.wanted] if self.wanted < len(self.low) else np.inf
        sure = np.flatnonzero(self.high < rest)
        if len(sure) >= self.wanted:
            return bool(self._gives(sure[np.argsort(self.high[sure], kind="stable")][: self.wanted], value))
        open_ = np.setdiff1d(np.flatnonzero(self.low <= nearest), sure)
        picks = self._picks(sure, open_, value)
        for tried, pick in enumerate(picks):
            chosen = np.append(sure, pick)
            if self._are_nearest(chosen) and self._gives(chosen, value):
                return True
            if tried == CHOICES_MAX:
                return None
        return False

    def _picks(self, sure: Any, open_: Any, value: float) -> Iterable[Any]:
        """Choices from those that a rounding decides about; where it can be told, of the right mean alone."""
        places = self.wanted - len(sure)
        known = not self.by_distance and np.isfinite(self.low[sure]).all() and np.isfinite(self.low[open_]).all()
        if not known or choices(len(open_), (places + 1) // 2) > HALVES_MAX:
            return map(np.array, itertools.combinations(open_, places))
        return self._of_sum(open_, places, value * self.wanted - self.values[sure].sum())

    def _of_sum(self, open_: Any, places: int, total: Any) -> Iterator[Any]:
        """A half that is put to another: all sums of each are known."""
        few, many = (combinations(open_, size) for size in (places // 2, places - places // 2))
        sums = self.values[many].sum(axis=1)
        order = np.argsort(sums, kind="stable")
        near = self._tolerance() * self.wanted
        wanted = total - self.values[few].sum(axis=1)
        ends = [np.searchsorted(sums[order], wanted + off) for off in (-near, near)]
        for half, first, last in zip(few, *ends):
            for place in order[first:last]:
                if not len(np.intersect1d(half, many[place])):
                    yield np.append(half, many[place]).astype(int)

    def _are_nearest(self, chosen: Any) -> bool:
        others = np.delete(self.high, chosen)
        return not len(others) or bool(self.low[chosen].max() <= others.min())

    def _tolerance(self) -> Any:
        return 4 * (self.wanted + 2) * UNIT * np.abs(self.values).max()

    def _gives(self, chosen: Any, value: float) -> bool:
        """Whether the weighted mean is the value; their weights are known as well as their distances."""
        chosen = chosen[np.isfinite(self.low[chosen])]  # The others have nothing in common, and no weight.
        if not len(chosen):
            return False
        values = self.values[chosen]
        order = np.argsort(values)
        values = values[order]
        if self.by_distance:
            least = 1 / np.sqrt(np.maximum(self.high[chosen][order], TINY))
            most = 1 / np.sqrt(np.maximum(self.low[chosen][order], TINY))
        else:
            least = most = np.ones(len(chosen), dtype=np.longdouble)
        ends = []
        for cut in range(len(values) + 1):
            for left, right in ((least, most), (most, least)):
                weights = np.append(left[:cut], right[cut:])
                ends.append((weights * values).sum() / weights.sum())
        return bool(min(ends) - self._tolerance() <= value <= max(ends) + self._tolerance())


def combinations(from_: Any, size: int) -> Any:
    return np.array(list(itertools.combinations(from_, size)), dtype=int).reshape(choices(len(from_), size), size)


def choices(many: int, few: int) -> int:
    return factorial(many) // (factorial(few) * factorial(many - few))


def distances(x: Any, stored: Any) -> Any:
    """How near at least and at most a row is to each stored row, squared; infinite where nothing is common."""
    both = ~np.isnan(x)[None] & ~np.isnan(stored)
    count = both.sum(axis=1)
    x, stored = (np.where(np.isnan(each), 0, wide(each)) for each in (x, stored))
    square = (np.where(both, x[None] - stored, 0) ** 2).sum(axis=1)
    lengths = (x * x).sum() + (stored * stored).sum(axis=1) + (np.abs(x)[None] * np.abs(stored)).sum(axis=1)
    # Three sums of products, of all that each has, and what is done with them.
    off = (len(x) + 6) * UNIT * 2 * lengths
    scale = len(x) / np.maximum(count, 1)
    near = [np.where(count > 0, each * scale, np.inf) for each in (np.maximum(square - off, 0), square + off)]
    return near[0] * (1 - 4 * UNIT), near[1] * (1 + 4 * UNIT)


def donors_of(part: Any, rows: Any, row: int, feature: int) -> Optional[Donors]:
    if part.weights not in ("uniform", "distance") or part.metric != "nan_euclidean":
        return None
    stored = np.where(part._mask_fit_X, np.nan, np.asarray(part._fit_X, dtype=np.float64))
    having = np.flatnonzero(~np.isnan(stored[:, feature]))
    low, high = distances(rows[row], stored[having])
    return Donors(low, high, stored[having, feature], part.n_neighbors, part.weights == "distance")


def allowed_cells(part: Any, rows: Any, tables: Any) -> Any:
    """Of both tables, what the library's imputer made of `rows` and Sooth's: which cells that differ are means
    of donors as near, as True, and which are not, as False, in two tables (allowed, excluded)."""
    ours, theirs = tables
    known = np.flatnonzero(part._valid_mask) if not getattr(part, "keep_empty_features", False) else np.arange(rows.shape[1])
    allowed = np.zeros(ours.shape, dtype=bool)
    excluded = np.zeros(ours.shape, dtype=bool)
    holes = np.asarray(rows, dtype=np.float64)
    if not (isinstance(part.missing_values, float) and np.isnan(part.missing_values)):
        return allowed, excluded
    for row, place in zip(*np.nonzero(~((ours == theirs) | (np.isnan(ours) & np.isnan(theirs))))):
        donors = donors_of(part, holes, row, known[place]) if place < len(known) and np.isnan(holes[row, known[place]]) else None
        if donors is None or donors.allow(ours[row, place]) is False:  # This is not how the library measured.
            continue
        said = donors.allow(theirs[row, place])
        allowed[row, place], excluded[row, place] = said is True, said is False
    return allowed, excluded
