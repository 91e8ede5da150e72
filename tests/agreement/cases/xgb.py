"""xgboost: bit for bit, as its own float32 sums are."""

from typing import Any, Dict, Iterator

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.feature_selection import RFE, RFECV, SelectFromModel
from sklearn.pipeline import make_pipeline

from cases.case import RELEASE, TEXTS, UNSEEN, Case, missing_where_taken, numbers, three_classes, two_classes, with_missing

try:
    import xgboost
except ImportError:
    xgboost = None

VERSION = tuple(int(part) for part in xgboost.__version__.split(".")[:2]) if xgboost else (0, 0)
CLASSIFIED = ("predict", "predict_proba", "apply")
VALUED = ("predict", "apply")
SMALL: Dict[str, Any] = {"n_estimators": 12, "max_depth": 3, "n_jobs": 1}


def classifier(**options: Any) -> Any:
    return xgboost.XGBClassifier(**{**SMALL, **options})


def regressor(**options: Any) -> Any:
    return xgboost.XGBRegressor(**{**SMALL, **options})


def cases() -> Iterator[Case]:
    if xgboost is None:
        return
    x = numbers(300)
    rows = np.vstack([numbers(100, 6, seed=6), np.zeros((1, 6)), numbers(3, 6) * 1e9])
    holes = with_missing(rows, 4)
    two, three = two_classes(x), three_classes(x)
    y = x @ np.arange(6) + numbers(300, 1, seed=7)[:, 0]
    boosters: Dict[str, Dict[str, Any]] = {
        "tree": {},
        "dart": {"booster": "dart", "rate_drop": 0.3},
        "base": {"base_score": 0.3},
        "parallel": {"num_parallel_tree": 2},
    }
    for name, options in boosters.items():
        model = classifier(**options).fit(with_missing(x), two)
        yield Case("xgb_two_" + name, model, holes, CLASSIFIED, True)
        model = classifier(**options).fit(with_missing(x), three)
        yield Case("xgb_three_" + name, model, holes, CLASSIFIED, True)
        model = regressor(**options).fit(with_missing(x), y)
        yield Case("xgb_regress_" + name, model, holes, VALUED, True)
    for objective in ("count:poisson", "reg:gamma", "reg:tweedie", "survival:cox"):
        model = regressor(objective=objective).fit(x, np.abs(y) + 0.1)
        yield Case("xgb_" + objective.replace(":", "_"), model, holes, VALUED, True)
    for objective in ("binary:hinge", "binary:logitraw"):
        model = classifier(objective=objective).fit(x, two)
        yield Case("xgb_" + objective.replace(":", "_"), model, holes, CLASSIFIED, True)
    linear = regressor(booster="gblinear").fit(x, y)
    yield Case("xgb_linear", linear, holes, ("predict",), True)
    far = np.where(np.isnan(with_missing(x)), -999.0, x)
    model = classifier(missing=-999.0).fit(far, two)
    yield Case("xgb_missing", model, np.where(np.isnan(holes), -999.0, rows), CLASSIFIED, True)
    forest = xgboost.XGBRFClassifier(n_estimators=9, max_depth=4, n_jobs=1).fit(x, three)
    yield Case("xgb_forest", forest, holes, CLASSIFIED, True)
    ranker = xgboost.XGBRanker(n_estimators=9, max_depth=3, objective="rank:pairwise", n_jobs=1)
    ranker.fit(x, two, group=[100, 100, 100])
    yield Case("xgb_ranker", ranker, holes, ("predict",), True)
    booster = xgboost.train(
        {"objective": "multi:softmax", "num_class": 3, "max_depth": 3}, xgboost.DMatrix(x, three), 9
    )
    yield from raw_boosters(booster, holes)
    yield from odd_options(x, two, three, y, holes)
    yield from selectors(x, two, three, y)
    yield from categories(x, two)
    named = pd.DataFrame(with_missing(x), columns=["a", "b", "c c", "d", "e", "f"])
    yield Case("xgb_names", classifier().fit(named, two), named[:50], ("predict", "predict_proba"), True)
    steps = make_pipeline(TfidfVectorizer(), classifier(min_child_weight=0.1))
    steps.fit(TEXTS * 8, [0, 1, 2, 0, 1, 2, 0, 1] * 8)
    yield Case("xgb_of_tfidf", steps, UNSEEN, ("predict", "predict_proba"), True)


def odd_options(x: Any, two: Any, three: Any, y: Any, holes: Any) -> Iterator[Case]:
    dropping = {"booster": "dart", "rate_drop": 0.4, "one_drop": True}
    yield Case("xgb_one_drop", classifier(**dropping).fit(x, three), holes, CLASSIFIED, True)
    linear = classifier(booster="gblinear").fit(x, three)
    yield Case("xgb_linear_three", linear, holes, ("predict", "predict_proba"), True)
    if VERSION < (2, 0):
        return
    early = classifier(n_estimators=80, learning_rate=0.5, early_stopping_rounds=3)
    early.fit(x[:200], three[:200], eval_set=[(x[200:], three[200:])], verbose=False)
    yield Case("xgb_early_stopping", early, holes, CLASSIFIED, True)
    several = np.column_stack([two, 1 - two, three > 0]).astype(int)
    yield Case("xgb_multilabel", classifier().fit(x, several), holes, CLASSIFIED, True)
    together: Dict[str, Any] = {"multi_strategy": "multi_output_tree", "tree_method": "hist"}
    outputs = regressor(**together).fit(x, np.column_stack([y, -y, y * y]))
    yield Case("xgb_multi_output_tree", outputs, holes, VALUED, True)
    model = regressor(objective="reg:quantileerror", quantile_alpha=np.array([0.1, 0.5, 0.9]))
    yield Case("xgb_quantiles", model.fit(x, y), holes, VALUED, True)


