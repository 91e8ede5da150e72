"""Estimators that hold others: ensembles, calibration, many classes from two, several outputs."""

from typing import Any, Dict, Iterator

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    BaggingClassifier,
    BaggingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.feature_selection import (
    RFE,
    GenericUnivariateSelect,
    SelectFdr,
    SelectFromModel,
    SelectKBest,
    SelectPercentile,
    VarianceThreshold,
)
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier, OutputCodeClassifier
from sklearn.multioutput import MultiOutputRegressor, RegressorChain
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from cases.case import RELEASE, Case, numbers, three_classes, two_classes, with_missing

PROBA = ("predict", "predict_proba")
ALL = ("predict", "predict_proba", "decision_function")


def holding(kind: Any, inner: Any, **options: Any) -> Any:
    """The ensemble of an inner estimator, which 1.2 renamed."""
    options["estimator" if RELEASE >= (1, 2) else "base_estimator"] = inner
    return kind(**options)


def tree(depth: int = 3) -> Any:
    return DecisionTreeClassifier(max_depth=depth, random_state=0)


def values(depth: int = 4) -> Any:
    return DecisionTreeRegressor(max_depth=depth, random_state=0)


def ensembles(x: Any) -> Iterator[Case]:
    rows = x[::-1]
    targets: Dict[str, Any] = {
        "two": two_classes(x),
        "three": np.array(["a", "b", "c"])[three_classes(x)],
        "bool": two_classes(x) > 0,
    }
    for name, y in targets.items():
        ways = [{}] if RELEASE >= (1, 6) else [{"algorithm": "SAMME"}, {"algorithm": "SAMME.R"}]
        for way in ways:
            tag = "%s_%s" % (name, way.get("algorithm", "SAMME"))
            boost = AdaBoostClassifier(n_estimators=6, random_state=0, **way)
            yield Case("ada_boost_" + tag, boost.fit(x, y), rows, ALL)
            linear = holding(AdaBoostClassifier, LogisticRegression(), n_estimators=3, random_state=0, **way)
            yield Case("ada_boost_linear_" + tag, linear.fit(x, y), rows, ALL)
        bag = BaggingClassifier(n_estimators=5, random_state=0, max_features=0.5)
        yield Case("bagging_trees_" + name, bag.fit(x, y), rows, PROBA, exact=True)
        few = BaggingClassifier(n_estimators=7, random_state=0, max_samples=3)
        yield Case("bagging_few_rows_" + name, few.fit(x, y), rows, PROBA, exact=True)
        bag = holding(BaggingClassifier, LogisticRegression(), n_estimators=3, random_state=0, max_features=4)
        yield Case("bagging_linear_" + name, bag.fit(x, y), rows, ALL)
        pair = OneVsOneClassifier(LogisticRegression())
        bag = holding(BaggingClassifier, pair, n_estimators=3, random_state=0)
        yield Case("bagging_votes_" + name, bag.fit(x, y), rows, PROBA)
        voters = [("l", LogisticRegression()), ("t", tree()), ("f", RandomForestClassifier(3, random_state=0))]
        for voting in ("soft", "hard"):
            for weights in (None, [1, 2.5, 0.5]):
                asked = PROBA if voting == "soft" else ("predict",)
                model = VotingClassifier(voters, voting=voting, weights=weights)
                tag = "%s_%s_%s" % (voting, name, "weighted" if weights else "even")
                yield Case("voting_" + tag, model.fit(x, y), rows, asked + ("transform",))
        for method in ("auto", "decision_function", "predict"):
            members = [("l", LogisticRegression()), ("p", make_pipeline(StandardScaler(), LogisticRegression(C=0.1)))]
            model = StackingClassifier(members, stack_method=method, passthrough=method == "auto", cv=3)
            yield Case("stacking_%s_%s" % (method, name), model.fit(x, y), rows, ALL + ("transform",))
    y = x[:, 0] * 2 + x[:, 1]
    rows = x[::-1]
    boost = AdaBoostRegressor(n_estimators=7, random_state=0)
    yield Case("ada_boost_median", boost.fit(x, y), rows, ("predict",), exact=True)
    bag = BaggingRegressor(n_estimators=7, random_state=0, max_features=0.5)
    yield Case("bagging_regressor", bag.fit(x, y), rows, ("predict",), exact=True)
    pair = [("a", values(2)), ("b", RandomForestRegressor(3, random_state=0))]
    vote = VotingRegressor(pair, weights=[1, 3])
    yield Case("voting_regressor", vote.fit(x, y), rows, ("predict", "transform"))
    stack = StackingRegressor(pair, final_estimator=values(), passthrough=True, cv=3)
    yield Case("stacking_regressor", stack.fit(x, y), rows, ("predict", "transform"))


