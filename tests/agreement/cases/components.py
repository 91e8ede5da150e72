"""sklearn.decomposition."""

from typing import Any, Dict, Iterator

import numpy as np
import scipy.sparse as sp
from sklearn import decomposition
from sklearn.covariance import EllipticEnvelope
from sklearn.decomposition import (
    NMF,
    PCA,
    FactorAnalysis,
    FastICA,
    IncrementalPCA,
    KernelPCA,
    LatentDirichletAllocation,
    SparsePCA,
    TruncatedSVD,
)
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import StandardScaler

from cases.case import RELEASE, Case, numbers

ASKED = ("transform",)
SCORED = ("transform", "score_samples")


def cases() -> Iterator[Case]:
    x = numbers(120) @ np.diag([5, 3, 2, 1, 0.5, 0.1]) + 5
    rows = numbers(40, seed=4) + 5
    for whiten in (False, True):
        for count in (1, 3, None):
            name = "%s_%s" % (count, whiten)
            yield Case("pca_" + name, PCA(count, whiten=whiten).fit(x), rows, SCORED)
            model = IncrementalPCA(count, whiten=whiten, batch_size=40).fit(x)
            yield Case("incremental_pca_" + name, model, rows, ASKED)
    model = TruncatedSVD(3, random_state=0).fit(sp.csr_matrix(x))
    yield Case("truncated_svd", model, rows, ASKED)
    for count in (2, 3, 6):
        model = FactorAnalysis(count, random_state=0).fit(x)
        yield Case("factor_analysis_%d" % count, model, rows, SCORED)
    options = {"normalize_components": True} if RELEASE in ((0, 20), (0, 21)) else {}
    model = SparsePCA(3, random_state=0, ridge_alpha=0.1, **options).fit(x)
    mixed = "divides by the norm over all rows" if RELEASE < (0, 20) else ""
    yield Case("sparse_pca", model, rows, ASKED, refused=mixed)
    for stored in (True, False):
        model = EllipticEnvelope(store_precision=stored, random_state=0).fit(x)
        yield Case("envelope_%s" % stored, model, rows, ("predict", "decision_function"))
    whitening = "unit-variance" if RELEASE >= (1, 1) else True
    model = FastICA(4, whiten=whitening, random_state=0, max_iter=500).fit(x)
    yield Case("fast_ica", model, rows, ASKED)
    for kernel in ("poly", "rbf", "cosine"):
        model = KernelPCA(4, kernel=kernel, gamma=0.1, random_state=0).fit(x[:40])
        yield Case("kernel_pca_" + kernel, model, rows, ASKED)
    yield from without_variance(rows)
    yield from iterated(np.abs(x), np.abs(rows))


def without_variance(rows: Any) -> Iterator[Case]:
    """KernelPCA of equal rows, which has no components, or such that divide by zero before 0.21."""
    x = np.ones((30, rows.shape[1]))
    for kernel in ("linear", "rbf"):
        none = KernelPCA(kernel=kernel).fit(x)
        yield Case("kernel_pca_of_nothing_" + kernel, none, rows, ASKED, exact=True)
        joined = FeatureUnion([("kernel", KernelPCA(kernel=kernel)), ("scale", StandardScaler())])
        yield Case("kernel_pca_of_nothing_in_union_" + kernel, joined.fit(x), rows, ASKED, exact=True)
        line = make_pipeline(joined, LinearRegression()).fit(x, x[:, 0])
        yield Case("kernel_pca_of_nothing_in_pipeline_" + kernel, line, rows, ("predict",))
        zeros = KernelPCA(2, kernel=kernel).fit(x)
        yield Case("kernel_pca_of_zeros_" + kernel, zeros, rows, ASKED)


def iterated(x: Any, rows: Any) -> Iterator[Case]:
    model = NMF(3, init="nndsvda", random_state=0, max_iter=400).fit(x)
    yield Case("nmf", model, rows, ASKED)
    for loss in ("frobenius", "kullback-leibler", "itakura-saito"):
        options: Dict[str, Any] = {"beta_loss": loss, "init": "nndsvda", "random_state": 0}
        model = NMF(3, solver="mu", max_iter=100, **options).fit(x)
        yield Case("nmf_" + loss, model, rows, ASKED)
        if RELEASE >= (1, 1):
            model = decomposition.MiniBatchNMF(3, max_iter=20, **options).fit(x)
            yield Case("mini_batch_nmf_" + loss, model, rows, ASKED)
    counts = np.floor(x)
    model = LatentDirichletAllocation(3, random_state=0, max_iter=5).fit(counts)
    yield Case("topics", model, np.floor(rows), ASKED)
