"""A fitted model with the last places of its arithmetic drawn at random.

What a library computes is known to a few units in the last place: BLAS adds in an order that depends on
the processor, NumPy's functions differ by processor too, and a distance computed as x.x + y.y - 2 x.y
loses what the lengths of x and y have in the last place. `Roundings.model()` gives a copy of a model in
which each of these is moved by so little: the fitted numbers that sums are made of, the results of every
inner estimator, and such distances. How its answers then differ is how far roundings decide them.
Nothing that is exact is moved: neither the rows that are asked, nor estimators of `limits.EXACT`, nor
the bounds that values are only compared with (COMPARES), nor a float32 that float64 is computed with.
"""

import contextlib
import pickle
import sys
from typing import Any, Callable, Dict, FrozenSet, Iterator, List, Optional, Set

import numpy as np
import scipy.sparse as sp

from live.limits import EXACT, limit_of
from live.probe import METHODS

EPSILON = float(np.finfo(np.float64).eps)
SINGLE = float(np.finfo(np.float32).eps)
# What only holds others, and adds no arithmetic whose last places are open.
HOLDERS = {"Pipeline", "FeatureUnion", "ColumnTransformer", "GridSearchCV", "VotingClassifier", "OneVsRestClassifier"}
# Their fitted numbers are compared with; only what they answer is rounded.
COMPARES = {"QuantileTransformer", "SplineTransformer", "IsotonicRegression", "IsolationForest", "FunctionTransformer"}
# What stands for something, and is looked up.
LABELS = {"classes_", "classes", "categories_"}
# Where linear models are.
LINEAR = (
    "sklearn.linear_model", "sklearn.svm._classes", "sklearn.svm.classes", "sklearn.discriminant_analysis",
    "sklearn.cross_decomposition",
)  # fmt: skip
ANSWERS = "transform", "predict", "predict_proba", "predict_log_proba", "decision_function", "score_samples"


def is_exact(part: Any) -> bool:
    kind = type(part).__name__
    return kind in EXACT or kind in HOLDERS or (kind == "FunctionTransformer" and part.func in (None, np.abs, np.square))


def terms_of(part: Any) -> Optional[int]:
    """How many products of features a linear model adds up, and its intercept; None of what is no linear model."""
    if not type(part).__module__.startswith(LINEAR) or getattr(part, "coef_", None) is None:
        return None
    return int(np.shape(part.coef_)[-1]) + 1 if np.ndim(part.coef_) else 2


def last_of(model: Any) -> Any:
    """The estimator whose answer the model's is."""
    while True:
        for name in ("steps", "best_estimator_", "final_estimator_", "regressor_"):
            inner = getattr(model, name, None)
            if inner is not None:
                model = inner[-1][1] if name == "steps" else inner
                break
        else:
            return model


def is_single(rows: Any) -> bool:
    if hasattr(rows, "iloc"):
        kinds = rows.dtypes if rows.ndim == 2 else [rows.dtype]
        return any(kind == np.float32 for kind in kinds)
    return getattr(rows, "dtype", None) == np.float32


def singles_of(pickled: bytes, ask: Callable[[Any], Any]) -> FrozenSet[int]:
    """The estimators of a model that are given float32 when it is asked: by their numbers."""
    found: Set[int] = set()

    class Watching(Roundings):
        def _wrap_all(self, part: Any) -> None:
            for name in METHODS:
                self._watch(part, name)

        def _watch(self, part: Any, name: str) -> None:
            try:
                original = getattr(part, name)
            except Exception:  # A property that looks at a wrapped estimator.
                return
            number = self.number

            def watched(*given: Any, **named: Any) -> Any:
                if any(is_single(each) for each in list(given[:1]) + list(named.values())[:1]):
                    found.add(number)
                return original(*given, **named)

            part.__dict__[name] = watched

    try:
        ask(Watching(0, 0).model(pickled))
    except Exception:  # What it met until then stands.
        pass
    return frozenset(found)


