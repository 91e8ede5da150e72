"""Regressors of sklearn.linear_model and sklearn.svm whose answer is linear, or a link of it."""

from typing import Any, Dict, Iterator

import numpy as np
import sklearn.linear_model as linear_model
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVR

from cases.case import RELEASE, TEXTS, UNSEEN, Case, numbers

PREDICT = ("predict",)
# Of one target, and what they are made with.
ONE: Dict[str, Dict[str, Any]] = {
    "LinearRegression": {},
    "Ridge": {"fit_intercept": False},
    "RidgeCV": {},
    "Lasso": {"alpha": 0.1},
    "LassoCV": {"cv": 3},
    "ElasticNet": {"alpha": 0.1},
    "ElasticNetCV": {"cv": 3},
    "Lars": {},
    "LarsCV": {"cv": 3},
    "LassoLars": {"alpha": 0.01},
    "LassoLarsCV": {"cv": 3},
    "LassoLarsIC": {},
    "OrthogonalMatchingPursuit": {},
    "OrthogonalMatchingPursuitCV": {"cv": 3},
    "BayesianRidge": {},
    "ARDRegression": {},
    "HuberRegressor": {},
    "TheilSenRegressor": {"random_state": 0, "max_subpopulation": 200},
    "RANSACRegressor": {"random_state": 0},
    "SGDRegressor": {"random_state": 0, "average": True},
}
MANY = ("LinearRegression", "Ridge", "Lasso", "Lars", "OrthogonalMatchingPursuit",
        "MultiTaskLasso", "MultiTaskElasticNet", "RANSACRegressor")  # fmt: skip
GENERALIZED: Dict[str, Dict[str, Any]] = {
    "PoissonRegressor": {},
    "GammaRegressor": {"fit_intercept": False},
    "TweedieRegressor": {"power": 0},
    "TweedieRegressor of 1.5": {"power": 1.5},
    "TweedieRegressor by log": {"power": 0, "link": "log"},
}


def named(name: str, options: Dict[str, Any]) -> Any:
    return getattr(linear_model, name.split(" ")[0])(**options)


def cases() -> Iterator[Case]:
    x = numbers(60, 4)
    rows = np.vstack([numbers(20, 4, seed=2) * 3, np.zeros((1, 4)), numbers(2, 4) * 1e6])
    y = x.dot([1, -2, 0.5, 3]) + np.sin(x[:, 0])
    for name, options in ONE.items():
        yield Case("regressor_" + name, named(name, options).fit(x, y), rows, PREDICT)
    yield Case("regressor_LinearSVR", LinearSVR(random_state=0).fit(x, y), rows, PREDICT)
    if RELEASE >= (1, 0):
        model = linear_model.QuantileRegressor(alpha=0.01, solver="highs").fit(x, y)
        yield Case("regressor_quantile", model, rows, PREDICT)
    for name in MANY:
        model = named(name, {}).fit(x, np.column_stack([y, -y, y**2]))
        yield Case("regressor_many_" + name, model, rows, PREDICT)
    for name, options in GENERALIZED.items():
        model = named(name, options).fit(x, np.exp(y / 10))
        yield Case("regressor_" + name.replace(" ", "_"), model, rows[:20], PREDICT)
    model = linear_model.Ridge().fit(x.astype(np.float32), y.astype(np.float32))
    yield Case("regressor_fitted_float32", model, rows, PREDICT)
    model = make_pipeline(TfidfVectorizer(), linear_model.Ridge()).fit(TEXTS, range(8))
    yield Case("regressor_of_text", model, UNSEEN, PREDICT)
