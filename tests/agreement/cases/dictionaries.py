"""FeatureHasher and DictVectorizer: rows that are dictionaries or lists, and columns of such."""

from typing import Any, Dict, Iterator, List

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction import DictVectorizer, FeatureHasher
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from cases.case import Case

TRANSFORM = ("transform",)
THINGS: List[Any] = [
    {"size": 1.5, "kind": "a", "caf\u00e9": True},
    {"kind": "b", "size": 0},
    {},
    {"kind": "a b", "depth": -3, "size": 1e-3},
    {"x%d" % i: i / 7 for i in range(40)},
    {"size": 2, "kind": "caf\u00e9 \u6771\u4eac"},
]
TWO = [0, 1, 0, 1, 1, 0]


def of_form(form: str) -> List[Any]:
    if form == "dict":
        return THINGS
    if form == "pair":
        return [list(map(list, thing.items())) + [["size", 0.25], ["size", 0.1]] for thing in THINGS]
    return [[str(key) for key in thing] + ["size", "size"] for thing in THINGS]


def hashers() -> Iterator[Case]:
    options: List[Dict[str, Any]] = [
        {},
        {"n_features": 7},
        {"n_features": 1},
        {"n_features": 5, "alternate_sign": False},
        {"n_features": 6, "dtype": np.float32},
        {"n_features": 4, "dtype": np.int64},
    ]
    for form in ("dict", "pair", "string"):
        rows = of_form(form)
        for number, each in enumerate(options):
            hasher = FeatureHasher(**dict({"n_features": 64}, **each), input_type=form)
            yield Case("hash_%s_%d" % (form, number), hasher.fit(rows), rows, TRANSFORM, exact=True)
        steps = make_pipeline(FeatureHasher(16, input_type=form), LogisticRegression()).fit(rows, TWO)
        yield Case("hash_model_%s" % form, steps, rows, ("predict", "predict_proba"))


def columns() -> Iterator[Case]:
    frame = pd.DataFrame({"tags": of_form("string"), "n": np.arange(6.0)})
    parts = ColumnTransformer(
        [("tags", FeatureHasher(8, input_type="string"), "tags"), ("n", "passthrough", ["n"])]
    )
    yield Case("frame_hash_column", parts.fit(frame), frame, TRANSFORM, exact=True)


def lacking() -> Iterator[Case]:
    fitted: List[Any] = [{"size": 1.0, "kind": "a"}, {"size": 2.0, "kind": "b"}, {"kind": "a", "depth": 7}]
    rows: List[Any] = [{}, {"size": 3.5}, {"kind": "b"}, {"kind": "z", "depth": -1}, {"size": 1, "new": 4, "other": "x"}]
    for sparse in (True, False):
        for dtype in (np.float64, np.float32):
            made = DictVectorizer(sparse=sparse, dtype=dtype).fit(fitted)
            yield Case("frame_lacks_%d_%s" % (sparse, dtype.__name__), made, rows, TRANSFORM, exact=True)
    steps = make_pipeline(DictVectorizer(), RandomForestClassifier(n_estimators=5, random_state=0))
    steps.fit(fitted, [0, 1, 1])
    yield Case("frame_lacks_forest", steps, rows, ("predict", "predict_proba"), exact=True)
    missing: List[Any] = [{"size": None}]
    yield Case("frame_nan_forest", steps, missing, ("predict",), refused="expected a finite number")


def cases() -> Iterator[Case]:
    yield from hashers()
    yield from columns()
    yield from lacking()
