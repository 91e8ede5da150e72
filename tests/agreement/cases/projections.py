"""sklearn.discriminant_analysis and sklearn.cross_decomposition"""

from typing import Iterator

import numpy as np
from sklearn.cross_decomposition import CCA, PLSSVD, PLSCanonical, PLSRegression
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis as LDA
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis as QDA

from cases.case import Case, numbers, three_classes, two_classes

ALL = ("predict", "predict_proba", "predict_log_proba", "decision_function")


def cases() -> Iterator[Case]:
    x = numbers(80, 4)
    rows = np.vstack([numbers(20, 4, seed=2) * 2, np.zeros((1, 4))])
    for count, y in (("two", two_classes(x)), ("three", three_classes(x))):
        for solver in ("svd", "eigen", "lsqr"):
            model = LDA(solver=solver).fit(x, y)
            asked = ALL if solver == "lsqr" else ALL + ("transform",)
            yield Case("lda_%s_%s" % (count, solver), model, rows, asked)
        yield Case("lda_%s_one" % count, LDA(n_components=1).fit(x, y), rows, ("transform",))
        yield Case("qda_" + count, QDA(reg_param=0.1).fit(x, y), rows, ALL)
    many = np.column_stack([x[:, 0] * 3 + x[:, 1], x[:, 2] - x[:, 3] ** 2])
    for kind in (PLSRegression, PLSCanonical, CCA):
        model = kind(n_components=2).fit(x, many)
        yield Case("pls_" + kind.__name__, model, rows, ("predict", "transform"))
    model = PLSRegression(n_components=2, scale=False).fit(x, many[:, :1])
    yield Case("pls_of_one", model, rows, ("predict", "transform"))
    yield Case("pls_svd", PLSSVD(n_components=2).fit(x, many), rows, ("transform",))
