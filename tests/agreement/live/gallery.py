"""One fitted model of every public estimator that predicts or transforms, as this release has it.

`models()` gives names, how to make each, and the rows to ask. What a release lacks raises
ImportError or AttributeError when it is made.
"""

from importlib import import_module
from typing import Any, Callable, Dict, Iterator, List, Tuple

import numpy as np
import pandas as pd
import scipy.sparse as sp

TEXTS = [
    "How do I parse JSON in JavaScript?",
    "What is the difference between == and ===",
    "how to clone an object in js, and how to CLONE it deeply",
    "R\u00e9sum\u00e9 na\u00efve caf\u00e9 d\u00e9j\u00e0 vu",
    "remove element from array",
    "a I to the of and not you",
]
UNSEEN = TEXTS + ["", "json json array", "caf\u00e9 CAFE 42 x1", "words nobody has seen \U0001f600"]

Entry = Tuple[str, Callable[[], Any], Any]


class Data:
    """What the models are fitted with and asked."""

    def __init__(self, rows: int = 90, columns: int = 5) -> None:
        random = np.random.RandomState(7)
        self.x = random.randn(rows, columns)
        self.two = (self.x[:, 0] + 0.4 * random.randn(rows) > 0).astype(int)
        self.three = np.digitize(self.x[:, 1] + 0.3 * random.randn(rows), [-0.5, 0.5])
        self.words3 = np.array(["no", "perhaps", "yes"])[self.three]
        self.y = self.x.dot(np.arange(columns)) + 0.3 * random.randn(rows)
        self.many = np.column_stack([self.y, -2 * self.x[:, 0] + 0.1 * random.randn(rows)])
        self.positive = np.abs(self.x)
        self.counts = np.floor(self.positive * 3)
        self.holes = np.array(self.x)
        self.holes[::7, 2] = np.nan
        self.holes[3::9, 0] = np.nan
        letters = np.array(["a", "b", "c", "d"], dtype=object)
        self.words = np.column_stack([letters[np.arange(rows) % 3], letters[self.three]])
        self.frame = pd.DataFrame({"t": [TEXTS[i % 6] for i in range(rows)], "c": self.words[:, 0], "n": self.x[:, 0]})
        self.marks = np.column_stack([self.two, (self.three > 0).astype(int)])
        more = np.random.RandomState(8).randn(40, columns)
        self.rows = np.vstack([self.x[:30], more * 2.5, np.zeros((1, columns)), np.ones((1, columns))])
        self.positive_rows = np.abs(self.rows)
        self.count_rows = np.minimum(np.floor(self.positive_rows * 3), self.counts.max(axis=0))
        self.hole_rows = np.array(self.rows)
        self.hole_rows[::5, 2] = np.nan
        self.hole_rows[1::6, 0] = np.nan


def of(module: str, name: str) -> Any:
    """The class, of scikit-learn unless the module begins with another library's name."""
    if not module.split(".")[0] in ("lightgbm", "xgboost", "catboost"):
        module = "sklearn." + module
    if name.startswith("HistGradient") or name.startswith("Halving") or name == "IterativeImputer":
        for switch in ("enable_hist_gradient_boosting", "enable_halving_search_cv", "enable_iterative_imputer"):
            try:
                import_module("sklearn.experimental." + switch)
            except ImportError:
                continue
    return getattr(import_module(module), name)


def first_of(tried: List[Tuple[str, str]]) -> Any:
    for module, name in tried:
        try:
            return of(module, name)
        except (ImportError, AttributeError):
            continue
    raise ImportError(tried[0][1])


def renamed(kind: Any, options: Dict[str, Any]) -> Any:
    """The estimator, with options that this release calls by an older name, or lacks."""
    names = {"estimator": "base_estimator", "sparse_output": "sparse", "init_size": "init_size"}
    try:
        return kind(**options)
    except TypeError:
        return kind(**{names.get(key, key): value for key, value in options.items()})


