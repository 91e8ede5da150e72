"""catboost, the statistics that it keeps of categories too."""

from typing import Any, Dict, Iterator

import numpy as np
import pandas as pd
from sklearn.feature_selection import RFE, SelectFromModel
from sklearn.pipeline import make_pipeline

from cases.case import Case, missing_where_taken, numbers, three_classes, two_classes, with_missing

try:
    import catboost
except ImportError:
    catboost = None

CLASSIFIED = ("predict", "predict_proba", "predict_log_proba")
SMALL: Dict[str, Any] = {
    "iterations": 12,
    "depth": 3,
    "verbose": 0,
    "thread_count": 1,
    "allow_writing_files": False,
}


def classifier(**options: Any) -> Any:
    return catboost.CatBoostClassifier(**{**SMALL, **options})


def regressor(**options: Any) -> Any:
    return catboost.CatBoostRegressor(**{**SMALL, **options})


def cases() -> Iterator[Case]:
    if catboost is None:
        return
    x = numbers(300)
    rows = np.vstack([numbers(100, 6, seed=6), np.zeros((1, 6)), numbers(3, 6) * 1e9])
    holes = with_missing(rows, 4)
    two, three = two_classes(x), three_classes(x)
    y = x @ np.arange(6) + numbers(300, 1, seed=7)[:, 0]
    kinds: Dict[str, Dict[str, Any]] = {
        "oblivious": {},
        "depthwise": {"grow_policy": "Depthwise"},
        "lossguide": {"grow_policy": "Lossguide"},
        "nan_max": {"nan_mode": "Max"},
    }
    for name, options in kinds.items():
        model = classifier(**options).fit(with_missing(x), two)
        yield Case("cat_two_" + name, model, holes, CLASSIFIED)
        model = classifier(**options).fit(with_missing(x), three)
        yield Case("cat_three_" + name, model, holes, ("predict_proba", "predict_log_proba"))
        model = regressor(**options).fit(with_missing(x), y)
        yield Case("cat_regress_" + name, model, holes, ("predict",))
    poisson = regressor(loss_function="Poisson").fit(x, np.abs(y) + 0.1)
    yield Case("cat_poisson", poisson, holes, ("predict",))
    each = classifier(loss_function="MultiClassOneVsAll").fit(x, three)
    yield Case("cat_one_vs_all", each, holes, ("predict_proba",))
    labels = np.array(["no", "yes"])[two]
    yield Case("cat_labels", classifier().fit(x, labels), holes, CLASSIFIED)
    yield from odd_options(x, two, three, y)
    yield from categories(x, two, three, y)
    yield from selectors(x, two, y)


def selectors(x: Any, two: Any, y: Any) -> Iterator[Case]:
    rows = missing_where_taken(SelectFromModel(classifier()).fit(x, two), x[:50])
    for rule in ("mean", "median", "0.5*mean", 9.0):
        model = SelectFromModel(classifier(), threshold=rule).fit(x, two)
        yield Case("cat_selects_%s" % rule, model, rows, ("transform",), True)
    few = SelectFromModel(regressor(), threshold=-np.inf, max_features=2).fit(x, y)
    yield Case("cat_selects_two", few, rows, ("transform",), True)
    strict = SelectFromModel(regressor(nan_mode="Forbidden")).fit(x, y)
    yield Case("cat_selects_strict", strict, x[:50], ("transform",), True)
    yield Case("cat_selects_no_missing", strict, with_missing(x[:50], 4), ("transform",), refused="a missing value")
    steps = make_pipeline(SelectFromModel(classifier()), classifier()).fit(x, two)
    yield Case("cat_selects_for_itself", steps, rows, ("predict", "predict_proba"))
    least = RFE(classifier(), n_features_to_select=3).fit(x, two)
    yield Case("cat_rfe", least, rows, ("transform", "predict", "predict_proba"))


def odd_options(x: Any, two: Any, three: Any, y: Any) -> Iterator[Case]:
    if tuple(int(part) for part in catboost.__version__.split(".")[:2]) < (1, 2):
        return
    holes = with_missing(numbers(60, 6, seed=8), 4)
    labels: Dict[str, Any] = {
        "texts_of_numbers": np.array(["10", "9"])[two],
        "ints": np.array([-3, 4, 70])[three],
        "floats": np.array([0.5, 1.5])[two],
        "bools": two == 1,
    }
    for name, given in labels.items():
        yield Case("cat_labels_" + name, classifier().fit(x, given), holes, ("predict", "predict_proba"))
    several = np.column_stack([two, 1 - two, three > 0]).astype(int)
    multilabel = classifier(loss_function="MultiLogloss").fit(x, several)
    yield Case("cat_multilabel", multilabel, holes, ("predict", "predict_proba"))
    focal = classifier(loss_function="Focal:focal_alpha=0.5;focal_gamma=2").fit(x, two)
    yield Case("cat_focal", focal, holes, CLASSIFIED)
    least = classifier(nan_mode="Min").fit(with_missing(x), two)
    yield Case("cat_nan_min", least, holes, CLASSIFIED)
    for loss in ("RMSEWithUncertainty", "MultiQuantile:alpha=0.1,0.5,0.9", "LogLinQuantile", "Huber:delta=1"):
        model = regressor(loss_function=loss).fit(x, np.abs(y) + 0.1)
        yield Case("cat_" + loss.split(":")[0], model, holes, ("predict",))
    pairs = regressor(loss_function="MultiRMSE").fit(x, np.column_stack([y, -y]))
    yield Case("cat_multi_rmse", pairs, holes, ("predict",))


def categories(x: Any, two: Any, three: Any, y: Any) -> Iterator[Case]:
    random = np.random.RandomState(3)
    kinds = np.array(["ant", "bee", "a category of many words", "cow", "x" * 70])
    frame = pd.DataFrame(
        {
            "size": x[:, 0],
            "kind": kinds[random.randint(0, 5, 300)],
            "code": random.randint(0, 30, 300).astype(str),
            "weight": x[:, 3],
        }
    )
    effect = two ^ (frame["code"].astype(int).values % 2)
    rows = frame[:80].copy()
    rows.loc[::7, "kind"] = "unseen"
    options: Dict[str, Dict[str, Any]] = {
        "ctr": {},
        "one_hot": {"one_hot_max_size": 40},
        "combined": {"max_ctr_complexity": 3, "iterations": 30},
        "buckets": {"simple_ctr": ["Buckets", "Counter"], "combinations_ctr": ["Buckets"]},
    }
    for name, each in options.items():
        given = {"cat_features": ["kind", "code"], **each}
        yield Case("cat_" + name, classifier(**given).fit(frame, effect), rows, CLASSIFIED)
        model = classifier(**given).fit(frame, (three + effect) % 3)
        yield Case("cat_three_" + name, model, rows, ("predict_proba",))
        model = regressor(**given).fit(frame, y + 3 * effect)
        yield Case("cat_regress_" + name, model, rows, ("predict",))
