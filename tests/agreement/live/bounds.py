"""What a fitted estimator answers, computed with more digits, and how far double arithmetic can be off.

bounds_of() knows those whose sums cancel so that a rounding shows: linear models and projections,
support vectors, and what else is made of kernels. Of every other it says nothing.
"""

from typing import Any, Optional

import numpy as np
import scipy.sparse as sp

from live.doubles import UNIT, Near, inverse, quotient, squares, wide

PROJECTIONS = "PCA", "IncrementalPCA", "TruncatedSVD", "FastICA"
GENERAL = "TweedieRegressor", "PoissonRegressor", "GammaRegressor"


def dense(values: Any) -> Any:
    return values.toarray() if sp.issparse(values) else np.asarray(values)


def column(near: Near) -> Near:
    return Near(near.value.reshape(len(near.value), -1), near.off.reshape(len(near.value), -1))


class Kernel:
    """A kernel by its name in scikit-learn. `expanded`: distances are x.x + y.y - 2 x.y."""

    def __init__(self, name: str, gamma: float, degree: float, coef0: float, expanded: bool) -> None:
        self.name, self.gamma, self.degree, self.coef0 = name, float(gamma), degree, float(coef0)
        self.expanded = expanded

    def between(self, x: Any, y: Any) -> Optional[Near]:
        if self.name == "rbf":
            return (-(squares(x, y, self.expanded) * self.gamma)).exp()
        if self.name == "laplacian":
            apart = Near(np.abs(wide(x)[:, None] - wide(y)[None])).sum(axis=2)
            return (-(apart * self.gamma)).exp()
        if self.name == "cosine":
            return unit(x) @ unit(y).T
        products = Near(x) @ Near(y).T
        if self.name == "linear":
            return products
        shifted = products * self.gamma + Near(self.coef0)
        if self.name == "poly":
            return shifted**self.degree
        return shifted.tanh() if self.name == "sigmoid" else None


def unit(x: Any) -> Near:
    x = wide(x)
    lengths = np.sqrt((x * x).sum(axis=1, keepdims=True))
    lengths = np.where(lengths == 0, 1, lengths)
    return Near(x / lengths, (x.shape[1] + 3) * UNIT * np.abs(x / lengths))


def kernel_of(part: Any, width: int) -> Kernel:
    """Of what uses sklearn.metrics.pairwise."""
    gamma = getattr(part, "gamma_", None)
    gamma = part.gamma if gamma is None else gamma
    degree = 3 if part.degree is None else part.degree
    coef0 = 1 if part.coef0 is None else part.coef0
    return Kernel(part.kernel, 1.0 / width if gamma is None else gamma, degree, coef0, True)


def of_linear(part: Any, method: str, x: Any) -> Optional[Near]:
    coefficients = np.atleast_2d(dense(part.coef_))
    if method not in ("predict", "decision_function") or coefficients.shape[1] != x.shape[1]:
        return None
    intercept = Near(np.asarray(getattr(part, "intercept_", 0.0), dtype=np.float64).reshape(1, -1))
    sums = Near(x).products(Near(coefficients).T, intercept)
    if type(part).__name__ in GENERAL and "Log" in type(part._base_loss.link).__name__:
        return sums.exp()
    return sums


def of_support_vectors(part: Any, method: str, x: Any) -> Optional[Near]:
    asked = {"OneClassSVM": ("decision_function", "score_samples"), "SVC": ("decision_function",),
             "NuSVC": ("decision_function",)}.get(type(part).__name__, ("predict",))  # fmt: skip
    coefficients = dense(part.dual_coef_)
    if method not in asked or len(coefficients) != 1:
        return None
    kernel = Kernel(part.kernel, part._gamma, part.degree, part.coef0, False)
    between = kernel.between(x, dense(part.support_vectors_))
    if between is None:
        return None
    sums = between.products(Near(coefficients).T, Near(np.reshape(part.intercept_, (1, 1))))
    return sums + Near(np.reshape(part.offset_, (1, 1))) if method == "score_samples" else sums