def plain(d: Data) -> Iterator[Entry]:
    """Estimators whose whole story is a class, options, and data of one kind."""

    def one(name: str, module: str, y: Any, rows: Any = d.rows, x: Any = d.x, **options: Any) -> Entry:
        kind = name.split(" ")[0]

        def make() -> Any:
            model = renamed(of(module, kind), options)
            return model.fit(x) if y is None else model.fit(x, y)

        return name, make, rows

    pos, posr = d.positive, d.positive_rows
    for name in ("StandardScaler", "MinMaxScaler", "MaxAbsScaler", "RobustScaler"):
        yield one(name, "preprocessing", None)
    for norm in ("l1", "l2", "max"):
        yield one("Normalizer " + norm, "preprocessing", None, norm=norm)
    yield one("Binarizer", "preprocessing", None, threshold=0.3)
    yield one("PolynomialFeatures", "preprocessing", None, degree=3)
    yield one("PolynomialFeatures interactions", "preprocessing", None, interaction_only=True, include_bias=False)
    yield one("KBinsDiscretizer", "preprocessing", None)
    yield one("KBinsDiscretizer ordinal", "preprocessing", None, encode="ordinal", strategy="uniform")
    yield one("PowerTransformer", "preprocessing", None)
    yield one("PowerTransformer box-cox", "preprocessing", None, posr + 0.1, pos + 0.1, method="box-cox")
    yield one("QuantileTransformer", "preprocessing", None, n_quantiles=20)
    yield one("QuantileTransformer normal", "preprocessing", None, n_quantiles=20, output_distribution="normal")
    yield one("SplineTransformer", "preprocessing", None)
    yield one("OneHotEncoder", "preprocessing", None, d.words, d.words, handle_unknown="ignore")
    yield one("OneHotEncoder of numbers", "preprocessing", None, d.count_rows, d.counts, handle_unknown="ignore")
    yield one("OrdinalEncoder", "preprocessing", None, d.words, d.words)
    yield one("TargetEncoder", "preprocessing", d.two, d.words, d.words, cv=3)
    yield one("KernelCenterer", "preprocessing", None, d.rows.dot(d.x.T), d.x.dot(d.x.T))
    yield one("Imputer", "preprocessing", None, d.hole_rows, d.holes)
    yield one("SimpleImputer", "impute", None, d.hole_rows, d.holes)
    yield one("SimpleImputer marked", "impute", None, d.hole_rows, d.holes, add_indicator=True, strategy="median")
    yield one("MissingIndicator", "impute", None, d.hole_rows, d.holes, error_on_new=False)
    yield one("KNNImputer", "impute", None, d.hole_rows, d.holes, n_neighbors=3)
    yield one("IterativeImputer", "impute", None, d.hole_rows, d.holes, max_iter=3, random_state=0)
    for name in ("PCA", "IncrementalPCA", "TruncatedSVD", "FastICA", "FactorAnalysis", "SparsePCA"):
        yield one(name, "decomposition", None, n_components=3, **({} if name == "IncrementalPCA" else {"random_state": 0}))
    yield one("PCA whiten", "decomposition", None, n_components=3, whiten=True)
    yield one("KernelPCA", "decomposition", None, n_components=3, kernel="rbf")
    yield one("MiniBatchSparsePCA", "decomposition", None, n_components=2, random_state=0)
    yield one("DictionaryLearning", "decomposition", None, n_components=3, max_iter=5, random_state=0)
    yield one("MiniBatchDictionaryLearning", "decomposition", None, n_components=3, random_state=0)
    yield one("NMF", "decomposition", None, posr, pos, n_components=3, random_state=0, init="nndsvda")
    yield one("MiniBatchNMF", "decomposition", None, posr, pos, n_components=3, random_state=0, init="nndsvda")
    yield one("LatentDirichletAllocation", "decomposition", None, d.count_rows, d.counts, n_components=3, random_state=0, max_iter=3, learning_method="batch")
    for name in ("PLSRegression", "PLSCanonical", "CCA", "PLSSVD"):
        yield one(name, "cross_decomposition", d.many, n_components=2)
    yield one("LinearDiscriminantAnalysis", "discriminant_analysis", d.words3)
    yield one("LinearDiscriminantAnalysis lsqr", "discriminant_analysis", d.two, solver="lsqr")
    yield one("QuadraticDiscriminantAnalysis", "discriminant_analysis", d.words3)
    yield one("SelectKBest", "feature_selection", d.two, k=3)
    yield one("SelectPercentile", "feature_selection", d.two, percentile=50)
    for name in ("SelectFpr", "SelectFdr", "SelectFwe"):
        yield one(name, "feature_selection", d.two, alpha=0.5)
    yield one("GenericUnivariateSelect", "feature_selection", d.two, mode="k_best", param=2)
    yield one("VarianceThreshold", "feature_selection", None, threshold=0.5)
    for name in ("LinearRegression", "Ridge", "RidgeCV", "Lasso", "LassoCV", "ElasticNet", "ElasticNetCV", "Lars", "LarsCV", "LassoLars", "LassoLarsCV", "LassoLarsIC", "OrthogonalMatchingPursuit", "OrthogonalMatchingPursuitCV", "BayesianRidge", "ARDRegression", "HuberRegressor", "TheilSenRegressor", "RANSACRegressor", "SGDRegressor", "PassiveAggressiveRegressor", "QuantileRegressor"):
        yield one(name, "linear_model", d.y)
    for name in ("LinearRegression", "Ridge"):
        yield one(name + " of two", "linear_model", d.many)
    for name in ("MultiTaskLasso", "MultiTaskLassoCV", "MultiTaskElasticNet", "MultiTaskElasticNetCV"):
        yield one(name, "linear_model", d.many)
    for name in ("PoissonRegressor", "GammaRegressor", "TweedieRegressor"):
        yield one(name, "linear_model", np.abs(d.y) + 0.1)
    for name in ("LogisticRegression", "LogisticRegressionCV", "RidgeClassifier", "RidgeClassifierCV", "SGDClassifier", "Perceptron", "PassiveAggressiveClassifier"):
        yield one(name, "linear_model", d.two)
        yield one(name + " of three", "linear_model", d.words3)
    yield one("SGDClassifier modified_huber", "linear_model", d.words3, loss="modified_huber")
    yield one("SGDOneClassSVM", "linear_model", None, random_state=0)
    for name in ("SVC", "NuSVC"):
        yield one(name, "svm", d.two)
        yield one(name + " of three", "svm", d.words3, decision_function_shape="ovr")
    for kernel in ("linear", "poly", "sigmoid"):
        yield one("SVC " + kernel, "svm", d.words3, kernel=kernel, decision_function_shape="ovo")
    yield one("SVC probability", "svm", d.words3, probability=True, random_state=0)
    yield one("LinearSVC", "svm", d.two)
    for name in ("SVR", "NuSVR", "LinearSVR"):
        yield one(name, "svm", d.y)
    yield one("OneClassSVM", "svm", None)
    for kind in ("DecisionTree", "ExtraTree"):
        yield one(kind + "Classifier", "tree", d.words3, random_state=0)
        yield one(kind + "Regressor", "tree", d.many, random_state=0)
        yield one(kind + "Classifier of two", "tree", d.marks, random_state=0)
    for kind in ("RandomForest", "ExtraTrees"):
        yield one(kind + "Classifier", "ensemble", d.words3, random_state=0, n_estimators=7)
        yield one(kind + "Regressor", "ensemble", d.y, random_state=0, n_estimators=7)
        yield one(kind + "Classifier of two", "ensemble", d.marks, random_state=0, n_estimators=3)
    yield one("RandomTreesEmbedding", "ensemble", None, random_state=0, n_estimators=5, max_depth=3)
    for y, name in ((d.two, ""), (d.words3, " of three")):
        yield one("GradientBoostingClassifier" + name, "ensemble", y, random_state=0, n_estimators=8)
        yield one("HistGradientBoostingClassifier" + name, "ensemble", y, random_state=0, max_iter=8)
        yield one("AdaBoostClassifier" + name, "ensemble", y, random_state=0, n_estimators=5)
        yield one("BaggingClassifier" + name, "ensemble", y, random_state=0, n_estimators=4, max_features=0.7)
    yield one("HistGradientBoostingRegressor", "ensemble", d.y, d.hole_rows, d.holes, random_state=0, max_iter=8)
    yield one("GradientBoostingRegressor", "ensemble", d.y, random_state=0, n_estimators=8)
    yield one("AdaBoostRegressor", "ensemble", d.y, random_state=0, n_estimators=5)
    yield one("BaggingRegressor", "ensemble", d.y, random_state=0, n_estimators=4)
    yield one("IsolationForest", "ensemble", None, random_state=0, n_estimators=9)
    for weights in ("uniform", "distance"):
        yield one("KNeighborsClassifier " + weights, "neighbors", d.words3, weights=weights)
        yield one("KNeighborsRegressor " + weights, "neighbors", d.many, weights=weights)
    yield one("KNeighborsClassifier brute", "neighbors", d.two, algorithm="brute", p=1)
    yield one("RadiusNeighborsClassifier", "neighbors", d.two, d.x[:40] * 0.99, radius=2.0)
    yield one("RadiusNeighborsRegressor", "neighbors", d.y, d.x[:40] * 0.99, radius=2.0)
    yield one("NearestCentroid", "neighbors", d.words3)
    yield one("NearestNeighbors", "neighbors", None)
    yield one("KNeighborsTransformer", "neighbors", None, n_neighbors=3)
    yield one("RadiusNeighborsTransformer", "neighbors", None, radius=1.5)
    yield one("LocalOutlierFactor", "neighbors", None, novelty=True, n_neighbors=8)
    yield one("KernelDensity", "neighbors", None, bandwidth=0.8)
    yield one("NeighborhoodComponentsAnalysis", "neighbors", d.two, random_state=0, max_iter=5)
    yield one("GaussianNB", "naive_bayes", d.words3)
    yield one("BernoulliNB", "naive_bayes", d.words3)
    yield one("MultinomialNB", "naive_bayes", d.words3, posr, pos)
    yield one("ComplementNB", "naive_bayes", d.words3, posr, pos)
    yield one("CategoricalNB", "naive_bayes", d.two, d.count_rows.astype(int), d.counts.astype(int))
    for y, name in ((d.two, ""), (d.words3, " of three"), (d.marks, " of marks")):
        yield one("MLPClassifier" + name, "neural_network", y, hidden_layer_sizes=(6, 4), max_iter=30, random_state=0)
    yield one("MLPRegressor", "neural_network", d.many, hidden_layer_sizes=(6,), activation="tanh", max_iter=30, random_state=0)
    yield one("BernoulliRBM", "neural_network", None, (d.rows > 0).astype(float), (d.x > 0).astype(float), n_components=3, random_state=0, n_iter=3)
    yield one("KMeans", "cluster", None, n_clusters=3, n_init=2, random_state=0)
    yield one("MiniBatchKMeans", "cluster", None, n_clusters=3, n_init=2, random_state=0)
    yield one("BisectingKMeans", "cluster", None, n_clusters=3, random_state=0)
    yield one("AffinityPropagation", "cluster", None, damping=0.9)
    yield one("MeanShift", "cluster", None, bandwidth=1.5)
    yield one("Birch", "cluster", None, n_clusters=3)
    yield one("FeatureAgglomeration", "cluster", None, n_clusters=2)
    for name in ("GaussianMixture", "BayesianGaussianMixture"):
        for shape in ("full", "diag"):
            yield one(name + " " + shape, "mixture", None, n_components=2, covariance_type=shape, random_state=0)
    yield one("GaussianProcessClassifier", "gaussian_process", d.two)
    yield one("GaussianProcessClassifier of three", "gaussian_process", d.words3)
    yield one("GaussianProcessRegressor", "gaussian_process", d.y, alpha=0.1, normalize_y=True)
    yield one("Nystroem", "kernel_approximation", None, n_components=10, random_state=0)
    yield one("RBFSampler", "kernel_approximation", None, n_components=10, random_state=0)
    yield one("AdditiveChi2Sampler", "kernel_approximation", None, posr, pos)
    yield one("SkewedChi2Sampler", "kernel_approximation", None, posr, pos, n_components=10, random_state=0)
    yield one("PolynomialCountSketch", "kernel_approximation", None, n_components=10, random_state=0)
    yield one("KernelRidge", "kernel_ridge", d.many, kernel="rbf")
    yield one("IsotonicRegression", "isotonic", d.y, d.rows[:, 0], d.x[:, 0], out_of_bounds="clip")
    yield one("EllipticEnvelope", "covariance", None, random_state=0)
    for name in ("EmpiricalCovariance", "ShrunkCovariance", "LedoitWolf", "OAS", "MinCovDet", "GraphicalLasso", "GraphicalLassoCV"):
        yield one(name, "covariance", None)
    yield one("DummyClassifier", "dummy", d.words3, strategy="prior")
    yield one("DummyClassifier most_frequent", "dummy", d.words3, strategy="most_frequent")
    yield one("DummyClassifier stratified", "dummy", d.words3, strategy="stratified", random_state=0)
    yield one("DummyRegressor", "dummy", d.many)
    yield one("GaussianRandomProjection", "random_projection", None, n_components=3, random_state=0)
    yield one("SparseRandomProjection", "random_projection", None, n_components=3, random_state=0, density=0.5)
    for name in ("LabelPropagation", "LabelSpreading"):
        yield one(name, "semi_supervised", d.two)
    yield one("Isomap", "manifold", None, n_components=2)
    yield one("LocallyLinearEmbedding", "manifold", None, n_components=2, random_state=0)
    # Answer for no row but those of their fit, or for what is no row.
    for name in ("AgglomerativeClustering", "DBSCAN", "HDBSCAN", "OPTICS", "SpectralClustering", "SpectralCoclustering"):
        yield one(name, "cluster", None, x=d.positive)
    yield one("SpectralBiclustering", "cluster", None, x=d.positive, n_clusters=2)
    for name in ("MDS", "ClassicalMDS", "SpectralEmbedding"):
        yield one(name, "manifold", None)
    yield one("TSNE", "manifold", None, perplexity=5.0, method="exact")
    yield one("MultiLabelBinarizer", "preprocessing", None, [[1, 2], [3]], [[1], [2, 3]])
    yield one("PatchExtractor", "feature_extraction.image", None, np.zeros((2, 8, 8)), np.zeros((2, 8, 8)), patch_size=(2, 2))