class Roundings:
    """Draws of one strength, in units of the last place. `singles`: see singles_of()."""

    def __init__(self, seed: int, ulps: float, singles: FrozenSet[int] = frozenset()) -> None:
        self.random = np.random.RandomState(seed)
        self.ulps = ulps
        self.near = ulps * EPSILON
        self.singles = singles
        self.single = False  # Whether the estimator at hand computes in float32.
        self.number = 0  # And which it is, as they are met: the same in each copy of a model.
        self.count = 0  # Of those met.

    def moved(self, values: Any) -> Any:
        single = self.single and getattr(values, "dtype", None) == np.float32
        near = self.near * (SINGLE / EPSILON if single else 1)
        return values * (1 + near * self.random.uniform(-1, 1, np.shape(values)))

    def model(self, pickled: bytes) -> Any:
        model = pickle.loads(pickled)
        seen: Dict[int, Any] = {}
        self.count = 0
        return self._moved_in(model, seen, False)

    @contextlib.contextmanager
    def _within(self, part: Any) -> Iterator[None]:
        """As far as the sums of `part` can be off: of n terms by n units, and one each for what it is
        given and what it answers."""
        kept = self.near
        terms = terms_of(part)
        self.near = EPSILON * (self.ulps if terms is None else min(self.ulps, terms + 1))
        try:
            yield
        finally:
            self.near = kept

    def _moved_in(self, part: Any, seen: Dict[int, Any], moves: bool) -> Any:
        """`part` with its fitted numbers moved, and those of what it holds: in place but for arrays."""
        if isinstance(part, (float, np.floating)):
            return type(part)(self.moved(part)) if moves and np.isfinite(part) else part
        if isinstance(part, np.ndarray) and part.dtype != object:
            return self.moved(part).astype(part.dtype) if moves and part.dtype.kind == "f" else part
        if id(part) in seen:
            return part
        seen[id(part)] = part
        if isinstance(part, (list, np.ndarray)):
            flat = part.reshape(-1) if isinstance(part, np.ndarray) else part
            for k, each in enumerate(flat):
                flat[k] = self._moved_in(each, seen, moves)
        elif type(part) is tuple:
            return tuple(self._moved_in(each, seen, moves) for each in part)
        elif isinstance(part, dict):
            for key, each in part.items():
                part[key] = self._moved_in(each, seen, moves)
        elif sp.issparse(part):
            part.data = self._moved_in(part.data, seen, moves)
        elif hasattr(part, "__dict__") and not isinstance(part, type) and not callable(part):
            self._move_object(part, seen, moves)
        return part

    def _move_object(self, part: Any, seen: Dict[int, Any], moves: bool) -> None:
        estimator = hasattr(part, "get_params")
        if not estimator:
            self._move_attributes(part, seen, moves, False)
            return
        number, kept = self.count, (self.single, self.number)
        self.count += 1
        self.single, self.number = number in self.singles, number
        with self._within(part):
            moves = not is_exact(part) and type(part).__name__ not in COMPARES
            self._move_attributes(part, seen, moves, True)
        self.number = number
        self._wrap_all(part)
        self.single, self.number = kept

    def _wrap_all(self, part: Any) -> None:
        if not is_exact(part):
            for name in ANSWERS:
                self._wrap(part, name)

    def _move_attributes(self, part: Any, seen: Dict[int, Any], moves: bool, estimator: bool) -> None:
        for name, value in list(vars(part).items()):
            # What an estimator was constructed with is no result.
            given = estimator and not (name.endswith("_") or name.startswith("_"))
            if name == "_tree" and hasattr(value, "query"):
                setattr(part, name, Tree(self, value))
            elif name in LABELS:
                continue
            elif not given or isinstance(value, list) or hasattr(value, "get_params"):
                vars(part)[name] = self._moved_in(value, seen, moves)

    def _wrap(self, part: Any, name: str) -> None:
        try:
            if name == "predict" and getattr(part, "classes_", None) is not None:
                return  # Labels, of which some are numbers.
            original = getattr(part, name)
        except Exception:  # A property that looks at a wrapped estimator.
            return
        adds = limit_of(type(part).__name__) == 1e-9

        # Between two of its values an isotonic regression adds to one what is taken from the other.
        least = np.abs(getattr(part, "y_thresholds_", [0.0])).max()

        def wrapped(*given: Any, **named: Any) -> Any:
            result = original(*given, **named)
            with self._within(part):
                result = self.answer(result, adds)
            if least > 0:
                result = result + self.near * least * self.random.uniform(-1, 1, np.shape(result))
            return np.clip(result, 0, 1) if name == "predict_proba" and isinstance(result, np.ndarray) else result

        part.__dict__[name] = wrapped

    def answer(self, result: Any, adds: bool) -> Any:
        """`adds`: of sums that BLAS makes, which can cancel."""
        if isinstance(result, list):
            return [self.answer(each, adds) for each in result]
        if sp.issparse(result) and result.dtype == np.float64:
            result = result.copy()
            result.data = self.moved(result.data)
            if not result.has_sorted_indices and self.random.rand() < 0.5:
                # The same matrix, of which PolynomialFeatures makes another.
                result.sort_indices()
        elif hasattr(result, "iloc") and hasattr(result, "to_numpy"):
            for k in range(result.shape[1] if result.ndim == 2 else 0):
                if result.dtypes.iloc[k] == np.float64:
                    result.isetitem(k, self.answer(result.iloc[:, k].to_numpy(), adds))
        elif isinstance(result, np.ndarray) and result.dtype == np.float64 and len(result):
            scale = np.abs(np.where(np.isfinite(result), result, 0)).max(axis=0) if adds else 0.0
            result = self.moved(result) + self.near * scale * self.random.uniform(-1, 1, result.shape)
        return result

    def squares(self, x: Any, y: Any) -> Any:
        """Squared distances of rows as x.x + y.y - 2 x.y has them."""
        x, y = (each.toarray() if sp.issparse(each) else np.asarray(each, dtype=np.float64) for each in (x, y))
        lengths = (x * x).sum(axis=1)[:, None] + (y * y).sum(axis=1)[None, :]
        squares = lengths - 2 * (x @ y.T)
        squares = squares + self.near * lengths * self.random.uniform(-1, 1, squares.shape)
        return np.maximum(squares, 0)

    def distances(self, x: Any, y: Any, metric: str, options: Dict[str, Any]) -> Any:
        if metric in ("euclidean", "sqeuclidean", "l2"):
            squares = self.squares(x, y)
            return squares if metric == "sqeuclidean" else np.sqrt(squares)
        from sklearn.metrics import pairwise_distances

        return self.moved(pairwise_distances(x, y, metric=metric, **options))

    def nearest(self, x: Any, y: Any, k: int, metric: str, options: Dict[str, Any]) -> Any:
        distances = self.distances(x, y, metric, options)
        order = np.argsort(distances, axis=1, kind="stable")[:, :k]
        return np.take_along_axis(distances, order, axis=1), order


