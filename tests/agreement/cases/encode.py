"""sklearn.preprocessing and sklearn.impute"""

from typing import Any, Dict, Iterator

import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from cases.case import RELEASE, TEXTS, UNSEEN, Case, numbers, with_missing

COLOURS = np.array(
    [["red", "s"], ["green", "m"], ["blue", "l"], ["red", "m"], ["red", "xl"], ["green", "s"]] * 3
    + [["teal", "xs"]],
    dtype=object,
)
STRANGE = np.array([["pink", "s"], ["red", "?"], ["teal", "xs"], ["", "l"]], dtype=object)


def one_hot() -> Iterator[Case]:
    both = np.vstack([COLOURS, STRANGE])
    options: Dict[str, Dict[str, Any]] = {
        "error": {},
        "ignore": {"handle_unknown": "ignore"},
        "drop_first": {"drop": "first"},
        "drop_if_binary": {"drop": "if_binary"},
        "drop_array": {"drop": ["green", "l"]},
    }
    if RELEASE >= (1, 0):
        options["ignore_drop_first"] = {"handle_unknown": "ignore", "drop": "first"}
    if RELEASE >= (1, 1):
        rare: Dict[str, Any] = {"min_frequency": 4}
        options["rare_ignore"] = {"handle_unknown": "ignore", **rare}
        options["rare"] = {"handle_unknown": "infrequent_if_exist", **rare}
        options["rare_first"] = {"handle_unknown": "infrequent_if_exist", "drop": "first", **rare}
        options["rare_error_first"] = {"drop": "first", **rare}
        options["rare_share"] = {"handle_unknown": "infrequent_if_exist", "min_frequency": 0.3}
        options["rare_most"] = {"handle_unknown": "infrequent_if_exist", "max_categories": 2}
        options["all_rare"] = {"min_frequency": 100, "handle_unknown": "infrequent_if_exist"}
        options["rare_drop_array"] = {"drop": ["green", "m"], **rare}
        options["none_rare"] = {"handle_unknown": "infrequent_if_exist"}
    if RELEASE >= (1, 6):
        options["warn"] = {"handle_unknown": "warn", "min_frequency": 4}
    for name, given in options.items():
        encoder = OneHotEncoder(**given).fit(COLOURS)
        known = given.get("handle_unknown", "error") == "error"
        yield Case("one_hot_" + name, encoder, COLOURS if known else both, ("transform",), exact=True)
    yield Case(
        "one_hot_unknown",
        OneHotEncoder().fit(COLOURS),
        STRANGE[:1],
        ("transform",),
        refused='expected one of 4 known categories, got "pink"',
    )
    if RELEASE >= (0, 24):
        # Each is called as str() writes it, which depends on what it is in memory.
        typed = pd.DataFrame(
            {
                "single": np.array([0.1, 1e-4, 123456789, 2.5], dtype=np.float32),
                "half": np.array([0.1, 1000.5, 4112, 1e-5], dtype=np.float16),
                "mixed": np.array([1, 2.5, True, 7.0], dtype=object)[[0, 1, 1, 3]],
                "flags": np.array([0, True, 2, 3], dtype=object),
                "large": np.array([2**60 + 1, 5, -3, 0]),
                "absent": np.array([1, 2.5, None, 3], dtype=object),
            }
        )
        yield Case("frame_one_hot_types", OneHotEncoder().fit(typed), typed, ("transform",), exact=True)
    integers = np.array([[3, 10], [1, 20], [2, 10], [1, 30]])
    more = np.array([[3, 20], [9, 10], [1, 11]])
    yield Case("one_hot_int", OneHotEncoder().fit(integers), integers, ("transform",), exact=True)
    ignoring = OneHotEncoder(handle_unknown="ignore")
    yield Case("one_hot_int_ignore", ignoring.fit(integers), more, ("transform",), exact=True)
    floats = np.array([[0.5], [-1.25], [0.1], [0.0]])
    yield Case("one_hot_float", OneHotEncoder().fit(floats), floats, ("transform",), exact=True)
    frame = pd.DataFrame({"size": ["s", "m", "l", "m"], "count": [1, 2, 2, 1]})
    yield Case("one_hot_frame", OneHotEncoder().fit(frame), frame, ("transform",), exact=True)
    if RELEASE < (0, 24):
        return
    holes = np.array([["a"], [None], ["b"], ["a"]], dtype=object)
    yield Case("one_hot_none", OneHotEncoder().fit(holes), holes, ("transform",), exact=True)
    nan = pd.DataFrame({"c": ["a", np.nan, "b"], "n": [1.0, np.nan, 3.0]})
    nan["c"] = nan["c"].astype(object)
    yield Case("one_hot_nan", OneHotEncoder().fit(nan), nan, ("transform",), exact=True)
    dropped = OneHotEncoder(handle_unknown="ignore").fit(COLOURS)
    unseen = np.array([["red", None]], dtype=object)
    yield Case("one_hot_missing_unseen", dropped, unseen, ("transform",), exact=True)


