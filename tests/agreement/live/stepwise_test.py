"""What is proved estimator by estimator, and that no mistake of 1e-8 is. Runs inside an environment."""

import unittest
from typing import Any, List, Tuple

import numpy as np
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA, KernelPCA
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel
from sklearn.impute import KNNImputer
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import SVR, OneClassSVM

from live.donors import CHOICES_MAX, Donors
from live.judge import PROVED, Outcome
from live.tampered import copy_of, judged

RANDOM = np.random.RandomState(0)
X = RANDOM.randn(80, 4)
Y = X @ np.arange(1.0, 5.0) + RANDOM.randn(80)
ROWS = RANDOM.randn(30, 4)
GRID = RANDOM.randint(0, 3, (80, 3)).astype(float)
# A feature that is missing, whose donors are the more equally near the fewer values the others have.
HOLES = np.column_stack([GRID, X[:, 0]])
ASKED = np.column_stack([RANDOM.randint(0, 3, (30, 3)).astype(float), np.full(30, np.nan)])


def turned(imputer: Any) -> Any:
    """The same with its rows the other way round: of equally near ones it finds others."""
    other = copy_of(imputer)
    other._fit_X, other._mask_fit_X = other._fit_X[::-1].copy(), other._mask_fit_X[::-1].copy()
    return other


