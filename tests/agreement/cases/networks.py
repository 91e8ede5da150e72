"""sklearn.neural_network"""

from typing import Iterator

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.neural_network import BernoulliRBM, MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline

from cases.case import RELEASE, TEXTS, UNSEEN, Case, numbers, three_classes, two_classes

ASKED = ("predict", "predict_proba", "predict_log_proba")


def cases() -> Iterator[Case]:
    x = numbers(80, 4)
    rows = np.vstack([numbers(20, 4, seed=2) * 2, np.zeros((1, 4))])
    two, three = two_classes(x), three_classes(x)
    given = {"max_iter": 5, "random_state": 0}
    for activation in ("relu", "tanh", "logistic", "identity"):
        for count, y in (("two", two), ("three", three)):
            model = MLPClassifier((9, 5), activation=activation, **given).fit(x, y)
            yield Case("mlp_%s_%s" % (count, activation), model, rows, ASKED)
        model = MLPRegressor(hidden_layer_sizes=(9,), activation=activation, **given)
        many = np.column_stack([x[:, 0], x[:, 1] * 2])
        yield Case("mlp_many_" + activation, model.fit(x, many), rows, ("predict",))
    model = MLPClassifier((), **given).fit(x, three)
    yield Case("mlp_no_hidden", model, rows, ASKED)
    if RELEASE >= (1, 7):
        model = MLPRegressor(hidden_layer_sizes=(9,), loss="poisson", **given)
        yield Case("mlp_poisson", model.fit(x, np.exp(x[:, 0])), rows, ("predict",))
    steps = make_pipeline(TfidfVectorizer(), MLPClassifier((7,), **given))
    yield Case("mlp_of_text", steps.fit(TEXTS, [0, 1, 0, 1, 0, 1, 0, 1]), UNSEEN, ASKED)
    model = BernoulliRBM(n_components=3, n_iter=2, random_state=0).fit((x > 0) * 1.0)
    yield Case("rbm", model, (rows > 0) * 1.0, ("transform",))
