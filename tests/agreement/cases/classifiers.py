"""Linear classifiers beside LogisticRegression, which probabilities they have included."""

from typing import Any, Iterator

import numpy as np
import sklearn.linear_model as linear_model
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer
from sklearn.linear_model import Perceptron, RidgeClassifier, RidgeClassifierCV, SGDClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from cases.case import RELEASE, TEXTS, UNSEEN, Case, numbers, three_classes, two_classes

SCORES = ("predict", "decision_function")
ALL = SCORES + ("predict_proba", "predict_log_proba")
LOG = "log_loss" if RELEASE >= (1, 1) else "log"


def of_text() -> Iterator[Case]:
    topics = [0, 1, 2, 0, 1, 2, 0, 1]
    for name, model, asked in (
        ("svc", LinearSVC(random_state=0), SCORES),
        ("sgd", SGDClassifier(loss=LOG, random_state=0), ALL),
        ("ridge", RidgeClassifier(), SCORES),
    ):
        fitted = make_pipeline(CountVectorizer(), model).fit(TEXTS, topics)
        yield Case("classifier_of_text_" + name, fitted, UNSEEN, asked)
    hashed = make_pipeline(HashingVectorizer(n_features=64), LinearSVC(random_state=0))
    yield Case("classifier_of_hashes", hashed.fit(TEXTS, topics), UNSEEN, SCORES)


def cases() -> Iterator[Case]:
    x = numbers(80, 4)
    rows = np.vstack([numbers(20, 4, seed=2) * 3, np.zeros((1, 4)), numbers(2, 4) * 1e3])
    three = np.array(["no", "perhaps", "yes"])[three_classes(x)]
    for count, y in (("two", two_classes(x)), ("three", three)):
        for loss in ("hinge", LOG, "modified_huber", "perceptron"):
            asked = ALL if loss in (LOG, "modified_huber") else SCORES
            model = SGDClassifier(loss=loss, random_state=0).fit(x, y)
            yield Case("sgd_%s_%s" % (count, loss), model, rows, asked)
        models: Any = {
            "svc": LinearSVC(random_state=0),
            "svc_crammer_singer": LinearSVC(random_state=0, multi_class="crammer_singer"),
            "perceptron": Perceptron(random_state=0),
            "ridge": RidgeClassifier(),
            "ridge_cv": RidgeClassifierCV(),
            "ridge_no_intercept": RidgeClassifier(fit_intercept=False),
        }
        for name, model in models.items():
            yield Case("classifier_%s_%s" % (count, name), model.fit(x, y), rows, SCORES)
    sparse = SGDClassifier(penalty="l1", loss=LOG, random_state=0).fit(x, three).sparsify()
    yield Case("sgd_sparsified", sparse, rows, ALL)
    if RELEASE >= (1, 0):
        model = linear_model.SGDOneClassSVM(random_state=0, nu=0.3).fit(x)
        asked = ("predict", "decision_function", "score_samples")
        yield Case("sgd_one_class", model, rows, asked)
    yield from of_text()
