"""Rows as sparse combinations of the atoms of a dictionary."""

from typing import Any, Dict, Iterator

import numpy as np
from sklearn.decomposition import DictionaryLearning, MiniBatchDictionaryLearning, SparseCoder

from cases.case import RELEASE, Case, numbers

ASKED = ("transform",)
ALGORITHMS = ("omp", "threshold", "lars", "lasso_lars", "lasso_cd")


def cases() -> Iterator[Case]:
    x = numbers(60, 8)
    rows = np.vstack([x[:10], numbers(30, 8, seed=4) * 2, np.zeros((1, 8))])
    atoms = numbers(6, 8, seed=3)
    for algorithm in ALGORITHMS:
        for name, options in options_of(algorithm):
            coder = SparseCoder(atoms, transform_algorithm=algorithm, **options)
            yield Case("coder_%s_%s" % (algorithm, name), coder.fit(x), rows, ASKED)
        for kind in (DictionaryLearning, MiniBatchDictionaryLearning):
            rounds = "n_iter" if kind is MiniBatchDictionaryLearning and RELEASE < (1, 1) else "max_iter"
            model = kind(4, alpha=0.3, transform_algorithm=algorithm, random_state=0, **{rounds: 3})
            yield Case("%s_%s" % (kind.__name__, algorithm), model.fit(x), rows, ASKED)


def options_of(algorithm: str) -> Iterator[Any]:
    yield "plain", {}
    split: Dict[str, Any] = {"split_sign": True}
    if algorithm in ("omp", "lars"):
        yield "three", dict(split, transform_n_nonzero_coefs=3)
        yield "all", {"transform_n_nonzero_coefs": 6}
        return
    yield "less", dict(split, transform_alpha=0.2)
    if RELEASE >= (0, 20):
        yield "positive", {"transform_alpha": 0.2, "positive_code": True}
    if algorithm != "threshold" and RELEASE >= (0, 22):
        yield "few_rounds", {"transform_alpha": 0.2, "transform_max_iter": 3}
