"""sklearn.linear_model"""

from typing import Any, Dict, Iterator

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.pipeline import make_pipeline

from cases.case import RELEASE, TEXTS, UNSEEN, Case, numbers, three_classes, two_classes

ASKED = ("predict", "predict_proba", "predict_log_proba", "decision_function")


def cases() -> Iterator[Case]:
    x = numbers()
    rows = np.vstack([numbers(100, 6, seed=2) * 3, np.zeros((1, 6)), numbers(2, 6) * 1e6])
    two, three = two_classes(x), three_classes(x)
    solvers = ["lbfgs", "liblinear", "newton-cg", "sag", "saga"]
    if RELEASE >= (1, 2):
        solvers.append("newton-cholesky")
    for solver in solvers:
        model = LogisticRegression(solver=solver, max_iter=300).fit(x, two)
        yield Case("logistic_two_" + solver, model, rows, ASKED)
        if solver == "liblinear" and RELEASE >= (1, 8):
            continue
        model = LogisticRegression(solver=solver, max_iter=300).fit(x, three)
        yield Case("logistic_three_" + solver, model, rows, ASKED)
    options: Dict[str, Dict[str, Any]] = {
        "no_intercept": {"fit_intercept": False},
        "strong": {"C": 0.01},
        "weak": {"C": 1e4},
        "balanced": {"class_weight": "balanced"},
    }
    if RELEASE < (1, 8):
        options["ovr"] = {"multi_class": "ovr"}
        options["multinomial"] = {"multi_class": "multinomial"}
    for name, given in options.items():
        for count, y in (("two", two), ("three", three)):
            model = LogisticRegression(max_iter=300, **given).fit(x, y)
            yield Case("logistic_%s_%s" % (count, name), model, rows, ASKED)
    model = LogisticRegressionCV(cv=3, Cs=3, max_iter=300).fit(x, three)
    yield Case("logistic_cv", model, rows, ASKED)
    labels: Dict[str, Any] = {
        "texts": np.array(["no, thanks", 'so "so"', "yes"])[three],
        "bools": two == 1,
        "floats": np.array([-1.0, 0.0, 2.0])[three],
        "signs": np.where(two == 1, 1, -1),
        "objects": np.array(["a", "b", "\u00e9"], dtype=object)[three],
    }
    for name, y in labels.items():
        yield Case("logistic_labels_" + name, LogisticRegression().fit(x, y), rows, ASKED)
    f32 = LogisticRegression().fit(x.astype(np.float32), two)
    yield Case("logistic_fitted_float32", f32, rows, ASKED)
    topics = [0, 1, 2, 0, 1, 2, 0, 1]
    vectorizers = {"tfidf": TfidfVectorizer(ngram_range=(1, 2)), "count": CountVectorizer()}
    for name, vectorizer in vectorizers.items():
        steps = make_pipeline(vectorizer, LogisticRegression()).fit(TEXTS, topics)
        yield Case("logistic_of_" + name, steps, UNSEEN, ASKED)
    infinite = np.array([[0, 0, np.nan, 0, 0, 0]], dtype=float)
    yield Case(
        "logistic_missing",
        LogisticRegression().fit(x, two),
        infinite,
        ASKED,
        refused="expected a finite number, got a missing value",
    )
