"""Random pipelines of the newest release, and random data for them; the same for the same seed."""

from typing import Any, Dict, List, Tuple

import numpy as np
import pandas as pd

from live.gallery import of

Options = Dict[str, List[Any]]

BOTH = [True, False]
# Options that change what is answered; a fit that fails is counted, not avoided.
TRANSFORMERS: Dict[str, Options] = {
    "preprocessing.StandardScaler": {"with_mean": BOTH, "with_std": BOTH},
    "preprocessing.MinMaxScaler": {"feature_range": [(0, 1), (-2, 3)], "clip": BOTH},
    "preprocessing.MaxAbsScaler": {},
    "preprocessing.RobustScaler": {"with_centering": BOTH, "with_scaling": BOTH, "quantile_range": [(25, 75), (5, 95)], "unit_variance": BOTH},
    "preprocessing.Normalizer": {"norm": ["l1", "l2", "max"]},
    "preprocessing.Binarizer": {"threshold": [0.0, 0.5, -1.0]},
    "preprocessing.PolynomialFeatures": {"degree": [1, 2, 3, (2, 3), (0, 2)], "interaction_only": BOTH, "include_bias": BOTH, "order": ["C", "F"]},
    "preprocessing.KBinsDiscretizer": {"n_bins": [2, 3, 6], "encode": ["onehot", "onehot-dense", "ordinal"], "strategy": ["uniform", "quantile", "kmeans"]},
    "preprocessing.PowerTransformer": {"standardize": BOTH},
    "preprocessing.QuantileTransformer": {"n_quantiles": [5, 20], "output_distribution": ["uniform", "normal"]},
    "preprocessing.SplineTransformer": {"n_knots": [2, 4], "degree": [0, 1, 2, 3], "knots": ["uniform", "quantile"], "extrapolation": ["constant", "linear", "continue", "periodic"], "include_bias": BOTH},
    "preprocessing.FunctionTransformer": {"func": [None, np.abs, np.tanh, np.sin, np.square, np.cbrt, np.arctan]},
    "impute.SimpleImputer": {"strategy": ["mean", "median", "most_frequent", "constant"], "add_indicator": BOTH, "keep_empty_features": BOTH},
    "impute.KNNImputer": {"n_neighbors": [1, 3, 5], "weights": ["uniform", "distance"], "add_indicator": BOTH},
    "impute.IterativeImputer": {"max_iter": [2], "random_state": [0], "initial_strategy": ["mean", "median"], "imputation_order": ["ascending", "roman", "descending"]},
    "impute.MissingIndicator": {"features": ["all", "missing-only"], "error_on_new": [False]},
    "decomposition.PCA": {"n_components": [1, 2, 0.9], "whiten": BOTH},
    "decomposition.TruncatedSVD": {"n_components": [1, 2], "random_state": [0]},
    "decomposition.KernelPCA": {"n_components": [1, 2, 3], "kernel": ["linear", "rbf", "poly", "sigmoid", "cosine"]},
    "decomposition.FastICA": {"n_components": [1, 2], "random_state": [0], "max_iter": [20]},
    "decomposition.FactorAnalysis": {"n_components": [1, 2], "random_state": [0], "max_iter": [20]},
    "decomposition.IncrementalPCA": {"n_components": [1, 2], "whiten": BOTH},
    "cross_decomposition.PLSRegression": {"n_components": [1, 2], "scale": BOTH},
    "discriminant_analysis.LinearDiscriminantAnalysis": {"solver": ["svd", "eigen"]},
    "feature_selection.SelectKBest": {"k": [1, 2, "all"]},
    "feature_selection.SelectPercentile": {"percentile": [20, 60]},
    "feature_selection.SelectFpr": {"alpha": [0.5, 0.9]},
    "feature_selection.VarianceThreshold": {"threshold": [0.0, 0.5]},
    "feature_selection.GenericUnivariateSelect": {"mode": ["k_best", "percentile"], "param": [1, 2]},
    "kernel_approximation.Nystroem": {"n_components": [4, 10], "kernel": ["rbf", "poly", "laplacian", "cosine"], "random_state": [0]},
    "kernel_approximation.RBFSampler": {"n_components": [4, 10], "gamma": [0.1, 1.0, "scale"], "random_state": [0]},
    "random_projection.GaussianRandomProjection": {"n_components": [2], "random_state": [0]},
    "random_projection.SparseRandomProjection": {"n_components": [2], "random_state": [0], "density": [0.5]},
    "cluster.KMeans": {"n_clusters": [2, 4], "n_init": [1], "random_state": [0]},
    "cluster.FeatureAgglomeration": {"n_clusters": [1, 2]},
    "ensemble.RandomTreesEmbedding": {"n_estimators": [3], "max_depth": [2, 4], "random_state": [0]},
    "neighbors.KNeighborsTransformer": {"n_neighbors": [2, 4], "mode": ["distance", "connectivity"]},
}
CLASSIFIERS: Dict[str, Options] = {
    "linear_model.LogisticRegression": {"C": [0.01, 1.0, 100.0], "fit_intercept": BOTH, "class_weight": [None, "balanced"], "max_iter": [60]},
    "linear_model.RidgeClassifier": {"alpha": [0.1, 10.0], "fit_intercept": BOTH},
    "linear_model.SGDClassifier": {"loss": ["hinge", "log_loss", "modified_huber", "perceptron"], "random_state": [0]},
    "linear_model.Perceptron": {"random_state": [0]},
    "svm.SVC": {"max_iter": [500], "kernel": ["rbf", "linear", "poly", "sigmoid"], "decision_function_shape": ["ovo", "ovr"], "break_ties": BOTH, "gamma": ["scale", "auto", 0.5], "C": [0.5, 5.0]},
    "svm.NuSVC": {"max_iter": [500], "nu": [0.1, 0.3], "gamma": ["scale", "auto"]},
    "svm.LinearSVC": {"C": [0.1, 1.0], "random_state": [0]},
    "tree.DecisionTreeClassifier": {"max_depth": [1, 3, None], "criterion": ["gini", "entropy"], "class_weight": [None, "balanced"], "random_state": [0]},
    "tree.ExtraTreeClassifier": {"max_depth": [3, None], "random_state": [0]},
    "ensemble.RandomForestClassifier": {"n_estimators": [1, 5], "max_depth": [2, None], "random_state": [0], "bootstrap": BOTH},
    "ensemble.ExtraTreesClassifier": {"n_estimators": [5], "random_state": [0]},
    "ensemble.GradientBoostingClassifier": {"n_estimators": [4], "loss": ["log_loss", "exponential"], "init": [None, "zero"], "learning_rate": [0.1, 1.0], "random_state": [0]},
    "ensemble.HistGradientBoostingClassifier": {"max_iter": [4], "max_leaf_nodes": [4, 31], "min_samples_leaf": [3], "random_state": [0]},
    "ensemble.AdaBoostClassifier": {"n_estimators": [4], "random_state": [0]},
    "ensemble.BaggingClassifier": {"n_estimators": [3], "max_features": [0.5, 1.0], "bootstrap_features": BOTH, "random_state": [0]},
    "neighbors.KNeighborsClassifier": {"n_neighbors": [1, 3, 6], "weights": ["uniform", "distance"], "p": [1, 2, 3], "algorithm": ["brute", "kd_tree", "ball_tree"]},
    "neighbors.RadiusNeighborsClassifier": {"radius": [1e12], "weights": ["uniform", "distance"]},
    "neighbors.NearestCentroid": {"metric": ["euclidean", "manhattan"]},
    "naive_bayes.GaussianNB": {"var_smoothing": [1e-9, 1e-3]},
    "naive_bayes.BernoulliNB": {"alpha": [0.5, 1.0], "binarize": [0.0, 0.5], "fit_prior": BOTH},
    "neural_network.MLPClassifier": {"hidden_layer_sizes": [(4,), (5, 3)], "activation": ["identity", "logistic", "tanh", "relu"], "max_iter": [15], "random_state": [0]},
    "discriminant_analysis.LinearDiscriminantAnalysis": {"solver": ["svd", "lsqr", "eigen"]},
    "discriminant_analysis.QuadraticDiscriminantAnalysis": {"reg_param": [0.1, 0.5]},
    "gaussian_process.GaussianProcessClassifier": {},
    "dummy.DummyClassifier": {"strategy": ["prior", "most_frequent"]},
    "semi_supervised.LabelPropagation": {"kernel": ["rbf", "knn"], "max_iter": [50]},
}
REGRESSORS: Dict[str, Options] = {
    "linear_model.LinearRegression": {"fit_intercept": BOTH, "positive": BOTH},
    "linear_model.Ridge": {"alpha": [0.1, 10.0], "fit_intercept": BOTH},
    "linear_model.Lasso": {"alpha": [0.01, 1.0]},
    "linear_model.ElasticNet": {"alpha": [0.01, 1.0]},
    "linear_model.BayesianRidge": {},
    "linear_model.ARDRegression": {},
    "linear_model.HuberRegressor": {},
    "linear_model.LassoLars": {"alpha": [0.01]},
    "linear_model.OrthogonalMatchingPursuit": {},
    "linear_model.SGDRegressor": {"random_state": [0]},
    "linear_model.TweedieRegressor": {"power": [0, 1, 1.5, 2], "link": ["auto", "log"]},
    "svm.SVR": {"max_iter": [500], "kernel": ["rbf", "linear", "poly", "sigmoid"], "gamma": ["scale", "auto"]},
    "svm.LinearSVR": {"random_state": [0]},
    "tree.DecisionTreeRegressor": {"max_depth": [2, None], "criterion": ["squared_error", "absolute_error"], "random_state": [0]},
    "tree.ExtraTreeRegressor": {"random_state": [0]},
    "ensemble.RandomForestRegressor": {"n_estimators": [4], "random_state": [0]},
    "ensemble.ExtraTreesRegressor": {"n_estimators": [4], "random_state": [0]},
    "ensemble.GradientBoostingRegressor": {"n_estimators": [4], "loss": ["squared_error", "absolute_error", "huber", "quantile"], "random_state": [0]},
    "ensemble.HistGradientBoostingRegressor": {"max_iter": [4], "min_samples_leaf": [3], "loss": ["squared_error", "absolute_error", "quantile"], "quantile": [0.3], "random_state": [0]},
    "ensemble.AdaBoostRegressor": {"n_estimators": [4], "random_state": [0]},
    "ensemble.BaggingRegressor": {"n_estimators": [3], "max_samples": [0.5, 1.0], "random_state": [0]},
    "neighbors.KNeighborsRegressor": {"n_neighbors": [1, 3, 6], "weights": ["uniform", "distance"], "p": [1, 2, 3]},
    "neural_network.MLPRegressor": {"hidden_layer_sizes": [(4,)], "activation": ["identity", "logistic", "tanh", "relu"], "max_iter": [15], "random_state": [0]},
    "gaussian_process.GaussianProcessRegressor": {"alpha": [0.1, 1.0], "normalize_y": BOTH},
    "kernel_ridge.KernelRidge": {"kernel": ["linear", "rbf", "poly"], "alpha": [1.0]},
    "cross_decomposition.PLSRegression": {"n_components": [1, 2]},
    "dummy.DummyRegressor": {"strategy": ["mean", "median"]},
}
OTHERS: Dict[str, Options] = {
    "cluster.KMeans": {"n_clusters": [2, 4], "n_init": [1], "random_state": [0]},
    "cluster.MiniBatchKMeans": {"n_clusters": [2, 4], "n_init": [1], "random_state": [0]},
    "cluster.Birch": {"n_clusters": [2, None]},
    "ensemble.IsolationForest": {"n_estimators": [4], "max_samples": [0.5, 16], "contamination": ["auto", 0.1], "max_features": [0.5, 1.0], "random_state": [0]},
    "svm.OneClassSVM": {"max_iter": [500], "kernel": ["rbf", "linear", "poly"], "nu": [0.1, 0.5]},
    "neighbors.LocalOutlierFactor": {"novelty": [True], "n_neighbors": [3, 8]},
    "neighbors.KernelDensity": {"kernel": ["gaussian", "tophat", "epanechnikov", "exponential", "linear", "cosine"], "bandwidth": [0.5, 2.0]},
    "mixture.GaussianMixture": {"n_components": [1, 2], "covariance_type": ["full", "tied", "diag", "spherical"], "random_state": [0], "max_iter": [10]},
    "covariance.EllipticEnvelope": {"random_state": [0]},
    "neighbors.NearestNeighbors": {"n_neighbors": [1, 3]},
}
# What wants classes, or a target of numbers, to be fitted.
NEEDS_CLASSES = ("discriminant_analysis.", "feature_selection.")
NEEDS_NUMBERS = ("cross_decomposition.",)
# What takes missing values by itself.
TAKES_MISSING = ("impute.", "ensemble.HistGradientBoosting", "preprocessing.StandardScaler", "preprocessing.MinMaxScaler", "preprocessing.MaxAbsScaler", "preprocessing.RobustScaler", "preprocessing.PowerTransformer", "preprocessing.QuantileTransformer", "tree.DecisionTree", "ensemble.RandomForest", "ensemble.ExtraTrees")


