"""sklearn.preprocessing but for StandardScaler and OneHotEncoder, which encode.py has"""

from functools import partial
from typing import Any, Dict, Iterator

import numpy as np
import pandas as pd
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    Binarizer,
    FunctionTransformer,
    KBinsDiscretizer,
    KernelCenterer,
    LabelBinarizer,
    LabelEncoder,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

from cases.case import RELEASE, Case, numbers, with_missing

PAIRS = np.array([[a, b] for a in "xyzw" for b in "pqr"], dtype=object)
STRANGE = np.array([["x", "?"], ["q", "p"], ["z", "r"]], dtype=object)
TRANSFORM = ("transform",)


def scalers() -> Iterator[Case]:
    x = numbers() * [1, 1e-8, 1e8, 1, 0, 3] + [0, 0, 1, -5, 4, 1e6]
    rows = numbers(40, 6, seed=3) * 10
    options: Dict[str, Any] = {
        "min_max": MinMaxScaler(),
        "min_max_range": MinMaxScaler((-3, 7)),
        "max_abs": MaxAbsScaler(),
        "robust": RobustScaler(),
        "robust_center": RobustScaler(with_scaling=False),
        "robust_scale": RobustScaler(with_centering=False, quantile_range=(10, 80)),
    }
    if RELEASE >= (0, 24):
        options["min_max_clip"] = MinMaxScaler(clip=True)
    if "clip" in MaxAbsScaler().get_params():
        options["max_abs_clip"] = MaxAbsScaler(clip=True)
    for name, scaler in options.items():
        yield Case(name, scaler.fit(x), rows, TRANSFORM, exact=True)
        yield Case(name + "_missing", scaler.fit(x), with_missing(rows, 5), TRANSFORM, exact=True)
    for norm in ("l1", "l2", "max"):
        yield Case("normalize_" + norm, Normalizer(norm).fit(x), rows, TRANSFORM)
        yield Case("normalize_short_" + norm, Normalizer(norm).fit(x), rows[:6] * 1e-16, TRANSFORM)
    for threshold in (0.0, 1.5, -1.0):
        binarizer = Binarizer(threshold=threshold).fit(x)
        yield Case("binarize_%g" % threshold, binarizer, rows, TRANSFORM, exact=True)
    kernel = rows @ rows.T
    centerer = KernelCenterer().fit(kernel[:20, :20])
    yield Case("center_kernel", centerer, kernel[:, :20], TRANSFORM)
    sparse = (RobustScaler(with_centering=False), MaxAbsScaler(), Normalizer("l1"), Binarizer())
    for scaler in sparse:
        steps = make_pipeline(OneHotEncoder(), StandardScaler(with_mean=False), scaler).fit(PAIRS)
        yield Case("sparse_" + type(scaler).__name__, steps, PAIRS, TRANSFORM)


def expansions() -> Iterator[Case]:
    x = numbers(60, 5)
    rows = numbers(20, 5, seed=1)
    for degree in (1, 2, 4):
        for interaction in (False, True):
            made = PolynomialFeatures(degree, interaction_only=interaction, include_bias=not interaction)
            name = "polynomial_%d_%d" % (degree, interaction)
            yield Case(name, made.fit(x), rows, TRANSFORM, exact=True)
            steps = make_pipeline(OneHotEncoder(), StandardScaler(with_mean=False), made).fit(PAIRS)
            yield Case("sparse_" + name, steps, PAIRS, TRANSFORM, exact=True)
    if RELEASE >= (1, 0):
        for degrees in ((2, 3), (0, 2), (3, 3)):
            made = PolynomialFeatures(degrees).fit(x)
            yield Case("polynomial_%d_to_%d" % degrees, made, rows, TRANSFORM, exact=True)
    for encode in ("onehot", "onehot-dense", "ordinal"):
        for strategy in ("uniform", "quantile", "kmeans"):
            bins = KBinsDiscretizer(4, encode=encode, strategy=strategy).fit(x)
            edges = np.array([edges[[0, 1, 2, -1]] for edges in bins.bin_edges_]).T
            name = "bins_%s_%s" % (encode, strategy)
            yield Case(name, bins, np.vstack([rows, edges]), TRANSFORM, exact=True)
    if RELEASE >= (0, 24):
        bins = KBinsDiscretizer(9, encode="ordinal", dtype=np.float32).fit(x)
        yield Case("bins_float32", bins, rows, TRANSFORM, exact=True)