def of_projection(part: Any, method: str, x: Any) -> Optional[Near]:
    if method != "transform":
        return None
    components = Near(part.components_).T
    sums = Near(x) @ components
    mean = getattr(part, "mean_", None)
    if mean is not None:
        sums = sums - Near(np.reshape(mean, (1, -1))) @ components
    if getattr(part, "whiten", False) and type(part).__name__.endswith("PCA"):
        scale = Near(np.maximum(part.explained_variance_, np.finfo(np.float64).eps ** 2)).root()
        if (scale.value < np.finfo(np.float64).eps).any():
            return None
        sums = sums * inverse(Near(scale.value[None], scale.off[None]))
    return sums


def of_kernel_pca(part: Any, method: str, x: Any) -> Optional[Near]:
    known = kernel_of(part, x.shape[1]).between(x, dense(part.X_fit_)) if method == "transform" else None
    if known is None:
        return None
    centre = part._centerer
    count = len(centre.K_fit_rows_)
    means = column(known.sum(axis=1) * quotient(1.0, count))
    centred = known - Near(centre.K_fit_rows_[None]) - means + Near(centre.K_fit_all_)
    roots = Near(part.eigenvalues_).root()
    if not (roots.value > 0).all():
        return None
    scaled = Near(part.eigenvectors_) * inverse(Near(roots.value[None], roots.off[None]))
    return centred @ scaled


def of_nystroem(part: Any, method: str, x: Any) -> Optional[Near]:
    if method != "transform" or part.kernel_params:
        return None
    known = kernel_of(part, x.shape[1]).between(x, dense(part.components_))
    return None if known is None else known @ Near(part.normalization_).T


def of_kernel_ridge(part: Any, method: str, x: Any) -> Optional[Near]:
    if method != "predict" or part.kernel_params:
        return None
    known = kernel_of(part, x.shape[1]).between(x, dense(part.X_fit_))
    return None if known is None else known @ column(Near(part.dual_coef_))


def of_gaussian_process(part: Any, method: str, x: Any) -> Optional[Near]:
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Product

    kernel = part.kernel_
    if method != "predict" or type(kernel) is not Product:
        return None
    if type(kernel.k1) is not ConstantKernel or type(kernel.k2) is not RBF:
        return None
    length = np.atleast_1d(np.asarray(kernel.k2.length_scale, dtype=np.float64))
    scaled = [np.asarray(each, dtype=np.float64) / length for each in (x, part.X_train_)]
    apart = squares(scaled[0], scaled[1], False)
    known = (-(apart * 0.5)).exp() * float(kernel.k1.constant_value)
    sums = known @ column(Near(part.alpha_))
    spread = getattr(part, "_y_train_std", 1.0)
    return sums * Near(np.reshape(spread, (1, -1))) + Near(np.reshape(part._y_train_mean, (1, -1)))


def of_centres(part: Any, method: str, x: Any) -> Optional[Near]:
    centres = part.subcluster_centers_ if type(part).__name__ == "Birch" else part.cluster_centers_
    return squares(x, centres, True).root() if method == "transform" else None


def bounds_of(part: Any, method: str, x: Any) -> Optional[Near]:
    """None where nothing is known of it, or of its method. `x`: rows of doubles."""
    name = type(part).__name__
    if hasattr(part, "support_vectors_"):
        return of_support_vectors(part, method, x)
    if name in PROJECTIONS:
        return of_projection(part, method, x)
    known = {
        "Birch": of_centres,
        "KMeans": of_centres,
        "MiniBatchKMeans": of_centres,
        "KernelPCA": of_kernel_pca,
        "Nystroem": of_nystroem,
        "KernelRidge": of_kernel_ridge,
        "GaussianProcessRegressor": of_gaussian_process,
    }.get(name)
    if known is not None:
        return known(part, method, x)
    return of_linear(part, method, x) if getattr(part, "coef_", None) is not None else None
