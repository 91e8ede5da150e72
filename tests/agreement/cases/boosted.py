"""lightgbm: bit for bit."""

from typing import Any, Dict, Iterator

import lightgbm
import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.feature_selection import SelectFromModel
from sklearn.pipeline import make_pipeline

from cases.case import TEXTS, UNSEEN, Case, numbers, three_classes, two_classes, with_missing

CLASSIFIED = ("predict", "predict_proba")
SMALL: Dict[str, Any] = {"n_estimators": 12, "num_leaves": 9, "min_child_samples": 5, "n_jobs": 1}


def classifier(**options: Any) -> Any:
    return lightgbm.LGBMClassifier(**{**SMALL, "verbose": -1, **options})


def regressor(**options: Any) -> Any:
    return lightgbm.LGBMRegressor(**{**SMALL, "verbose": -1, **options})


def cases() -> Iterator[Case]:
    x = numbers(400)
    rows = np.vstack([numbers(200, 6, seed=6), np.zeros((1, 6)), numbers(3, 6) * 1e9])
    holes = with_missing(rows, 4)
    two, three = two_classes(x), three_classes(x)
    y = x @ np.arange(6) + numbers(400, 1, seed=7)[:, 0]
    bagging: Dict[str, Any] = {"subsample": 0.7, "subsample_freq": 1}
    boosters: Dict[str, Dict[str, Any]] = {
        "gbdt": {},
        "dart": {"boosting_type": "dart"},
        "rf": {"boosting_type": "rf", **bagging},
        "goss": {"boosting_type": "goss"},
        "deep": {"n_estimators": 60, "num_leaves": 31},
        "sigmoid": {"sigmoid": 2.5},
        "zero_missing": {"zero_as_missing": True},
        "no_missing": {"use_missing": False},
        "no_average": {"boost_from_average": False},
        "linear_none": {"max_bin": 15},
    }
    for name, options in boosters.items():
        model = classifier(**options).fit(x, two)
        yield Case("lgbm_two_" + name, model, holes, CLASSIFIED, True)
        model = classifier(**options).fit(with_missing(x), three)
        yield Case("lgbm_three_" + name, model, holes, CLASSIFIED, True)
        model = regressor(**{k: v for k, v in options.items() if k != "sigmoid"}).fit(with_missing(x), y)
        yield Case("lgbm_regress_" + name, model, holes, ("predict",), True)
    ova = classifier(objective="multiclassova").fit(x, three)
    yield Case("lgbm_ova", ova, holes, CLASSIFIED, True)
    for name, y_of in (("two", two), ("three", three)):
        if hasattr(lightgbm.LGBMClassifier, "decision_function"):
            yield Case("lgbm_decision_" + name, classifier().fit(x, y_of), holes, ("decision_function",), True)
        for importance in ("split", "gain"):
            selector = SelectFromModel(classifier(importance_type=importance)).fit(x, y_of)
            yield Case("lgbm_selects_%s_%s" % (importance, name), selector, rows, ("transform",), True)
    for objective in ("regression_l1", "huber", "fair", "quantile", "mape"):
        model = regressor(objective=objective).fit(x, y)
        yield Case("lgbm_" + objective, model, holes, ("predict",), True)
    for objective in ("poisson", "gamma", "tweedie"):
        model = regressor(objective=objective).fit(x, np.abs(y) + 0.1)
        yield Case("lgbm_" + objective, model, holes, ("predict",), True)
    odd: Dict[str, Dict[str, Any]] = {
        "quantile_9": {"objective": "quantile", "alpha": 0.9},
        "tweedie_19": {"objective": "tweedie", "tweedie_variance_power": 1.9},
        "poisson_rf": {"objective": "poisson", "boosting_type": "rf", **bagging},
        "huber_sqrt": {"objective": "huber", "reg_sqrt": True},
    }
    for name, options in odd.items():
        model = regressor(**options).fit(with_missing(x), np.abs(y) + 0.1)
        yield Case("lgbm_" + name, model, holes, ("predict",), True)
    weighed = classifier(objective="multiclassova", sigmoid=1.7).fit(with_missing(x), three)
    yield Case("lgbm_ova_sigmoid", weighed, holes, CLASSIFIED, True)
    share = regressor(objective="cross_entropy").fit(x, 1 / (1 + np.exp(-y)))
    yield Case("lgbm_cross_entropy", share, holes, ("predict",), True)
    labels: Dict[str, Any] = {
        "texts": np.array(["no", "perhaps", "yes"])[three],
        "signs": np.where(two == 1, 1, -1),
        "sparse_ints": np.array([3, 7, 12])[three],
        "bools": two == 1,
    }
    labels["one"] = np.full(len(x), 7)
    for name, given in labels.items():
        yield Case("lgbm_labels_" + name, classifier().fit(x, given), rows, CLASSIFIED, True)
    stopping = classifier(n_estimators=200, learning_rate=0.5)
    early = lightgbm.early_stopping(3, verbose=False)
    stopping.fit(x[:300], two[:300], eval_set=[(x[300:], two[300:])], callbacks=[early])
    yield Case("lgbm_early_stopping", stopping, rows, CLASSIFIED, True)
    params = {"objective": "binary", "num_leaves": 7, "verbose": -1, "num_threads": 1}
    booster = lightgbm.train(params, lightgbm.Dataset(x, two), 10)
    yield Case("lgbm_booster", booster, rows, ("predict",), True)
    params["objective"] = "regression"
    booster = lightgbm.train(params, lightgbm.Dataset(x, y), 10)
    yield Case("lgbm_booster_regress", booster, rows, ("predict",), True)
    yield from categories(x, two, y)
    steps = make_pipeline(TfidfVectorizer(), classifier(min_child_samples=1)).fit(
        TEXTS * 8, [0, 1, 2, 0, 1, 2, 0, 1] * 8
    )
    yield Case("lgbm_of_tfidf", steps, UNSEEN, CLASSIFIED, True)


