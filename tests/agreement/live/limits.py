"""How near the answers of an estimator are to be."""

# Trees and counts, and what is decided by comparisons alone: the very bits.
EXACT = {
    "DecisionTreeClassifier", "DecisionTreeRegressor", "ExtraTreeClassifier", "ExtraTreeRegressor",
    "RandomForestClassifier", "RandomForestRegressor", "ExtraTreesClassifier", "ExtraTreesRegressor",
    "RandomTreesEmbedding", "CountVectorizer", "OneHotEncoder", "OrdinalEncoder", "KBinsDiscretizer",
    "Binarizer", "LabelEncoder", "LabelBinarizer", "SimpleImputer", "Imputer", "MissingIndicator",
    "SelectKBest", "SelectPercentile", "SelectFpr", "SelectFdr", "SelectFwe", "GenericUnivariateSelect",
    "VarianceThreshold", "SelectFromModel", "SequentialFeatureSelector", "DummyClassifier",
    "DummyRegressor", "FeatureHasher", "DictVectorizer", "StandardScaler", "MinMaxScaler", "MaxAbsScaler",
    "RobustScaler",
}  # fmt: skip
# No sum whose order BLAS chooses: a rounding of the last places, of a function or of another order.
NO_BLAS = {
    "Normalizer", "PolynomialFeatures", "PowerTransformer", "QuantileTransformer", "SplineTransformer",
    "TargetEncoder", "KNNImputer", "TfidfTransformer", "TfidfVectorizer", "HashingVectorizer",
    "GradientBoostingClassifier", "GradientBoostingRegressor", "HistGradientBoostingClassifier",
    "HistGradientBoostingRegressor", "AdaBoostClassifier", "AdaBoostRegressor", "BaggingClassifier",
    "BaggingRegressor", "IsolationForest", "GaussianNB", "CategoricalNB", "IsotonicRegression",
    "FunctionTransformer", "AdditiveChi2Sampler", "KDTree", "BallTree", "LGBMClassifier", "LGBMRegressor",
    "LGBMRanker", "CatBoostClassifier", "CatBoostRegressor",
}  # fmt: skip


def limit_of(name: str) -> float:
    """Of a name whose first word is the class; a fixture may end in _proba and the like."""
    kind = name.split(" ")[0].split("_")[0]
    if " of logistic" in name:
        return 1e-9
    if kind in EXACT:
        return 0.0
    return 1e-12 if kind in NO_BLAS else 1e-9