class Tree:
    """Stands for a KDTree or BallTree: of equally near rows it finds any."""

    def __init__(self, roundings: Roundings, tree: Any) -> None:
        self.roundings, self.tree = roundings, tree

    def __getattr__(self, name: str) -> Any:
        return getattr(self.tree, name)

    def query(self, x: Any, k: int = 1, return_distance: bool = True, **_: Any) -> Any:
        state = self.tree.__getstate__()
        metric = next(each for each in state if "Distance" in type(each).__name__)
        distances = self.roundings.moved(metric.pairwise(np.asarray(x, dtype=np.float64), np.asarray(state[0])))
        order = np.argsort(distances, axis=1, kind="stable")[:, :k]
        found = np.take_along_axis(distances, order, axis=1)
        return (found, order) if return_distance else order


def stands_in(roundings: Roundings) -> Dict[str, Any]:
    """What of scikit-learn computes such distances, by name, and what stands for it."""

    def euclidean_distances(X: Any, Y: Any = None, *_: Any, squared: bool = False, **__: Any) -> Any:
        squares = roundings.squares(X, X if Y is None else Y)
        return squares if squared else np.sqrt(squares)

    class ArgKmin:
        @classmethod
        def is_usable_for(cls, X: Any, Y: Any, metric: Any) -> bool:
            return isinstance(metric, str)

        @classmethod
        def compute(cls, X: Any, Y: Any, k: int, metric: str = "euclidean", chunk_size: Any = None,
                    metric_kwargs: Any = None, strategy: Any = None, return_distance: bool = False) -> Any:  # fmt: skip
            found, order = roundings.nearest(X, Y, k, metric, metric_kwargs or {})
            return (found, order) if return_distance else order

    class Nothing:
        @classmethod
        def is_usable_for(cls, *_: Any, **__: Any) -> bool:
            return False

    def labels(X: Any, sample_weight: Any, centers: Any, n_threads: int = 1, return_inertia: bool = True) -> Any:
        squares = roundings.squares(X, centers)
        found = squares.argmin(axis=1).astype(np.int32)
        return (found, squares.min(axis=1).sum()) if return_inertia else found

    return {
        "euclidean_distances": euclidean_distances,
        "ArgKmin": ArgKmin,
        "ArgKminClassMode": Nothing,
        "_labels_inertia_threadpool_limit": labels,
    }


@contextlib.contextmanager
def rounded(roundings: Roundings) -> Iterator[None]:
    """scikit-learn computes distances as `roundings` has them, meanwhile."""
    undo: List[Callable[[], None]] = []
    replaced: Dict[int, Any] = {}
    stand = stands_in(roundings)
    modules = [module for name, module in list(sys.modules.items()) if name.startswith("sklearn.") and module]
    for module in modules:
        for name, new in stand.items():
            old = vars(module).get(name)
            if old is None:
                continue
            replaced[id(old)] = new
            setattr(module, name, new)
            undo.append(lambda module=module, name=name, old=old: setattr(module, name, old))
    by_name = getattr(sys.modules.get("sklearn.metrics.pairwise"), "PAIRWISE_DISTANCE_FUNCTIONS", {})
    for key, old in list(by_name.items()):
        if id(old) in replaced:
            by_name[key] = replaced[id(old)]
            undo.append(lambda key=key, old=old: by_name.__setitem__(key, old))
    try:
        yield
    finally:
        for each in undo:
            each()
