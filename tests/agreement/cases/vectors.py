"""sklearn.svm of libsvm, sklearn.gaussian_process and sklearn.kernel_ridge: sums over stored rows."""

from typing import Any, Dict, Iterator

import numpy as np
import scipy.sparse as sp
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor
from sklearn.gaussian_process.kernels import (
    RBF,
    ConstantKernel,
    DotProduct,
    ExpSineSquared,
    Matern,
    PairwiseKernel,
    RationalQuadratic,
    WhiteKernel,
)
from sklearn.kernel_ridge import KernelRidge
from sklearn.svm import SVC, SVR, NuSVC, NuSVR, OneClassSVM

from cases.case import Case, numbers, three_classes, two_classes

ASKED = ("predict", "decision_function")
SHARES = ("predict", "predict_proba", "predict_log_proba", "decision_function")
DETECTED = ("predict", "decision_function", "score_samples")


def cases() -> Iterator[Case]:
    x = numbers(120)
    rows = np.vstack([numbers(50, seed=5), x[:10], np.zeros((1, 6)), numbers(2, seed=8) * 1e3])
    yield from machines(x, rows)
    yield from sparse(x)
    yield from processes(x[:40], rows)


def machines(x: Any, rows: Any) -> Iterator[Case]:
    y = x @ np.arange(6) + x[:, 0] ** 2
    two, three = two_classes(x), three_classes(x)
    names = np.array(["low", "mid", "top"])[three]
    for kernel in ("poly", "rbf", "sigmoid"):
        options: Dict[str, Any] = {"kernel": kernel, "gamma": 0.1, "coef0": 0.5}
        yield Case("svc_two_" + kernel, SVC(**options).fit(x, two), rows, ASKED)
        yield Case("svc_three_" + kernel, SVC(**options).fit(x, names), rows, ASKED)
        model = SVC(decision_function_shape="ovo", **options).fit(x, three)
        yield Case("svc_pairs_" + kernel, model, rows, ASKED)
        model = SVC(break_ties=True, **options).fit(x, three)
        yield Case("svc_ties_" + kernel, model, rows, ASKED)
        yield Case("nusvc_" + kernel, NuSVC(nu=0.2, **options).fit(x, names), rows, ASKED)
        yield Case("svr_" + kernel, SVR(**options).fit(x, y), rows, ("predict",))
        yield Case("nusvr_" + kernel, NuSVR(C=10, **options).fit(x, y), rows, ("predict",))
        yield Case("one_class_" + kernel, OneClassSVM(nu=0.3, **options).fit(x), rows, DETECTED)
        yield Case("kernel_ridge_" + kernel, KernelRidge(**options).fit(x, y), rows, ("predict",))
    for name, given in (("two", two == 1), ("three", three * 2 - 2)):
        model = SVC(probability=True, random_state=0).fit(x, given)
        yield Case("svc_shares_" + name, model, rows, SHARES)
    yield Case("svc_linear", SVC(kernel="linear").fit(x, three), rows[:60], ASKED)
    yield Case("svr_flat", SVR(epsilon=1e3).fit(x, y), rows, ("predict",))
    ridge = KernelRidge(kernel="laplacian").fit(x, np.column_stack([y, -y]))
    yield Case("kernel_ridge_two_outputs", ridge, rows, ("predict",))
    few = sp.csr_matrix(np.where(x > 0.5, x, 0))
    ridge = KernelRidge(kernel="laplacian").fit(few, y)
    yield Case("kernel_ridge_of_sparse", ridge, np.where(rows > 0.5, rows, 0), ("predict",))


def sparse(x: Any) -> Iterator[Case]:
    few = np.where(numbers(120, 6, seed=3) > 0.8, x, 0)
    y = few.sum(axis=1)
    stored = sp.csr_matrix(few)
    rows = np.vstack([np.where(numbers(40, 6, seed=4) > 0.8, numbers(40, 6, seed=7), 0), few[:10]])
    for kernel in ("linear", "poly", "rbf", "sigmoid"):
        model = SVC(kernel=kernel, degree=2).fit(stored, np.digitize(y, [-0.5, 0.5]))
        yield Case("svc_of_sparse_" + kernel, model, rows, ASKED)
        model = SVR(kernel=kernel).fit(stored, y)
        yield Case("svr_of_sparse_" + kernel, model, rows, ("predict",))


def processes(x: Any, rows: Any) -> Iterator[Case]:
    y = np.sin(x[:, 0]) + x[:, 1]
    kernels: Dict[str, Any] = {
        "none": None,
        "scales": RBF([1, 2, 0.5, 1, 1, 3]),
        "matern": Matern(nu=1.5) + WhiteKernel(0.1),
        "matern_other": 2.0 * Matern(nu=0.8),
        "quadratic": RationalQuadratic(alpha=0.4),
        "sine": ExpSineSquared(1.2, 3.0) + WhiteKernel(50),
        "tree": RBF() * DotProduct() + ConstantKernel(2.0) * Matern(nu=2.5) + WhiteKernel(0.2),
        "power": RBF() ** 2 + DotProduct(0.5),
        "pairwise": PairwiseKernel(metric="laplacian", gamma=0.5),
    }
    for name, kernel in kernels.items():
        for scaled in (False, True):
            model = GaussianProcessRegressor(kernel, alpha=1e-3, optimizer=None, normalize_y=scaled)
            yield Case("process_%s_%d" % (name, scaled), model.fit(x, y + 3), rows, ("predict",))
    both = GaussianProcessRegressor(RBF(), alpha=1e-3, optimizer=None, normalize_y=True)
    both.fit(x, np.column_stack([y, 3 * y - 7]))
    yield Case("process_two_outputs", both, rows, ("predict",))
    answers = ("predict", "predict_proba")
    for name in ("none", "matern", "tree"):
        model = GaussianProcessClassifier(kernels[name], optimizer=None).fit(x, y > 0)
        yield Case("process_two_classes_" + name, model, rows, answers)
    model = GaussianProcessClassifier(RBF(), optimizer=None).fit(x, np.digitize(y, [-0.5, 0.5]))
    yield Case("process_three_classes", model, rows, answers)
