"""sklearn.impute but for SimpleImputer, which encode.py has"""

from typing import Any, Dict, Iterator

import numpy as np
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer, KNNImputer, MissingIndicator
from sklearn.linear_model import LinearRegression
from sklearn.tree import DecisionTreeRegressor

from cases.case import RELEASE, Case, numbers, with_missing

TRANSFORM = ("transform",)


def cases() -> Iterator[Case]:
    x = with_missing(numbers(80, 5), 7)
    rows = with_missing(numbers(30, 5, seed=1), 4)
    empty = np.array(x)
    empty[:, 2] = np.nan
    for weights in ("uniform", "distance"):
        for count in (1, 5):
            made = KNNImputer(n_neighbors=count, weights=weights, add_indicator=True)
            name = "neighbours_%s_%d" % (weights, count)
            yield Case(name, made.fit(x), rows, TRANSFORM)
            yield Case(name + "_empty", KNNImputer(n_neighbors=count, weights=weights).fit(empty), rows, TRANSFORM)
    minus = KNNImputer(missing_values=-1).fit(np.nan_to_num(x, nan=-1))
    yield Case("neighbours_minus_one", minus, np.nan_to_num(rows, nan=-1), TRANSFORM)
    if RELEASE >= (1, 2):
        kept = KNNImputer(keep_empty_features=True).fit(empty)
        yield Case("neighbours_kept", kept, rows, TRANSFORM)
    tree = DecisionTreeRegressor(max_depth=3, random_state=0)
    options: Dict[str, Dict[str, Any]] = {
        "": {},
        "_bounded": {"min_value": -0.5, "max_value": 0.4},
        "_marked": {"add_indicator": True, "initial_strategy": "median"},
        "_few": {"n_nearest_features": 2, "random_state": 0, "max_iter": 3},
    }
    for name, given in options.items():
        yield Case("in_turn_tree" + name, IterativeImputer(tree, **given).fit(x), rows, TRANSFORM)
    yield Case("in_turn_tree_empty", IterativeImputer(tree, max_iter=2).fit(empty), rows, TRANSFORM)
    linear = IterativeImputer(LinearRegression(), max_iter=3).fit(x)
    yield Case("in_turn_linear", linear, rows, TRANSFORM)
    yield Case("in_turn_bayesian", IterativeImputer(max_iter=3).fit(x), rows, TRANSFORM)
    for features in ("missing-only", "all"):
        made = MissingIndicator(features=features).fit(x)
        yield Case("indicate_" + features, made, rows, TRANSFORM, exact=True)
    whole = np.array(x)
    whole[:, 1] = 0
    some = MissingIndicator().fit(whole)
    yield Case("indicate_new", some, rows, TRANSFORM, refused="as all rows had when the model was fitted")