def selectors(x: Any, two: Any, three: Any, y: Any) -> Iterator[Case]:
    trees: Dict[str, Any] = {"booster": "gbtree"}  # Without it some releases ask for coef_.
    rows = missing_where_taken(SelectFromModel(classifier(**trees)).fit(x, two), x[:50])
    wide = np.hstack([numbers(300, 140, seed=9), x])
    for kind in ("weight", "gain", "cover", "total_gain", "total_cover"):
        for rule in ("mean", "median", "1.1*mean", 0.15):
            model = SelectFromModel(classifier(importance_type=kind, **trees), threshold=rule).fit(x, three)
            yield Case("xgb_selects_%s_%s" % (kind, rule), model, rows, ("transform",), True)
        model = SelectFromModel(regressor(importance_type=kind, **trees), threshold=-np.inf, max_features=3)
        model.fit(wide, y)
        yield Case("xgb_selects_three_by_" + kind, model, wide[:20], ("transform",), True)
    many = SelectFromModel(regressor(n_estimators=40, **trees), threshold="median").fit(wide, y)
    yield Case("xgb_selects_of_many", many, wide[:20], ("transform",), True)
    if VERSION >= (1, 0):
        dart = SelectFromModel(classifier(booster="dart", rate_drop=0.3)).fit(x, two)
        yield Case("xgb_selects_dart", dart, rows, ("transform",), True)
    named = pd.DataFrame(x, columns=["a", "b", "c c", "d", "e", "f"])
    steps = make_pipeline(SelectFromModel(classifier(**trees)), classifier()).fit(named, two)
    yield Case("xgb_selects_of_frame", steps, named[:40], ("predict", "predict_proba"), True)
    least = RFE(classifier(**trees), n_features_to_select=3).fit(x, three)
    yield Case("xgb_rfe", least, rows, ("transform", "predict", "predict_proba"), True)
    best = RFECV(regressor(n_estimators=5, **trees), cv=3).fit(x, y)
    yield Case("xgb_rfecv", best, rows, ("transform", "predict"), True)
    linear = SelectFromModel(regressor(booster="gblinear")).fit(x, y)
    yield Case("xgb_selects_linear", linear, x[:50], ("transform",), True)
    if VERSION < (1, 5) or RELEASE < (0, 24):
        return
    for norm in (1, 2, np.inf):
        linear = SelectFromModel(classifier(booster="gblinear"), norm_order=norm).fit(x, three)
        yield Case("xgb_selects_linear_three_%s" % norm, linear, x[:50], ("transform",), True)
    shares = SelectFromModel(regressor(booster="gblinear"), importance_getter="feature_importances_")
    yield Case("xgb_selects_linear_shares", shares.fit(x, y), x[:50], ("transform",), True)
    if VERSION >= (3, 1):
        together = regressor(multi_strategy="multi_output_tree", tree_method="hist")
        model = SelectFromModel(together).fit(x, np.column_stack([y, -y, y * y]))
        yield Case("xgb_selects_several_outputs", model, rows, ("transform",), True)


def categories(x: Any, two: Any) -> Iterator[Case]:
    # Before 3.1 a model does not keep its categories.
    if VERSION < (3, 1):
        return
    random = np.random.RandomState(5)
    frame = pd.DataFrame(
        {
            "size": x[:, 0],
            "kind": pd.Categorical(random.choice(["ant", "bee", "a long name", "cow"], len(x))),
            "code": pd.Categorical(random.choice([5, 7, 30], len(x))),
        }
    )
    effect = two ^ (frame["kind"].cat.codes.values % 2) ^ (frame["code"].cat.codes.values == 1)
    rows = frame[:60].copy()
    rows.loc[::6, "kind"] = None
    rows.loc[::7, "code"] = np.nan
    for name, options in {"": {}, "_one_hot": {"max_cat_to_onehot": 10}}.items():
        model = classifier(enable_categorical=True, tree_method="hist", **options)
        yield Case("xgb_categories" + name, model.fit(frame, effect), rows, CLASSIFIED, True)


class Rows:
    """A booster that takes rows as they are; pickled as the booster alone."""

    def __init__(self, booster: Any) -> None:
        self.booster = booster

    def predict(self, rows: Any) -> Any:
        return self.booster.predict(xgboost.DMatrix(rows))

    def __reduce__(self) -> Any:
        state = self.booster.__getstate__()
        return (xgboost.Booster, (), state)


def raw_boosters(booster: Any, rows: Any) -> Iterator[Case]:
    yield Case("xgb_booster", Rows(booster), rows, ("predict",), True)
