"""sklearn.mixture, and the one of sklearn.covariance that answers"""

from typing import Iterator

import numpy as np
from sklearn.covariance import EllipticEnvelope
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture

from cases.case import Case, numbers

ASKED = ("predict", "predict_proba", "score_samples")


def cases() -> Iterator[Case]:
    x = np.vstack([numbers(40, 3), numbers(40, 3, seed=1) * 0.5 + 4])
    rows = np.vstack([x[::8], numbers(10, 3, seed=2) * 3, np.zeros((1, 3))])
    for covariance in ("full", "tied", "diag", "spherical"):
        options = {"covariance_type": covariance, "random_state": 0}
        model = GaussianMixture(n_components=2, **options).fit(x)
        yield Case("mixture_" + covariance, model, rows, ASKED)
        for prior in ("dirichlet_process", "dirichlet_distribution"):
            model = BayesianGaussianMixture(
                n_components=3, weight_concentration_prior_type=prior, **options
            )
            name = "mixture_bayesian_%s_%s" % (covariance, prior)
            yield Case(name, model.fit(x), rows, ASKED)
    yield Case("mixture_of_one", GaussianMixture(n_components=1, random_state=0).fit(x), rows, ASKED)
    model = EllipticEnvelope(random_state=0, contamination=0.2).fit(x)
    yield Case("envelope", model, rows, ("predict", "decision_function", "score_samples"))