def categories(x: Any, two: Any, y: Any) -> Iterator[Case]:
    codes = np.array(x)
    codes[:, 2] = np.floor(np.abs(x[:, 2]) * 20)
    codes[:, 4] = np.floor(np.abs(x[:, 4]) * 3)
    model = classifier().fit(codes, two, categorical_feature=[2, 4])
    asked = np.array(codes[:100])
    asked[::5, 2] = [900, -1, 2.5, np.nan, 31] * 4
    yield Case("lgbm_categorical_ints", model, asked, CLASSIFIED, True)
    one_hot = regressor(max_cat_to_onehot=60).fit(codes, y, categorical_feature=[2, 4])
    yield Case("lgbm_categorical_one_hot", one_hot, asked, ("predict",), True)
    names = np.array(["ant", "bee", "cow", "\u00e9l\u00e9phant", "dog"])
    frame = pd.DataFrame(
        {
            "size": x[:, 0],
            "animal": pd.Categorical(names[codes[:, 4].astype(int) % 5]),
            "weight": x[:, 3],
            "code": pd.Categorical(codes[:, 2].astype(int) % 7),
        }
    )
    effect = two ^ (codes[:, 4].astype(int) % 2) ^ (codes[:, 2].astype(int) % 2)
    rows = frame[:120].copy()
    rows.loc[::6, "animal"] = None
    model = classifier(min_data_per_group=5, cat_smooth=1).fit(frame, effect)
    yield Case("lgbm_pandas_categories", model, rows, CLASSIFIED, True)
    unknown = frame[:20].copy()
    unknown["animal"] = pd.Categorical(["yak"] * 20)
    yield Case("lgbm_pandas_unknown", model, unknown, CLASSIFIED, True)
    model = regressor(min_data_per_group=5, cat_smooth=1).fit(frame, effect * 3 + x[:, 0])
    yield Case("lgbm_pandas_regress", model, rows, ("predict",), True)