def wrapped(d: Data) -> Iterator[Entry]:
    """Estimators that hold others."""
    logistic = lambda: of("linear_model", "LogisticRegression")(solver="lbfgs")  # noqa: E731
    ridge = lambda: of("linear_model", "Ridge")()  # noqa: E731
    bayes = lambda: of("naive_bayes", "GaussianNB")()  # noqa: E731
    linear = lambda: of("svm", "LinearSVC")(random_state=0)  # noqa: E731
    tree = lambda: of("tree", "DecisionTreeClassifier")(max_depth=3, random_state=0)  # noqa: E731
    rows = d.rows
    selection, compose = "feature_selection", "compose"
    yield "RFE", lambda: of(selection, "RFE")(logistic(), n_features_to_select=3).fit(d.x, d.two), rows
    yield "RFECV", lambda: of(selection, "RFECV")(logistic(), cv=3).fit(d.x, d.two), rows
    yield "SelectFromModel", lambda: of(selection, "SelectFromModel")(logistic()).fit(d.x, d.two), rows
    yield "SequentialFeatureSelector", lambda: of(selection, "SequentialFeatureSelector")(ridge(), n_features_to_select=2, cv=2).fit(d.x, d.y), rows
    for method in ("sigmoid", "isotonic"):
        yield "CalibratedClassifierCV " + method, lambda m=method: of("calibration", "CalibratedClassifierCV")(linear(), cv=3, method=m).fit(d.x, d.words3), rows
    yield "CalibratedClassifierCV temperature", lambda: new(of("calibration", "CalibratedClassifierCV"), (1, 8))(logistic(), cv=3, method="temperature").fit(d.x, d.words3), rows
    voters = lambda: [("a", logistic()), ("b", bayes())]  # noqa: E731
    for voting in ("soft", "hard"):
        yield "VotingClassifier " + voting, lambda v=voting: of("ensemble", "VotingClassifier")(voters(), voting=v).fit(d.x, d.words3), rows
    yield "VotingRegressor", lambda: of("ensemble", "VotingRegressor")([("a", ridge()), ("b", of("linear_model", "Lasso")())]).fit(d.x, d.y), rows
    yield "StackingClassifier", lambda: of("ensemble", "StackingClassifier")(voters()).fit(d.x, d.words3), rows
    yield "StackingRegressor", lambda: of("ensemble", "StackingRegressor")([("a", ridge()), ("b", of("linear_model", "Lasso")())], passthrough=True).fit(d.x, d.y), rows
    yield "OneVsRestClassifier", lambda: of("multiclass", "OneVsRestClassifier")(logistic()).fit(d.x, d.words3), rows
    yield "OneVsRestClassifier of marks", lambda: of("multiclass", "OneVsRestClassifier")(logistic()).fit(d.x, d.marks), rows
    yield "OneVsOneClassifier", lambda: of("multiclass", "OneVsOneClassifier")(linear()).fit(d.x, d.words3), rows
    yield "OutputCodeClassifier", lambda: of("multiclass", "OutputCodeClassifier")(linear(), random_state=0).fit(d.x, d.words3), rows
    yield "MultiOutputClassifier", lambda: of("multioutput", "MultiOutputClassifier")(logistic()).fit(d.x, d.marks), rows
    yield "MultiOutputRegressor", lambda: of("multioutput", "MultiOutputRegressor")(ridge()).fit(d.x, d.many), rows
    yield "ClassifierChain", lambda: of("multioutput", "ClassifierChain")(logistic(), order=[1, 0]).fit(d.x, d.marks), rows
    yield "RegressorChain", lambda: of("multioutput", "RegressorChain")(ridge(), order=[1, 0]).fit(d.x, d.many), rows
    yield "GridSearchCV", lambda: of("model_selection", "GridSearchCV")(logistic(), {"C": [0.1, 1]}, cv=2).fit(d.x, d.two), rows
    yield "RandomizedSearchCV", lambda: of("model_selection", "RandomizedSearchCV")(ridge(), {"alpha": [0.1, 1]}, n_iter=2, cv=2, random_state=0).fit(d.x, d.y), rows
    yield "HalvingRandomSearchCV", lambda: of("model_selection", "HalvingRandomSearchCV")(tree(), {"max_depth": [1, 2, 3]}, cv=2, random_state=0).fit(d.x, d.two), rows
    yield "HalvingGridSearchCV", lambda: of("model_selection", "HalvingGridSearchCV")(tree(), {"max_depth": [1, 3]}, cv=2, random_state=0).fit(d.x, d.two), rows
    yield "TunedThresholdClassifierCV", lambda: of("model_selection", "TunedThresholdClassifierCV")(logistic(), cv=3).fit(d.x, d.two), rows
    yield "FixedThresholdClassifier", lambda: of("model_selection", "FixedThresholdClassifier")(logistic(), threshold=0.3).fit(d.x, d.two), rows
    yield "FrozenEstimator", lambda: of("frozen", "FrozenEstimator")(logistic().fit(d.x, d.two)), rows
    yield "SelfTrainingClassifier", lambda: of("semi_supervised", "SelfTrainingClassifier")(logistic()).fit(d.x, np.where(np.arange(len(d.two)) % 5, d.two, -1)), rows
    yield "TransformedTargetRegressor", lambda: of(compose, "TransformedTargetRegressor")(ridge(), transformer=of("preprocessing", "StandardScaler")()).fit(d.x, d.y), rows
    yield "TransformedTargetRegressor log1p", lambda: of(compose, "TransformedTargetRegressor")(ridge(), func=np.log1p, inverse_func=np.expm1).fit(d.x, np.abs(d.y)), rows
    yield "AdaBoostClassifier of logistic", lambda: renamed(of("ensemble", "AdaBoostClassifier"), {"estimator": logistic(), "n_estimators": 4, "random_state": 0}).fit(d.x, d.two), rows
    yield "BaggingClassifier of logistic", lambda: renamed(of("ensemble", "BaggingClassifier"), {"estimator": logistic(), "n_estimators": 4, "random_state": 0}).fit(d.x, d.two), rows
    yield "FunctionTransformer", lambda: of("preprocessing", "FunctionTransformer")(np.log1p, validate=True).fit(d.positive), d.positive_rows
    pipe = lambda *steps: of("pipeline", "make_pipeline")(*steps)  # noqa: E731
    scaler = lambda: of("preprocessing", "StandardScaler")()  # noqa: E731
    text = "feature_extraction.text"
    tfidf = lambda **o: of(text, "TfidfVectorizer")(**o)  # noqa: E731
    topics = [0, 1, 2, 0, 1, 2]
    yield "Pipeline", lambda: pipe(scaler(), of("decomposition", "PCA")(3), logistic()).fit(d.x, d.words3), rows
    yield "Pipeline of texts", lambda: pipe(tfidf(), logistic()).fit(TEXTS, topics), UNSEEN
    yield "FeatureUnion", lambda: of("pipeline", "FeatureUnion")([("a", scaler()), ("b", of("preprocessing", "MinMaxScaler")())]).fit(d.x), rows
    yield "ColumnTransformer", lambda: of(compose, "ColumnTransformer")([("t", tfidf(), "t"), ("c", of("preprocessing", "OneHotEncoder")(), ["c"])], remainder="passthrough").fit(d.frame), d.frame
    yield "CountVectorizer", lambda: of(text, "CountVectorizer")(ngram_range=(1, 2)).fit(TEXTS), UNSEEN
    yield "TfidfVectorizer", lambda: tfidf(sublinear_tf=True).fit(TEXTS), UNSEEN
    yield "HashingVectorizer", lambda: of(text, "HashingVectorizer")(n_features=64).fit(TEXTS), UNSEEN
    yield "TfidfTransformer", lambda: of(text, "TfidfTransformer")().fit(sp.csr_matrix(d.counts)), d.count_rows
    things = [{"size": 1.0, "kind": "a"}, {"size": 2.0, "kind": "b"}, {"kind": "a"}]
    yield "DictVectorizer", lambda: of("feature_extraction", "DictVectorizer")().fit(things), things
    yield "FeatureHasher", lambda: of("feature_extraction", "FeatureHasher")(n_features=8).fit(things), things
    yield "LabelEncoder", lambda: of("preprocessing", "LabelEncoder")().fit(d.words3), d.words3.astype(object)
    yield "LabelBinarizer", lambda: of("preprocessing", "LabelBinarizer")().fit(d.three), d.three.astype(float)
    yield "SparseCoder", lambda: of("decomposition", "SparseCoder")(dictionary=np.eye(d.x.shape[1])[:3]), rows
    yield "KDTree", lambda: of("neighbors", "KDTree")(d.x), rows
    yield "BallTree", lambda: of("neighbors", "BallTree")(d.x), rows