def imputers() -> Iterator[Case]:
    x = with_missing(np.round(numbers(60, 5), 1))
    rows = with_missing(numbers(40, 5, seed=1), 3)
    empty = np.array(x)
    empty[:, 3] = np.nan
    for strategy in ("mean", "median", "most_frequent", "constant"):
        name = "impute_" + strategy
        yield Case(name, SimpleImputer(strategy=strategy).fit(x), rows, ("transform",), exact=True)
        marked = SimpleImputer(strategy=strategy, add_indicator=True)
        yield Case(name + "_marked", marked.fit(x), rows, ("transform",), exact=True)
        hollow = SimpleImputer(strategy=strategy).fit(empty)
        yield Case(name + "_empty", hollow, rows, ("transform",), exact=True)
        hollow = SimpleImputer(strategy=strategy, add_indicator=True).fit(empty)
        yield Case(name + "_empty_marked", hollow, rows, ("transform",), exact=True)
        if RELEASE >= (1, 2):
            keeping = SimpleImputer(strategy=strategy, keep_empty_features=True)
            yield Case(name + "_keep", keeping.fit(empty), rows, ("transform",), exact=True)
    few = np.nan_to_num(x)
    few[::5] = -1
    minus = SimpleImputer(missing_values=-1, strategy="median", add_indicator=True)
    yield Case("impute_minus_one", minus.fit(few), few, ("transform",), exact=True)
    filled = SimpleImputer(strategy="constant", fill_value=-7.5).fit(x)
    yield Case("impute_fill_value", filled, rows, ("transform",), exact=True)
    words = pd.DataFrame({"a": ["x", None, "y", "x"], "b": [None, "u", "v", "v"]}, dtype=object)
    for strategy in ("most_frequent", "constant"):
        for missing in (None, np.nan):
            frame = words.where(words.notna(), missing)
            filler = SimpleImputer(missing_values=missing, strategy=strategy)
            steps = make_pipeline(filler, OneHotEncoder(handle_unknown="ignore")).fit(frame)
            name = "impute_words_%s_%s" % (strategy, missing)
            yield Case(name, steps, frame, ("transform",), exact=True)
    marks = np.array([["?"], ["x"], ["x"], ["y"]], dtype=object)
    filler = SimpleImputer(missing_values="?", strategy="most_frequent")
    steps = make_pipeline(filler, OneHotEncoder(handle_unknown="ignore")).fit(marks)
    yield Case("impute_question_mark", steps, marks, ("transform",), exact=True)


def scalers() -> Iterator[Case]:
    x = numbers() * [1, 1e-8, 1e8, 1, 0, 3] + [0, 0, 1, -5, 4, 1e6]
    rows = numbers(50, 6, seed=3) * 10
    for mean in (True, False):
        for std in (True, False):
            scaler = StandardScaler(with_mean=mean, with_std=std).fit(x)
            name = "scale_mean_%s_std_%s" % (mean, std)
            yield Case(name, scaler, rows, ("transform",), exact=True)
    holes = with_missing(x)
    yield Case("scale_missing", StandardScaler().fit(holes), holes, ("transform",), exact=True)
    from sklearn.feature_extraction.text import CountVectorizer

    counted = make_pipeline(CountVectorizer(), StandardScaler(with_mean=False)).fit(TEXTS)
    yield Case("scale_sparse", counted, UNSEEN, ("transform",))
    sparse = StandardScaler(with_mean=False).fit(sp.csr_matrix(x))
    yield Case("scale_fitted_sparse", sparse, rows, ("transform",), exact=True)
    steps = make_pipeline(FunctionTransformer(), StandardScaler()).fit(x)
    yield Case("scale_behind_identity", steps, rows, ("transform",), exact=True)


def cases() -> Iterator[Case]:
    yield from one_hot()
    yield from imputers()
    yield from scalers()