class StepwiseTest(unittest.TestCase):
    def wrong(self, outcomes: List[Outcome]) -> None:
        self.assertTrue(any(each.wrong for each in outcomes), [each.as_json() for each in outcomes])

    def proved(self, outcomes: List[Outcome]) -> None:
        self.assertFalse([each.wrong for each in outcomes if each.wrong])
        self.assertGreater(sum(each.flips for each in outcomes), 0)
        self.assertEqual({kind for each in outcomes for kind in each.proofs}, {PROVED})

    def imputing(self, **options: Any) -> Tuple[Any, Any]:
        model = make_pipeline(KNNImputer(**options), LinearRegression()).fit(HOLES, Y)
        return model, copy_of(model)

    def test_other_donors_as_near_before_a_linear_model(self) -> None:
        """In most of the rows."""
        flips = 0
        for options in ({}, {"n_neighbors": 3}, {"weights": "distance", "n_neighbors": 4}):
            model, other = self.imputing(**options)
            other.steps[0] = "knnimputer", turned(other[0])
            outcomes = judged(model, other, ASKED)
            self.proved(outcomes)
            flips += sum(each.flips for each in outcomes)
        self.assertGreater(flips, 20)

    def test_other_donors_before_what_is_off(self) -> None:
        model, other = self.imputing()
        other.steps[0] = "knnimputer", turned(other[0])
        other[1].coef_ = other[1].coef_ * np.array([1, 1, 1, 1 + 1e-8])
        self.wrong(judged(model, other, ASKED))

    def test_a_donor_that_is_farther_by_little(self) -> None:
        """Of one row, and of one that no other is tied with."""
        near = np.array([0.0, 1.0, 1.0 + 1e-9, 2.0, 3.0])
        holes = np.column_stack([near, X[:5, 0]])
        model = make_pipeline(KNNImputer(n_neighbors=2), LinearRegression()).fit(holes, Y[:5])
        for place in (2, 3, 4):
            other = copy_of(model)
            swapped = other[0]._fit_X.copy()
            swapped[[1, place], 1] = swapped[[place, 1], 1]
            other[0]._fit_X = swapped
            self.wrong(judged(model, other, np.array([[0.0, np.nan], [0.25, 1.0]])))

    def test_a_donor_that_is_farther_among_many_that_are_tied(self) -> None:
        """More choices than are tried one by one."""
        values = np.array([0.0] * 60 + [1.0])
        holes = np.column_stack([values, RANDOM.randn(61)])
        model = make_pipeline(KNNImputer(), LinearRegression()).fit(holes, RANDOM.randn(61))
        other = copy_of(model)
        other.steps[0] = "knnimputer", turned(other[0])
        asked = np.array([[0.0, np.nan], [0.5, 0.5]])
        self.proved(judged(model, other, asked))
        taken = np.append(np.arange(4), 60)
        mean = other[0]._fit_X[::-1][taken, 1].mean()
        other.steps[0] = "knnimputer", copy_of(model[0])
        other[0].__dict__["transform"] = lambda rows: np.where(np.isnan(rows), mean, rows)
        self.wrong(judged(model, other, asked))

    def test_donors(self) -> None:
        def donors(squares: Any, values: Any, wanted: int, by_distance: bool = False) -> Donors:
            return Donors(np.array(squares) * (1 - 1e-15), np.array(squares) * (1 + 1e-15), np.array(values), wanted, by_distance)

        for squares, wanted, value, expected in (
            ([1.0, 1.0, 4.0], 1, 10.0, True),
            ([1.0, 1.0, 4.0], 1, 20.0, True),
            ([1.0, 1.0, 4.0], 1, 40.0, False),
            ([1.0, 1.0, 4.0], 1, 15.0, False),
            ([1.0, 1.0, 4.0], 2, 15.0, True),
            ([1.0, 1.0, 4.0], 2, 15.0 * (1 + 1e-13), False),
            ([1.0, 1.0, 4.0], 3, 70 / 3, True),
            ([1.0, 1.0 + 1e-14, 4.0], 1, 20.0, False),
            ([np.inf, 1.0, 4.0], 3, 30.0, True),
        ):
            self.assertIs(donors(squares, [10.0, 20.0, 40.0], wanted).allow(value), expected, (squares, wanted, value))
        self.assertIs(donors([1.0, 4.0, 4.0], [10.0, 40.0, 20.0], 2, True).allow(20.0), True)
        self.assertIs(donors([1.0, 4.0, 4.0], [10.0, 40.0, 20.0], 2, True).allow(40 / 3.0), True)
        self.assertIs(donors([1.0, 4.0, 4.0], [10.0, 40.0, 20.0], 2, True).allow(20.0 * (1 + 1e-12)), False)
        many = donors(np.ones(60), np.arange(60.0), 10, True)
        self.assertGreater(60**4, CHOICES_MAX)
        self.assertIs(many.allow(4.5), True)
        self.assertIs(many.allow(30.123), None)

    def test_a_score_that_cancels(self) -> None:
        """Scores of 1e-8 are what is left of numbers about 1."""
        model = OneClassSVM(kernel="linear", nu=0.3).fit(X + 1)
        other = copy_of(model)
        other._intercept_ = np.nextafter(other._intercept_, np.inf)
        rows = ROWS * 1e-8
        self.proved([each for each in judged(model, other, rows) if each.method == "score_samples"])
        for off in (1e-8, 1e-12):
            for name in ("_intercept_", "offset_"):
                other = copy_of(model)
                setattr(other, name, getattr(other, name) * (1 + off))
                self.wrong(judged(model, other, rows))
        other = copy_of(model)
        other._dual_coef_ = other._dual_coef_ * (1 + 1e-8)
        self.wrong(judged(model, other, ROWS * 1e-4))

    def test_a_coefficient_where_sums_cancel(self) -> None:
        far = X * np.array([1, 1e7, 1, 1e3]) + 1e7
        model = LinearRegression().fit(far, Y)
        rows = ROWS * np.array([1, 1e7, 1, 1e3]) + 1e7
        expected = model.predict(rows)
        showing = 0
        for place in range(4):
            for off in (1e-8, 1e-10, 1e-12):
                other = copy_of(model)
                other.coef_[place] *= 1 + off
                if np.abs(other.predict(rows) - expected).max() > 2e-9 * np.abs(expected).max():
                    showing += 1
                    self.wrong(judged(model, other, rows))
        self.assertGreater(showing, 4)

    def test_kernels_whose_sums_cancel(self) -> None:
        doubled = np.vstack([X, X + 1e-9])
        targets = np.append(Y, Y)
        process = ConstantKernel(2.0) * RBF(2.0)
        for model, name, rows, rounding in (
            (GaussianProcessRegressor(process, alpha=1e-14, optimizer=None, normalize_y=True).fit(doubled, targets), "alpha_", ROWS, 1e-14),
            (KernelPCA(kernel="rbf", gamma=0.01).fit(X), "eigenvectors_", ROWS, 1e-15),
            (Nystroem("poly", n_components=60, random_state=0).fit(X * 1e2), "normalization_", ROWS * 1e2, 1e-15),
            (SVR(kernel="poly", gamma=1.0, max_iter=200).fit(X * 1e3, Y), "_dual_coef_", ROWS * 1e3, 0),
        ):
            fitted = np.array(getattr(model, name))
            signs = np.sign(RANDOM.randn(*fitted.shape))
            other = copy_of(model)
            setattr(other, name, fitted * (1 + 1e-8 * signs))
            self.wrong(judged(model, other, rows))
            if rounding:
                setattr(other, name, fitted * (1 + rounding * signs))
                self.proved(judged(model, other, rows))

    def test_projections_and_centres_far_from_nothing(self) -> None:
        far, rows = X + 1e6, ROWS + 1e6
        for model, name in ((PCA(2, whiten=True).fit(far), "components_"), (KMeans(3, n_init=1, random_state=0).fit(far), "cluster_centers_")):
            other = copy_of(model)
            setattr(other, name, getattr(other, name) * (1 + 1e-8))
            self.wrong(judged(model, other, rows))

    def test_a_mistake_before_what_magnifies_it(self) -> None:
        """A step of which nothing is known is taken to answer within a few units in the last place."""
        cubes = FunctionTransformer(np.sinh)
        model = make_pipeline(PCA(3), cubes, LinearRegression()).fit(X * 5, Y)
        other = copy_of(model)
        other[0].components_[0, 0] *= 1 + 1e-12
        outcomes = judged(model, other, ROWS * 8)
        self.assertTrue(all(each.wrong or not each.flips for each in outcomes))


if __name__ == "__main__":
    unittest.main()