def new(kind: Any, since: Tuple[int, int]) -> Any:
    import sklearn

    if tuple(int(part) for part in sklearn.__version__.split(".")[:2]) < since:
        raise ImportError(kind.__name__)
    return kind


def all_trees(model: Any) -> Any:
    """Told how many trees it has. XGBoost before 1.0 leaves out some of dart's, drawn anew for each
    answer, where nobody says how many it is to take."""
    if not hasattr(type(model), "best_ntree_limit"):
        model.best_ntree_limit = model.n_estimators
    return model


def boosted(d: Data) -> Iterator[Entry]:
    """LightGBM, XGBoost and CatBoost of the release's time."""
    small = {"n_estimators": 6, "n_jobs": 1}
    light = dict(small, num_leaves=5, min_child_samples=5, verbose=-1)
    cat = {"iterations": 6, "depth": 3, "verbose": False, "allow_writing_files": False, "thread_count": 1}
    groups = [len(part) for part in np.array_split(d.y, len(d.y) // 30)]
    grades = np.minimum(d.three, 2)
    for library, prefix, options in (("lightgbm", "LGBM", light), ("xgboost", "XGB", small), ("catboost", "CatBoost", cat)):
        for y, name in ((d.two, ""), (d.three, " of three")):
            yield prefix + "Classifier" + name, lambda l=library, p=prefix, o=options, y=y: of(l, p + "Classifier")(**o).fit(d.holes, y), d.hole_rows
        yield prefix + "Regressor", lambda l=library, p=prefix, o=options: of(l, p + "Regressor")(**o).fit(d.holes, d.y), d.hole_rows
    yield "LGBMRanker", lambda: of("lightgbm", "LGBMRanker")(**light).fit(d.x, grades, group=groups), d.rows
    yield "XGBRanker", lambda: of("xgboost", "XGBRanker")(objective="rank:pairwise", **small).fit(d.x, grades, group=groups), d.rows
    dart = dict(small, booster="dart", rate_drop=0.2)
    yield "XGBClassifier dart", lambda: all_trees(of("xgboost", "XGBClassifier")(**dart).fit(d.x, d.two)), d.rows
    yield "XGBRegressor gblinear", lambda: of("xgboost", "XGBRegressor")(booster="gblinear", **small).fit(d.x, d.y), d.rows
    yield "XGBRFClassifier", lambda: of("xgboost", "XGBRFClassifier")(**small).fit(d.x, d.two), d.rows


def models(d: Data) -> Iterator[Entry]:
    for entry in plain(d):
        yield entry
    for entry in wrapped(d):
        yield entry
    for entry in boosted(d):
        yield entry