def calibrated(x: Any) -> Iterator[Case]:
    methods = ["sigmoid", "isotonic"] + (["temperature"] if RELEASE >= (1, 8) else [])
    for name, y in (("two", two_classes(x)), ("three", np.array(["a", "b", "c"])[three_classes(x)])):
        for method in methods:
            for inner in (LogisticRegression(), tree()):
                kind = type(inner).__name__
                model = CalibratedClassifierCV(inner, method=method, cv=3).fit(x, y)
                yield Case("calibrated_%s_%s_%s" % (method, kind, name), model, x[::-1], PROBA)


def of_two_classes(x: Any) -> Iterator[Case]:
    rows = x[::-1]
    for name, y in (("two", two_classes(x)), ("three", np.array(["a", "b", "c"])[three_classes(x)])):
        yield Case("one_vs_rest_" + name, OneVsRestClassifier(LogisticRegression()).fit(x, y), rows, ALL)
        yield Case("one_vs_rest_trees_" + name, OneVsRestClassifier(tree()).fit(x, y), rows, PROBA)
        pairs = OneVsOneClassifier(LogisticRegression()).fit(x, y)
        yield Case("one_vs_one_" + name, pairs, rows, ("predict", "decision_function"))
        codes = OutputCodeClassifier(LogisticRegression(), code_size=2, random_state=0)
        yield Case("output_code_" + name, codes.fit(x, y), rows, ("predict",))


def several_outputs(x: Any) -> Iterator[Case]:
    rows = x[::-1]
    y = np.c_[x[:, 0] * 2, x[:, 1] - x[:, 2]]
    yield Case("several_values", MultiOutputRegressor(values()).fit(x, y), rows, ("predict",), exact=True)
    chain = RegressorChain(values(), order=[1, 0])
    yield Case("chain_of_values", chain.fit(x, y), rows, ("predict",), exact=True)


def searched(x: Any) -> Iterator[Case]:
    rows = x[::-1]
    y = three_classes(x)
    grid = GridSearchCV(LogisticRegression(), {"C": [0.1, 1]}, cv=2)
    yield Case("grid_search", grid.fit(x, y), rows, ALL)
    positive = np.exp(x[:, 0])
    target = TransformedTargetRegressor(values(), func=np.log1p, inverse_func=np.expm1)
    yield Case("transformed_target", target.fit(x, positive), rows, ("predict",))


def selected(x: Any) -> Iterator[Case]:
    rows, y = x[::-1], three_classes(x)
    same = x.copy()
    same[:, 2], same[:, 4] = same[:, 0], 1.0
    selectors: Dict[str, Any] = {
        "best": SelectKBest(k=3),
        "percentile": SelectPercentile(percentile=40),
        "fdr": SelectFdr(alpha=0.4),
        "generic": GenericUnivariateSelect(mode="fwe", param=0.4),
        "variance": VarianceThreshold(0.5),
        "mean": SelectFromModel(LogisticRegression(), threshold="1.1*mean"),
        "median": SelectFromModel(RandomForestClassifier(4, random_state=0), threshold="median"),
        "few": SelectFromModel(tree(), threshold=-np.inf, max_features=2),
    }
    for name, selector in selectors.items():
        yield Case("select_" + name, selector.fit(same, y), rows, ("transform",), exact=True)
    yield Case("select_rfe", RFE(LogisticRegression(), n_features_to_select=3).fit(x, y), rows, ALL + ("transform",))
    best = SelectKBest(k=2).fit(x, y)
    yield Case("select_missing", best, with_missing(x), ("transform",), refused="expected a finite number")


def functions(x: Any) -> Iterator[Case]:
    for name in ("log1p", "sqrt", "absolute", "exp", "sign", "square", "reciprocal", "rint", "log10"):
        model = FunctionTransformer(getattr(np, name), validate=True).fit(np.abs(x))
        yield Case("function_" + name, model, np.abs(x) + 0.5, ("transform",))


def cases() -> Iterator[Case]:
    x = numbers(120, 6, seed=11)
    yield from ensembles(x)
    yield from calibrated(x)
    yield from of_two_classes(x)
    yield from several_outputs(x)
    yield from searched(x)
    yield from selected(x)
    yield from functions(x)