class Maker:
    """Draws unfitted models."""

    def __init__(self, random: Any) -> None:
        self.random = random
        self.without: Tuple[str, ...] = ()

    def pick(self, options: Any) -> Any:
        return options[self.random.randint(len(options))]

    def one(self, table: Dict[str, Options], only: Tuple[str, ...] = ()) -> Any:
        known = [each for each in table if not only or each.startswith(only)]
        if table is TRANSFORMERS and self.without:
            known = [each for each in known if not each.startswith(self.without)]
        path = self.pick(known)
        module, name = path.split(".")
        given = {}
        for option, values in table[path].items():
            # One value alone is no choice: it makes the fit short, or repeatable.
            if len(values) == 1 or self.random.rand() < 0.6:
                given[option] = self.pick(values)
        if name == "FunctionTransformer":
            given["validate"] = False
        return of(module, name)(**given)

    def transformer(self, depth: int, missing: bool) -> Any:
        draw = self.random.rand()
        if depth > 0 and draw < 0.15:
            return self.union(depth - 1, missing)
        if depth > 0 and draw < 0.25:
            return self.chain(depth - 1, missing)
        return self.one(TRANSFORMERS, TAKES_MISSING if missing else ())

    def chain(self, depth: int, missing: bool) -> Any:
        first = self.one(TRANSFORMERS, ("impute.SimpleImputer", "impute.KNNImputer")) if missing else self.transformer(depth, False)
        return of("pipeline", "Pipeline")([("a", first), ("b", self.pick([self.transformer(depth, False), "passthrough"]))])

    def union(self, depth: int, missing: bool) -> Any:
        members = [(name, self.transformer(depth, missing)) for name in "uvw"[: 1 + self.random.randint(3)]]
        if self.random.rand() < 0.3:
            members.append(("p", self.pick(["passthrough", "drop"])))
        weights = {name: self.pick([0.5, 2.0]) for name, _ in members} if self.random.rand() < 0.3 else None
        return of("pipeline", "FeatureUnion")(members, transformer_weights=weights)

    def columns(self, names: Dict[str, List[Any]], depth: int, missing: bool) -> Any:
        """A ColumnTransformer over columns of numbers, words and texts."""
        parts: List[Tuple[str, Any, Any]] = []
        numbers = names["numbers"]
        for place in range(1 + self.random.randint(2)):
            chosen = [name for name in numbers if self.random.rand() < 0.6] or numbers[:1]
            parts.append(("n%d" % place, self.pick([self.transformer(depth, missing), self.chain(depth, missing)]), chosen))
        if names["words"]:
            encoder = self.pick(("onehot", "ordinal", "target"))
            parts.append(("w", self.encoder(encoder), names["words"]))
        if names["texts"] and self.random.rand() < 0.5:
            parts.append(("t", self.vectorizer(), names["texts"][0]))
        rest = self.pick(["drop", "drop", "passthrough"]) if not (names["words"] or names["texts"] or missing) else "drop"
        threshold = self.pick([0.0, 0.3, 1.0])
        return of("compose", "ColumnTransformer")(parts, remainder=rest, sparse_threshold=threshold)

    def encoder(self, kind: str) -> Any:
        if kind == "onehot":
            drop = self.pick([None, "first", "if_binary"])
            unknown = self.pick(["ignore", "infrequent_if_exist"])
            rare = self.pick([None, 3, 0.2])
            return of("preprocessing", "OneHotEncoder")(drop=drop, handle_unknown=unknown, min_frequency=rare)
        if kind == "ordinal":
            return of("preprocessing", "OrdinalEncoder")(handle_unknown="use_encoded_value", unknown_value=self.pick([-1, np.nan, 99]), encoded_missing_value=self.pick([np.nan, -2]))
        return of("preprocessing", "TargetEncoder")(smooth=self.pick(["auto", 2.0]), cv=2, random_state=0)

    def vectorizer(self) -> Any:
        text = "feature_extraction.text"
        kind = self.pick(["CountVectorizer", "TfidfVectorizer", "HashingVectorizer"])
        options = {"ngram_range": self.pick([(1, 1), (1, 2)]), "analyzer": self.pick(["word", "char_wb"])}
        if kind == "HashingVectorizer":
            options["n_features"] = 16
        if kind == "TfidfVectorizer":
            options.update(sublinear_tf=self.pick(BOTH), norm=self.pick(["l1", "l2", None]))
        return of(text, kind)(**options)

    def final(self, task: str, depth: int) -> Any:
        table = {"classes": CLASSIFIERS, "numbers": REGRESSORS, "none": OTHERS}[task]
        draw = self.random.rand()
        if task == "classes" and depth > 0 and draw < 0.3:
            return self.meta_classifier(depth - 1)
        if task == "numbers" and depth > 0 and draw < 0.25:
            return self.meta_regressor(depth - 1)
        return self.one(table)

    def meta_classifier(self, depth: int) -> Any:
        inner, other = self.final("classes", depth), self.final("classes", depth)
        kind = self.pick(["calibrated", "vote", "stack", "rest", "pairs", "search", "threshold", "pipeline", "bag"])
        if kind == "calibrated":
            return of("calibration", "CalibratedClassifierCV")(inner, cv=2, method=self.pick(["sigmoid", "isotonic"]), ensemble=self.pick(BOTH))
        if kind == "vote":
            return of("ensemble", "VotingClassifier")([("a", inner), ("b", other)], voting=self.pick(["soft", "hard"]), weights=self.pick([None, [1, 2]]))
        if kind == "stack":
            return of("ensemble", "StackingClassifier")([("a", inner), ("b", other)], cv=2, passthrough=self.pick(BOTH))
        if kind == "rest":
            return of("multiclass", "OneVsRestClassifier")(inner)
        if kind == "pairs":
            return of("multiclass", "OneVsOneClassifier")(inner)
        if kind == "search":
            return of("model_selection", "GridSearchCV")(inner, {}, cv=2)
        if kind == "threshold":
            return of("model_selection", "FixedThresholdClassifier")(inner, threshold=self.pick([0.3, 0.7]))
        if kind == "bag":
            return of("ensemble", "BaggingClassifier")(inner, n_estimators=2, random_state=0)
        return of("pipeline", "make_pipeline")(self.transformer(depth, False), inner)

    def meta_regressor(self, depth: int) -> Any:
        inner, other = self.final("numbers", depth), self.final("numbers", depth)
        kind = self.pick(["vote", "stack", "target", "search", "pipeline", "bag"])
        if kind == "vote":
            return of("ensemble", "VotingRegressor")([("a", inner), ("b", other)], weights=self.pick([None, [1, 2]]))
        if kind == "stack":
            return of("ensemble", "StackingRegressor")([("a", inner), ("b", other)], cv=2, passthrough=self.pick(BOTH))
        if kind == "target":
            scaler = self.one(TRANSFORMERS, ("preprocessing.StandardScaler", "preprocessing.MinMaxScaler", "preprocessing.PowerTransformer", "preprocessing.QuantileTransformer"))
            return of("compose", "TransformedTargetRegressor")(inner, transformer=scaler)
        if kind == "search":
            return of("model_selection", "GridSearchCV")(inner, {}, cv=2)
        if kind == "bag":
            return of("ensemble", "BaggingRegressor")(inner, n_estimators=2, random_state=0)
        return of("pipeline", "make_pipeline")(self.transformer(depth, False), inner)