def splines() -> Iterator[Case]:
    if RELEASE < (1, 0):
        return
    from sklearn.preprocessing import SplineTransformer

    x = numbers(80, 3)
    rows = np.vstack([numbers(20, 3, seed=1) * 2, x.min(axis=0), x.max(axis=0)])
    for extrapolation in ("constant", "linear", "continue", "periodic"):
        for degree in (1, 2, 3):
            made = SplineTransformer(degree=degree, extrapolation=extrapolation).fit(x)
            yield Case("spline_%s_%d" % (extrapolation, degree), made, rows, TRANSFORM)
    # Of few knots the loop over the features takes the upper end for the lower one, from the third
    # feature on, and the second.
    for degree, knots in ((0, 3), (0, 4), (0, 5), (1, 2), (1, 3)):
        for bias in (True, False):
            few = SplineTransformer(knots, degree=degree, extrapolation="linear", include_bias=bias)
            name = "spline_linear_%d_of_%d_%s" % (degree, knots, bias)
            yield Case(name, few.fit(x), rows, TRANSFORM)
    # A single spline, of which nothing is below the second feature's: constant columns.
    single = SplineTransformer(2, degree=0, extrapolation="linear").fit(np.ones((5, 2)))
    yield Case("spline_single", single, np.array([[1, 1], [0, 1], [2, 1], [-1, 2]]), TRANSFORM)
    below = np.array([[1, 0.5]])
    refused = "expected a number not below the knots"
    yield Case("spline_single_below", single, below, TRANSFORM, refused=refused)
    # As many splines as their degree.
    for degree in (1, 2, 4):
        around = SplineTransformer(degree + 1, degree=degree, extrapolation="periodic").fit(x)
        yield Case("spline_periodic_%d_of_%d" % (degree, degree + 1), around, rows, TRANSFORM)
    inner = SplineTransformer(extrapolation="error", knots="quantile", include_bias=False).fit(x)
    yield Case("spline_error", inner, x[:20], TRANSFORM)
    yield Case("spline_beyond", inner, rows * 9, TRANSFORM, refused="expected a number within the knots")


def distributions() -> Iterator[Case]:
    x = np.round(numbers(150, 3), 1)
    rows = with_missing(np.round(numbers(40, 3, seed=1) * 2, 1), 5)
    positive = np.abs(x) + 0.01
    for standardize in (True, False):
        box_cox = PowerTransformer("box-cox", standardize=standardize).fit(positive)
        yield Case("box_cox_%d" % standardize, box_cox, np.abs(rows) + 0.01, TRANSFORM)
        yeo = PowerTransformer("yeo-johnson", standardize=standardize).fit(x)
        yield Case("yeo_johnson_%d" % standardize, yeo, rows, TRANSFORM)
    yield Case("box_cox_negative", box_cox, x, TRANSFORM, refused="expected a positive number")
    for output in ("uniform", "normal"):
        for count in (1, 10, 150):
            made = QuantileTransformer(n_quantiles=count, output_distribution=output).fit(x)
            yield Case("quantile_%s_%d" % (output, count), made, rows, TRANSFORM)


def labels() -> Iterator[Case]:
    words = ["b", "a", "c", "a"]
    yield Case("label_encoder", LabelEncoder().fit(words), words, TRANSFORM, exact=True)
    unknown = 'expected one of 3 known categories, got "z"'
    yield Case("label_unknown", LabelEncoder().fit(words), ["z"], TRANSFORM, refused=unknown)
    for some in (words, ["b", "a"], ["a", "a"]):
        made = LabelBinarizer(neg_label=-2, pos_label=3).fit(some)
        yield Case("label_binarizer_%d" % len(set(some)), made, some, TRANSFORM, exact=True)


