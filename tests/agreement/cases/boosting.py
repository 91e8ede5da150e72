"""GradientBoosting, HistGradientBoosting, IsolationForest and RandomTreesEmbedding of sklearn.ensemble.

Sums over trees agree bit for bit; what exp and log make of them does not everywhere.
"""

import warnings
from typing import Any, Iterator

import numpy as np
import pandas as pd

from cases.case import RELEASE, Case, numbers, three_classes, two_classes, with_missing

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    if RELEASE < (1, 0):
        from sklearn.experimental import enable_hist_gradient_boosting  # noqa: F401  # type: ignore

from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomTreesEmbedding,
)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

SUMS = ("decision_function", "predict")
CHANCES = ("predict_proba",)
LOG_LOSS = "log_loss" if RELEASE >= (1, 1) else "deviance"


def cases() -> Iterator[Case]:
    x, rows = numbers(300), np.vstack([numbers(120, 6, seed=4), np.zeros((1, 6))])
    yield from boosting(x, rows)
    yield from histograms(x, rows)
    yield from categories(x, rows)
    yield from isolation(x, rows)
    for name, options in (("sparse", {}), ("dense", {"sparse_output": False, "max_leaf_nodes": 7})):
        model = RandomTreesEmbedding(n_estimators=6, max_depth=4, random_state=0, **options).fit(x)
        yield Case("RandomTreesEmbedding_" + name, model, rows, ("transform", "apply"), True)


def boosting(x: Any, rows: Any) -> Iterator[Case]:
    two, three = two_classes(x), three_classes(x)
    y = x @ np.arange(6) + numbers(300, 1, seed=5)[:, 0]
    asked = SUMS + CHANCES + ("predict_log_proba", "apply")
    kind = GradientBoostingClassifier
    for name, labels, options in (
        ("two", two, {"loss": LOG_LOSS}),
        ("three", np.array(["a", "bb", "c"])[three], {"loss": LOG_LOSS}),
        ("exponential", two, {"loss": "exponential", "learning_rate": 0.37}),
        ("zero", three, {"init": "zero"}),
        ("started_by_a_tree", two, {"init": DecisionTreeClassifier(max_depth=2)}),
        ("started_by_a_forest", three, {"init": RandomForestClassifier(3, random_state=0)}),
        ("started_by_chance", two, {"init": DummyClassifier(strategy="prior"), "subsample": 0.5}),
    ):
        model = kind(n_estimators=12, random_state=0, **options).fit(x, labels)
        yield Case("GradientBoostingClassifier_" + name, model, rows, asked)
    losses = ("squared_error", "absolute_error", "huber", "quantile")
    for loss in losses if RELEASE >= (1, 0) else ("ls", "lad", "huber", "quantile"):
        model = GradientBoostingRegressor(n_estimators=12, loss=loss, random_state=0).fit(x, y)
        yield Case("GradientBoostingRegressor_" + loss, model, rows, ("predict", "apply"), True)
    for name, start in (("zero", "zero"), ("tree", DecisionTreeRegressor(max_depth=2))):
        model = GradientBoostingRegressor(n_estimators=12, init=start, random_state=0).fit(x, y)
        yield Case("GradientBoostingRegressor_from_" + name, model, rows, ("predict",), True)


def histograms(x: Any, rows: Any) -> Iterator[Case]:
    two, three = two_classes(x), three_classes(x)
    y = np.abs(x @ np.arange(6)) + 0.1
    holes, asked = with_missing(x), with_missing(rows, 5)
    for name, features, labels in (("two", x, two), ("three", x, three), ("missing", holes, two == 1)):
        model = HistGradientBoostingClassifier(max_iter=10, min_samples_leaf=5).fit(features, labels)
        yield Case("HistGradientBoostingClassifier_" + name, model, asked, SUMS, True)
        yield Case("HistGradientBoostingClassifier_chances_" + name, model, asked, CHANCES)
    losses = ["least_squares", "poisson"] if RELEASE < (1, 0) else ["squared_error", "poisson"]
    if RELEASE >= (1, 1):
        losses += ["absolute_error", "quantile"]
    if RELEASE >= (1, 3):
        losses.append("gamma")
    for loss in losses:
        options = {"quantile": 0.3} if loss == "quantile" else {}
        model = HistGradientBoostingRegressor(loss=loss, max_iter=10, **options).fit(holes, y)
        exact = loss not in ("poisson", "gamma")
        yield Case("HistGradientBoostingRegressor_" + loss, model, asked, ("predict",), exact)


def categories(x: Any, rows: Any) -> Iterator[Case]:
    """Features that are categories: as numbers since 0.24, of any type since 1.4."""
    if RELEASE < (0, 24):
        return
    two = two_classes(x)
    numbered, asked = np.array(x), np.array(rows)
    numbered[:, 2] = np.arange(300) * 7 % 40
    asked[:, 2] = np.arange(len(rows)) * 5 % 45
    asked[:6, 2] = [np.nan, -1, 39, 44, 2.5, -0.5]
    model = HistGradientBoostingClassifier(max_iter=10, categorical_features=[2]).fit(numbered, two)
    yield Case("HistGradientBoostingClassifier_categories", model, asked, SUMS, True)
    if RELEASE < (1, 4):
        return
    words = np.array(["red", "green", "blue", "none of these"])

    def frame(table: Any, seed: int) -> Any:
        random = np.random.RandomState(seed)
        made = pd.DataFrame({"a": table[:, 0], "b": table[:, 1], "c": table[:, 2]})
        made.insert(1, "colour", pd.Categorical(words[random.randint(0, 4, len(table))]))
        made.loc[random.rand(len(table)) < 0.1, "colour"] = np.nan
        return made

    model = HistGradientBoostingClassifier(max_iter=10, categorical_features="from_dtype")
    model.fit(frame(x, 0), two)
    yield Case("frame_HistGradientBoostingClassifier", model, frame(rows, 1), SUMS, True)


def isolation(x: Any, rows: Any) -> Iterator[Case]:
    methods = ("decision_function", "score_samples", "predict")
    for name, options in (
        ("plain", {}),
        ("contamination", {"contamination": 0.1, "max_samples": 50}),
        ("features", {"max_features": 0.5, "bootstrap": True}),
        ("one_sample", {"max_samples": 1}),
    ):
        if name == "one_sample" and RELEASE < (1, 0):
            continue
        model = IsolationForest(n_estimators=15, random_state=0, **options).fit(x)
        yield Case("IsolationForest_" + name, model, rows, methods)
    if RELEASE >= (1, 6):
        model = IsolationForest(n_estimators=15, random_state=0).fit(with_missing(x))
        yield Case("IsolationForest_missing", model, with_missing(rows, 5), methods)
