"""Rows placed by their neighbours among those of a fit: sklearn.manifold, semi_supervised, and what of
sklearn.neighbors transforms."""

from typing import Any, Iterator

import numpy as np
import scipy.sparse as sp
from sklearn import neighbors
from sklearn.manifold import Isomap, LocallyLinearEmbedding
from sklearn.semi_supervised import LabelPropagation, LabelSpreading

from cases.case import RELEASE, Case, numbers, three_classes

ASKED = ("transform",)
WAYS = ("brute", "kd_tree", "ball_tree")


def cases() -> Iterator[Case]:
    x = numbers(80, 4)
    rows = np.vstack([x[:10], numbers(20, 4, seed=4), np.zeros((1, 4))])
    yield from embeddings(x, rows)
    yield from propagated(x, rows)
    yield from graphs(x, rows)


def embeddings(x: Any, rows: Any) -> Iterator[Case]:
    for way in WAYS:
        # By brute force scikit-learn's distances lose digits, which what is centred shows.
        if way != "brute":
            model = Isomap(n_neighbors=6, n_components=3, neighbors_algorithm=way).fit(x)
            yield Case("isomap_" + way, model, rows, ASKED)
        model = LocallyLinearEmbedding(n_neighbors=7, neighbors_algorithm=way, eigen_solver="dense")
        yield Case("local_" + way, model.fit(x), rows, ASKED)
    for method in ("modified", "ltsa"):
        model = LocallyLinearEmbedding(n_neighbors=7, method=method, reg=0.1, eigen_solver="dense")
        yield Case("local_" + method, model.fit(x), rows, ASKED)
    if RELEASE >= (1, 1):
        model = Isomap(n_neighbors=None, radius=2.5).fit(x)
        yield Case("isomap_within", model, x[:20] * 0.99, ASKED)
        yield Case("isomap_too_far", model, rows + 99, ASKED, refused="expected a neighbour within the radius")
    if RELEASE >= (0, 22):
        yield Case("isomap_manhattan", Isomap(metric="manhattan").fit(x), rows, ASKED)


def propagated(x: Any, rows: Any) -> Iterator[Case]:
    some = np.where(np.arange(len(x)) % 3, three_classes(x), -1)
    asked = ("predict", "predict_proba")
    for kind in (LabelPropagation, LabelSpreading):
        for name, options in (("rbf", {"gamma": 0.7}), ("knn", {"kernel": "knn", "n_neighbors": 5})):
            model = kind(max_iter=2000, **options).fit(x, some)
            yield Case("%s_%s" % (kind.__name__, name), model, rows, asked)
            if RELEASE >= (1, 3):
                model = kind(max_iter=2000, **options).fit(sp.csr_matrix(np.maximum(x, 0)), some)
                yield Case("%s_%s_sparse" % (kind.__name__, name), model, rows, asked)


def graphs(x: Any, rows: Any) -> Iterator[Case]:
    if RELEASE >= (0, 21):
        model = neighbors.NeighborhoodComponentsAnalysis(2, max_iter=3, random_state=0)
        yield Case("neighborhood_components", model.fit(x, three_classes(x)), rows, ASKED)
    for mode in ("distance", "connectivity") if RELEASE >= (0, 22) else ():
        for way in WAYS[1:] if mode == "distance" else WAYS:
            model = neighbors.RadiusNeighborsTransformer(radius=1.5, mode=mode, algorithm=way).fit(x)
            yield Case("within_%s_%s" % (mode, way), model, rows, ASKED)