def ordinals() -> Iterator[Case]:
    yield Case("ordinal", OrdinalEncoder().fit(PAIRS), PAIRS, TRANSFORM, exact=True)
    yield Case("ordinal_unknown", OrdinalEncoder().fit(PAIRS), STRANGE, TRANSFORM, refused="known categories")
    if RELEASE < (1, 1):
        return
    for value in (-1, np.nan):
        made = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=value).fit(PAIRS)
        yield Case("ordinal_unknown_%s" % value, made, STRANGE, TRANSFORM, exact=True)
    holes = pd.DataFrame({"s": ["a", np.nan, "b", "a", "c"], "n": [1.0, 2, np.nan, 1, 3]})
    holes["s"] = holes["s"].astype(object)
    yield Case("frame_ordinal_missing", OrdinalEncoder().fit(holes), holes, TRANSFORM, exact=True)
    options: Dict[str, Any] = {"encoded_missing_value": -7}
    if RELEASE >= (1, 3):
        options["max_categories"] = 2
    made = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-2, **options).fit(holes)
    rows = pd.DataFrame({"s": ["q", np.nan, "a"], "n": [9.0, np.nan, 1]})
    rows["s"] = rows["s"].astype(object)
    yield Case("frame_ordinal_rare", made, rows, TRANSFORM, exact=True)


def targets() -> Iterator[Case]:
    if RELEASE < (1, 4):
        return
    from sklearn.preprocessing import TargetEncoder

    rng = np.random.RandomState(0)
    x = pd.DataFrame({"c": rng.choice(list("abcd"), 80), "e": rng.choice([1, 2, 3], 80)})
    rows = pd.DataFrame({"c": list("abz"), "e": [1, 7, 3]})
    for name, y in (
        ("two", rng.choice(["p", "q"], 80)),
        ("three", rng.choice(["p", "q", "r"], 80)),
        ("numbers", rng.randn(80)),
    ):
        yield Case("frame_target_" + name, TargetEncoder().fit(x, y), rows, TRANSFORM, exact=True)


def functions() -> Iterator[Case]:
    x = with_missing(numbers(40, 4) * 3, 9)
    whole = np.nan_to_num(x)
    limits: Any = {"a_min": -1.5, "a_max": 2}
    options: Dict[str, Any] = {
        "clip": (np.clip, limits),
        "clip_above": (np.clip, {"a_min": None, "a_max": 0.5}),
        "round": (np.round, {"decimals": 2}),
        "round_tens": (np.around, {"decimals": -1}),
        "round_plain": (np.round, None),
        "nan_to_num": (np.nan_to_num, None),
        "asarray": (np.asarray, None),
        "spacing": (np.spacing, None),
        "partial_clip": (partial(np.clip, a_min=0, a_max=1), None),
        "partial_power": (partial(np.power, 2.0), None),
        "partial_maximum": (partial(np.maximum, 0.25), None),
        "partial_subtract": (partial(np.subtract, 1), None),
    }
    if RELEASE >= (1, 0):
        options["nan_to_num_with"] = (np.nan_to_num, {"nan": -1.0, "posinf": 9, "neginf": -9, "copy": True})
        options["clip_whole"] = (np.clip, {"a_min": np.float64(-1), "a_max": np.float32(0.5)})
    for name, (function, arguments) in options.items():
        made = FunctionTransformer(function, kw_args=arguments, validate=False).fit(whole)
        yield Case("function_" + name, made, x, TRANSFORM, exact=name != "partial_power")
    # What takes as many columns as come, and what says how many in its place.
    for step in (Normalizer(), Binarizer(), FunctionTransformer(np.abs, validate=False)):
        name = "any_" + type(step).__name__
        yield Case(name, step.fit(whole), whole, TRANSFORM)
        steps = make_pipeline(step, StandardScaler()).fit(whole)
        yield Case(name + "_scaled", steps, whole, TRANSFORM)


def cases() -> Iterator[Case]:
    yield from scalers()
    yield from expansions()
    yield from splines()
    yield from distributions()
    yield from labels()
    yield from ordinals()
    yield from targets()
    yield from functions()
