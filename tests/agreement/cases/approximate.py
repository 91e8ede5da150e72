"""sklearn.kernel_approximation, random_projection, cluster, and DictVectorizer"""

from typing import Any, Dict, Iterator, List

import numpy as np
import scipy.sparse as sp
from sklearn.cluster import (
    AffinityPropagation,
    Birch,
    FeatureAgglomeration,
    KMeans,
    MeanShift,
    MiniBatchKMeans,
)
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.kernel_approximation import (
    AdditiveChi2Sampler,
    Nystroem,
    RBFSampler,
    SkewedChi2Sampler,
)
from sklearn.pipeline import make_pipeline
from sklearn.random_projection import GaussianRandomProjection, SparseRandomProjection

from cases.case import RELEASE, TEXTS, UNSEEN, Case, numbers

TRANSFORM = ("transform",)


def kernels() -> Iterator[Case]:
    x = numbers(60, 6)
    rows = numbers(20, 6, seed=1)
    for kernel in ("rbf", "poly", "sigmoid", "laplacian", "chi2"):
        fitted = np.abs(x) if kernel == "chi2" else x
        asked = np.abs(rows) if kernel == "chi2" else rows
        made = Nystroem(kernel=kernel, gamma=0.2, n_components=5, random_state=0).fit(fitted)
        yield Case("nystroem_" + kernel, made, asked, TRANSFORM)
    for kernel in ("rbf", "poly", "cosine", "sigmoid", "linear", "laplacian"):
        made = make_pipeline(TfidfVectorizer(), Nystroem(kernel=kernel, n_components=5, random_state=0))
        yield Case("nystroem_of_texts_" + kernel, made.fit(TEXTS), UNSEEN, TRANSFORM)
    # Numbers of which the differences are small, and zeros.
    few = np.where(x > -0.5, 1e9 + np.round(x, 2), 0)
    far = Nystroem(kernel="laplacian", gamma=0.2, n_components=5, random_state=0)
    yield Case("nystroem_of_large_laplacian", far.fit(sp.csr_matrix(few)), few[::-1] + 0.5 * (few > 0), TRANSFORM)
    yield Case("rbf_sampler", RBFSampler(n_components=20, random_state=0).fit(x), rows, TRANSFORM)
    skewed = SkewedChi2Sampler(skewedness=0.5, n_components=20, random_state=0).fit(np.abs(x))
    yield Case("skewed_sampler", skewed, np.abs(rows), TRANSFORM)
    yield Case("skewed_sampler_below", skewed, rows, TRANSFORM, refused="expected a number above -0.5")
    for steps in (1, 3):
        made = AdditiveChi2Sampler(sample_steps=steps).fit(np.abs(x))
        yield Case("additive_sampler_%d" % steps, made, np.abs(rows), TRANSFORM)
    yield Case("gaussian", GaussianRandomProjection(3, random_state=0).fit(x), rows, TRANSFORM)
    yield Case("sparse", SparseRandomProjection(3, density=0.5, random_state=0).fit(x), rows, TRANSFORM)
    if RELEASE < (0, 24):
        return
    from sklearn.kernel_approximation import PolynomialCountSketch

    for coef0 in (0, 1.5):
        sketch = PolynomialCountSketch(degree=3, coef0=coef0, n_components=4, random_state=0).fit(x)
        yield Case("count_sketch_%g" % coef0, sketch, rows, TRANSFORM)


def clusters() -> Iterator[Case]:
    x = np.vstack([numbers(25, 4, seed=k) + k * 4 for k in range(4)])
    rows = numbers(30, 4, seed=9) * 8
    both = ("predict", "transform")
    models: Dict[str, Any] = {
        "k_means": KMeans(4, n_init=1, random_state=0),
        "mini_batch": MiniBatchKMeans(4, n_init=1, random_state=0),
        "birch": Birch(n_clusters=3, threshold=1.0),
    }
    if RELEASE >= (1, 1):
        from sklearn.cluster import BisectingKMeans

        models["bisecting"] = BisectingKMeans(5, random_state=0)
    for name, model in models.items():
        yield Case(name, model.fit(x), rows, both)
    yield Case("mean_shift", MeanShift().fit(x), rows, ("predict",), exact=True)
    yield Case("affinity", AffinityPropagation(damping=0.9).fit(x), rows, ("predict",), exact=True)
    yield Case("agglomerated", FeatureAgglomeration(2).fit(x), rows, TRANSFORM, exact=True)
    largest = FeatureAgglomeration(2, pooling_func=np.max).fit(x)
    yield Case("agglomerated_max", largest, rows, TRANSFORM, exact=True)


def dictionaries() -> Iterator[Case]:
    fitted: List[Dict[str, Any]] = [
        {"a": 1.5, "b": "x", "c": "u=v"},
        {"a": 2, "b": "y", "c": "w"},
        {"a": 0, "b": "x", "c": "w"},
    ]
    rows: List[Dict[str, Any]] = [
        {"a": -1.5, "b": "q", "c": "u=v", "d": 4},
        {"a": 0, "b": None, "c": "w", "d": 2},
    ]
    for sparse in (True, False):
        made = DictVectorizer(sparse=sparse).fit(fitted)
        yield Case("frame_dictionary_%d" % sparse, made, fitted, TRANSFORM, exact=True)
        if RELEASE >= (0, 24):
            yield Case("frame_dictionary_new_%d" % sparse, made, rows, TRANSFORM, exact=True)


def cases() -> Iterator[Case]:
    yield from kernels()
    yield from clusters()
    yield from dictionaries()
