"""sklearn.neighbors."""

from typing import Any, Dict, Iterator

import numpy as np
import scipy.sparse as sp
from sklearn.neighbors import (
    KernelDensity,
    KNeighborsClassifier,
    KNeighborsRegressor,
    KNeighborsTransformer,
    LocalOutlierFactor,
    NearestCentroid,
    RadiusNeighborsClassifier,
    RadiusNeighborsRegressor,
)

from cases.case import RELEASE, Case, numbers, three_classes, two_classes

CLASSIFIED = ("predict", "predict_proba")
WAYS = ("brute", "kd_tree", "ball_tree")


def cases() -> Iterator[Case]:
    x = numbers(120, 4)
    rows = np.vstack([numbers(40, 4, seed=5), np.zeros((1, 4)), numbers(2, 4, seed=8) * 1e3])
    yield from nearest(x, rows)
    yield from equal_distances()
    yield from metrics(np.abs(x) + 0.1, np.abs(numbers(30, 4, seed=5)) + 0.1)
    yield from within(x, rows[:41])
    yield from others(x, rows[:41])


def nearest(x: Any, rows: Any) -> Iterator[Case]:
    labels = np.array(["b", "a", "c"])[np.digitize(x[:, 0], [-0.5, 0.5])]
    several = np.column_stack([three_classes(x), two_classes(x)])
    for way in WAYS:
        for weights in ("uniform", "distance"):
            name = "neighbors_%s_%s" % (way, weights)
            options: Dict[str, Any] = {"algorithm": way, "weights": weights}
            model = KNeighborsClassifier(5, **options).fit(x, labels)
            yield Case(name, model, rows, CLASSIFIED)
            model = KNeighborsClassifier(20, **options).fit(x, several)
            yield Case(name + "_several", model, rows, CLASSIFIED)
            model = KNeighborsRegressor(4, **options).fit(x, x[:, :2])
            yield Case(name + "_mean", model, rows, ("predict",))
    few = np.where(numbers(120, 9, seed=3) > 0.6, numbers(120, 9), 0)
    few[:, 0] += 0.01
    # Of few features many point the same way, and their cosines are equal but for rounding.
    for metric in ("euclidean", "manhattan"):
        model = KNeighborsRegressor(metric=metric, weights="distance")
        model.fit(sp.csr_matrix(few), few.sum(axis=1))
        yield Case("neighbors_of_sparse_" + metric, model, few[::3] + 0.02, ("predict",))


def equal_distances() -> Iterator[Case]:
    x = np.round(numbers(200, 2) * 2) / 2
    rows = np.round(numbers(60, 2, seed=4) * 2) / 2
    for way in ("kd_tree", "ball_tree"):
        for count in (1, 4, 30):
            model = KNeighborsClassifier(count, algorithm=way, leaf_size=10)
            model.fit(x, np.arange(200) % 5)
            yield Case("neighbors_equal_%s_%d" % (way, count), model, rows, CLASSIFIED)


def metrics(x: Any, rows: Any) -> Iterator[Case]:
    y = x[:, 0] > 0.8
    chosen: Dict[str, Dict[str, Any]] = {
        name: {"metric": name}
        for name in ("manhattan", "chebyshev", "cosine", "correlation", "canberra", "braycurtis")
    }
    chosen["minkowski"] = {"metric": "minkowski", "p": 3}
    chosen["seuclidean"] = {"metric": "seuclidean", "metric_params": {"V": np.array([1, 2, 0.5, 3])}}
    for name, options in chosen.items():
        model = KNeighborsClassifier(4, weights="distance", algorithm="brute", **options).fit(x, y)
        yield Case("neighbors_metric_" + name, model, rows, CLASSIFIED)


def within(x: Any, rows: Any) -> Iterator[Case]:
    y = np.digitize(x[:, 0], [-0.5, 0.5])
    for way in ("brute", "kd_tree"):
        for weights in ("uniform", "distance"):
            options: Dict[str, Any] = {"algorithm": way, "weights": weights}
            name = "radius_%s_%s" % (way, weights)
            model = RadiusNeighborsClassifier(0.9, outlier_label=1, **options).fit(x, y)
            yield Case(name, model, rows, CLASSIFIED)
            model = RadiusNeighborsRegressor(9, **options).fit(x, x[:, :2])
            yield Case(name + "_mean", model, rows, ("predict",))
    alone = RadiusNeighborsClassifier(0.01).fit(x, y)
    yield Case("radius_alone", alone, rows, ("predict",), refused="expected a neighbour")


def others(x: Any, rows: Any) -> Iterator[Case]:
    for way in WAYS:
        model = LocalOutlierFactor(12, novelty=True, algorithm=way).fit(x)
        asked = ("predict", "decision_function", "score_samples")
        yield Case("outlier_factor_" + way, model, rows, asked)
    scores = ("decision_function", "predict_proba", "predict_log_proba") if RELEASE >= (1, 6) else ()
    for name, y in (("two", two_classes(x)), ("three", three_classes(x))):
        for shrink in (None, 0.1):
            model = NearestCentroid(shrink_threshold=shrink).fit(x, y)
            yield Case("centroid_%s_%s" % (name, shrink), model, rows, ("predict",) + scores)
    for kernel in ("gaussian", "tophat", "epanechnikov", "exponential", "linear", "cosine"):
        model = KernelDensity(kernel=kernel, bandwidth=1.8).fit(x)
        yield Case("density_" + kernel, model, rows[:20], ("score_samples",))
    density_ways: Dict[str, Dict[str, Any]] = {
        "near": {"bandwidth": 0.1},
        "ball": {"algorithm": "ball_tree", "leaf_size": 5},
        "manhattan": {"metric": "manhattan", "leaf_size": 5},
        "chebyshev": {"metric": "chebyshev", "leaf_size": 5},
        "depth": {"breadth_first": False, "leaf_size": 5},
        "early": {"rtol": 1e-2, "atol": 1e-6, "leaf_size": 5},
        "depth_early": {"breadth_first": False, "rtol": 1e-2, "atol": 1e-6, "leaf_size": 5},
    }
    for name, options in density_ways.items():
        model = KernelDensity(**options).fit(x)
        yield Case("density_" + name, model, rows[:20], ("score_samples",))
    model = KernelDensity(leaf_size=5).fit(x, sample_weight=np.arange(1.0, len(x) + 1))
    yield Case("density_weighted", model, rows[:20], ("score_samples",))
    for mode in ("distance", "connectivity"):
        model = KNeighborsTransformer(mode=mode).fit(x)
        yield Case("neighbors_graph_" + mode, model, rows, ("transform",))