class Problem:
    """Random data and an unfitted model for it."""

    def __init__(self, seed: int, attempt: int = 0) -> None:
        random = self.random = np.random.RandomState([seed, attempt])
        self.maker = Maker(random)
        self.task = self.maker.pick(["classes", "classes", "numbers", "numbers", "none", "transform"])
        self.maker.without = NEEDS_NUMBERS if self.task != "numbers" else NEEDS_CLASSES
        self.missing = random.rand() < 0.2
        self.framed = random.rand() < 0.4
        count = 30 + random.randint(60)
        numbers = self.numbers(count + 30, 1 + random.randint(7))
        self.y = self.target(numbers[:count])
        self.names: Dict[str, List[Any]] = {"numbers": list(range(numbers.shape[1])), "words": [], "texts": []}
        whole = self.frame(numbers) if self.framed else numbers
        self.fitted = whole[:count]
        # Some that it was fitted with, and some that it was not.
        self.rows = pd.concat([whole[count:], whole[:10]]) if self.framed else np.vstack([whole[count:], whole[:10]])
        self.model = self.draw()

    def numbers(self, rows: int, columns: int) -> Any:
        random = self.random
        kinds = [
            lambda: random.randn(rows),
            lambda: random.randint(0, 4, rows).astype(float),
            lambda: np.full(rows, self.maker.pick([0.0, 1.0, -3.5])),
            lambda: random.randn(rows) * self.maker.pick([1e-8, 1e8, 1e4]),
            lambda: random.randn(rows) + self.maker.pick([1e3, -1e5]),
            lambda: np.exp(3 * random.randn(rows)),
            lambda: np.round(random.randn(rows), 1),
            lambda: (random.rand(rows) < 0.3).astype(float),
        ]
        weights = np.array([4, 2, 0.5, 1, 0.7, 1, 2, 1])
        drawn = random.choice(len(kinds), columns, p=weights / weights.sum())
        table = np.column_stack([kinds[kind]() for kind in drawn])
        if self.missing:
            table[random.rand(*table.shape) < 0.12] = np.nan
        return table

    def target(self, numbers: Any) -> Any:
        random = self.random
        signal = np.nan_to_num(numbers[:, 0]) + 0.5 * random.randn(len(numbers))
        if self.task == "numbers":
            return np.abs(signal) if random.rand() < 0.3 else signal
        many = self.maker.pick([2, 2, 3, 4])
        edges = np.unique(np.quantile(signal, np.linspace(0, 1, many + 1)[1:-1]))
        places = np.digitize(signal, edges)
        labels = self.maker.pick([np.arange(9), np.array(list("cbadefghi")), np.array([-1.0, 0.0, 2.0, 7.0, 8, 9, 10, 11, 12])])
        return labels[places]

    def frame(self, numbers: Any) -> Any:
        random, rows = self.random, len(numbers)
        frame = pd.DataFrame({"n%d" % i: numbers[:, i] for i in range(numbers.shape[1])})
        self.names["numbers"] = list(frame.columns)
        for place in range(random.randint(3)):
            words = np.array(["red", "green", "blue", "\u00e9t\u00e9", "rare"], dtype=object)
            frame["w%d" % place] = words[random.choice(5, rows, p=[0.3, 0.3, 0.2, 0.15, 0.05])]
            self.names["words"].append("w%d" % place)
        if random.rand() < 0.3:
            said = np.array(["how to parse json", "clone an object", "json array", "", "of the"], dtype=object)
            frame["t"] = said[random.randint(0, 5, rows)]
            self.names["texts"].append("t")
        return frame

    def draw(self) -> Any:
        maker, depth = self.maker, 2
        if self.framed:
            first = [maker.columns(self.names, 1, self.missing)]
            if self.missing:
                first.append(maker.one(TRANSFORMERS, ("impute.SimpleImputer",)))
        elif self.missing:
            first = [maker.transformer(depth, True), maker.one(TRANSFORMERS, ("impute.SimpleImputer",))]
        else:
            first = [maker.transformer(depth, False) for _ in range(self.random.randint(3))]
        if self.task == "transform":
            steps = first + [maker.transformer(depth, False)]
        else:
            steps = first + [maker.final(self.task, 1)]
        return steps[0] if len(steps) == 1 else of("pipeline", "make_pipeline")(*steps)
