"""sklearn.naive_bayes"""

from typing import Any, Iterator

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import BernoulliNB, CategoricalNB, ComplementNB, GaussianNB, MultinomialNB
from sklearn.pipeline import make_pipeline

from cases.case import TEXTS, UNSEEN, Case, numbers, three_classes, two_classes

ASKED = ("predict", "predict_proba", "predict_log_proba")


def cases() -> Iterator[Case]:
    x = numbers(80, 4)
    rows = np.vstack([numbers(20, 4, seed=2) * 2, np.zeros((1, 4))])
    counts, count_rows = np.floor(np.abs(x) * 3), np.floor(np.abs(rows) * 3)
    codes = np.minimum(count_rows, counts.max(axis=0))
    for count, y in (("two", two_classes(x)), ("three", three_classes(x) * 5)):
        models: Any = {
            "gaussian": (GaussianNB(), x, rows),
            "bernoulli": (BernoulliNB(binarize=0.3), x, rows),
            "bernoulli_of_bits": (BernoulliNB(binarize=None), x > 0, rows > 0),
            "multinomial": (MultinomialNB(), counts, count_rows),
            "complement": (ComplementNB(), counts, count_rows),
            "complement_norm": (ComplementNB(norm=True), counts, count_rows),
            "categorical": (CategoricalNB(), counts, codes),
        }
        for name, (model, given, asked) in models.items():
            fitted = model.fit(given.astype(float), y)
            yield Case("bayes_%s_%s" % (count, name), fitted, asked.astype(float), ASKED)
    yield Case("bayes_one_class", GaussianNB().fit(x, np.ones(80)), rows, ASKED)
    yield Case(
        "bayes_unknown_category",
        CategoricalNB().fit(counts, two_classes(x)),
        counts[:1] + 1000,
        ASKED,
        refused="expected a category from 0 to",
    )
    topics = [0, 1, 2, 0, 1, 2, 0, 1]
    for kind in (BernoulliNB, MultinomialNB, ComplementNB):
        steps = make_pipeline(CountVectorizer(), kind()).fit(TEXTS, topics)
        yield Case("bayes_of_text_" + kind.__name__, steps, UNSEEN, ASKED)
