"""The judge itself: what is wrong by more than a rounding stays wrong, and what only a rounding or a tie
decides is counted apart. A model that was tampered with stands for Sooth. Runs inside an environment."""

import tempfile
import unittest
from typing import Any, Iterator, List, Tuple

import numpy as np
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF
from sklearn.impute import KNNImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeRegressor

from live.judge import MET, MOVED, Doubt, Judge, Outcome, Question
from live.tampered import Tampered, copy_of, judged

RANDOM = np.random.RandomState(0)
X = RANDOM.randn(80, 4)
Y = X @ np.arange(1.0, 5.0) + RANDOM.randn(80)
CLASSES = np.digitize(Y, [-2, 2])
ROWS = RANDOM.randn(30, 4)
GRID = RANDOM.randint(0, 3, (80, 4)).astype(float)


class JudgeTest(unittest.TestCase):
    def wrong(self, outcomes: List[Outcome]) -> None:
        self.assertTrue(any(each.wrong for each in outcomes), [each.as_json() for each in outcomes])

    def apart(self, outcomes: List[Outcome]) -> None:
        self.assertFalse([each.wrong for each in outcomes if each.wrong])
        self.assertGreater(sum(each.flips for each in outcomes), 0)

    def test_same_agrees(self) -> None:
        model = LinearRegression().fit(X, Y)
        outcomes = judged(model, model, ROWS)
        self.assertEqual([(each.wrong, each.flips, each.error) for each in outcomes], [("", 0, 0)])

    def test_a_coefficient_that_is_off(self) -> None:
        for model in (LinearRegression().fit(X, Y), LogisticRegression().fit(X, CLASSES)):
            for off in (1e-7, 1e-8):
                other = copy_of(model)
                other.coef_ = other.coef_ * np.array([1, 1 + off, 1, 1])
                outcomes = judged(model, other, ROWS)
                self.wrong(outcomes)
                self.assertEqual([each.proofs for each in outcomes if each.flips], [])

    def test_a_coefficient_of_float32_that_is_off(self) -> None:
        """Asked in float64 its sums are made in float64; asked in float32 they are not."""
        model = LinearRegression().fit(X, Y)
        model.coef_ = model.coef_.astype(np.float32)
        other = copy_of(model)
        other.coef_ = other.coef_ * np.array([1, 1 + 1e-7, 1, 1])
        outcomes = judged(model, other, ROWS)
        self.wrong(outcomes)
        self.assertEqual([each.proofs for each in outcomes if each.flips], [])

    def test_a_coefficient_that_is_off_where_sums_cancel(self) -> None:
        """Of numbers about 1e8 five add up to one below 10: a few units in the last place show as 1e-8."""
        far = X + 1e7
        model = LinearRegression().fit(far, Y)
        for off in (1e-8, 1e-13):
            other = copy_of(model)
            other.coef_ = other.coef_ * np.array([1, 1 + off, 1, 1])
            outcomes = judged(model, other, ROWS + 1e7)
            self.wrong(outcomes)
            self.assertEqual([each.proofs for each in outcomes if each.flips], [])

    def test_not_every_row_of_a_linear_model_is_a_rounding(self) -> None:
        model = LinearRegression().fit(X + 1e7, Y)
        outcomes = judged(model, model, ROWS + 1e7, lambda table: table + 2e-7)
        self.wrong(outcomes)

    def test_an_infinite_draw_is_no_movement(self) -> None:
        class Drawn(Doubt):
            def draws(self) -> Iterator[Tuple[str, Any]]:
                yield MET, np.array([[[1 + 1e-9], [np.inf]], [[np.inf], [2.0]], [[np.nan], [-np.inf]]])

        model = LinearRegression().fit(X, Y)
        expected = np.array([[1.0], [2.0]])
        doubt = Drawn(Question(model, ROWS, "predict"), [0, 1])
        allowed = 1e-12 * expected
        self.assertEqual(doubt.settle(expected, expected + 1e-6, allowed), ["", ""])
        self.assertEqual(doubt.settle(expected, expected + 1.5e-9, allowed), [MOVED, ""])

    def test_a_coefficient_that_is_off_behind_others(self) -> None:
        model = make_pipeline(PCA(3), QuantileTransformer(n_quantiles=20), LinearRegression()).fit(X, Y)
        other = copy_of(model)
        other[0].components_[0, 0] *= 1 + 1e-7
        self.wrong(judged(model, other, ROWS))

    def test_a_support_vector_and_an_intercept_that_are_off(self) -> None:
        model = SVC().fit(X, CLASSES == 1)
        other = copy_of(model)
        other.support_vectors_[0, 0] += 1e-6
        self.wrong(judged(model, other, ROWS))
        other = copy_of(model)
        other._intercept_ = other._intercept_ + 1e-7
        self.wrong(judged(model, other, ROWS))

    def test_a_label_that_no_rounding_gives(self) -> None:
        for model in (SVC().fit(X, CLASSES), make_pipeline(PCA(3), RandomForestClassifier(5, random_state=0)).fit(X, CLASSES)):
            def next_class(table: Any) -> Any:
                return (table + (np.arange(len(table)) == 7)[:, None]) % 3

            with tempfile.TemporaryDirectory() as folder:
                outcomes = Judge(Tampered(model, next_class), folder).judge(model, ROWS, 1e-9)
            self.wrong([each for each in outcomes if each.method == "predict"])

    def test_a_neighbour_that_is_not_as_near(self) -> None:
        for algorithm in ("brute", "kd_tree"):
            model = KNeighborsRegressor(3, algorithm=algorithm).fit(X, Y)
            other = copy_of(model)
            ask = other.kneighbors

            def without_the_third(rows: Any, return_distance: bool = True, ask: Any = ask) -> Any:
                found = [each[:, [0, 1, 3]] for each in ask(rows, 4)]
                return tuple(found) if return_distance else found[1]

            other.kneighbors = without_the_third
            self.wrong(judged(model, other, ROWS))

    def test_a_donor_that_is_not_as_near(self) -> None:
        holes = X.copy()
        holes[RANDOM.rand(*X.shape) < 0.1] = np.nan
        model = KNNImputer(n_neighbors=3).fit(holes)
        other = KNNImputer(n_neighbors=4).fit(holes)
        asked = ROWS.copy()
        asked[::3, 1] = np.nan
        self.wrong(judged(model, other, asked))

    def test_exact_models_have_no_roundings(self) -> None:
        model = make_pipeline(StandardScaler(), DecisionTreeRegressor(max_depth=3, random_state=0)).fit(X, Y)
        other = copy_of(model)
        other[0].mean_ = other[0].mean_ + 0.5
        self.wrong(judged(model, other, ROWS))
        self.wrong(judged(model, model, ROWS, lambda table: np.nextafter(table, np.inf)))

    def test_a_bound_that_is_met_is_no_rounding(self) -> None:
        """Of a value that is several quantiles the middle is taken, and not the first."""
        model = QuantileTransformer(n_quantiles=40).fit(GRID)
        other = copy_of(model)
        other.quantiles_ = other.quantiles_ + np.linspace(0, 1e-13, 40)[:, None]
        self.wrong(judged(model, other, GRID[:20]))

    def test_a_tie_is_counted_apart(self) -> None:
        """Fitted with the rows the other way round, it finds others that are as near."""
        for algorithm in ("brute", "kd_tree"):
            model = KNeighborsRegressor(3, algorithm=algorithm).fit(GRID, Y)
            other = KNeighborsRegressor(3, algorithm=algorithm).fit(GRID[::-1], Y[::-1])
            outcomes = [each for each in judged(model, other, GRID[:20] + 0.5) if each.method == "predict"]
            self.apart(outcomes)

    def test_digits_that_a_distance_loses_are_counted_apart(self) -> None:
        far = X + 1e7
        model = KMeans(3, n_init=1, random_state=0).fit(far)
        direct = np.sqrt(((far[:20, None] - model.cluster_centers_[None]) ** 2).sum(axis=2))
        outcomes = judged(model, model, far[:20], lambda table: direct if table.shape[1] == 3 else table)
        self.apart([each for each in outcomes if each.method == "transform"])

    def test_sums_in_float32_are_counted_apart(self) -> None:
        model = GradientBoostingRegressor(n_estimators=2, init=LinearRegression(), random_state=0).fit(X, Y)
        other = copy_of(model)
        other.init_.coef_ = other.init_.coef_.astype(np.float64)
        self.apart(judged(model, other, ROWS))
        other.init_.coef_ = other.init_.coef_ + 1e-3
        self.wrong(judged(model, other, ROWS))

    def test_an_ill_conditioned_model_is_off_no_further(self) -> None:
        """Its sums cancel, so that a rounding shows; a hundred thousand of them are none."""
        doubled = np.vstack([X, X + 1e-9])
        model = GaussianProcessRegressor(RBF(2.0), alpha=1e-14, optimizer=None).fit(doubled, np.append(Y, Y))
        other = copy_of(model)
        other.alpha_ = other.alpha_ * (1 + 1e-7 * RANDOM.randn(*other.alpha_.shape))
        self.wrong(judged(model, other, ROWS))


if __name__ == "__main__":
    unittest.main()
