"""What is measured: fitted models of 30 columns, and what each group of them has to reach."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, DotProduct, ExpSineSquared, Matern, RationalQuadratic
from sklearn.impute import SimpleImputer
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import Lasso, LogisticRegression, Ridge, SGDClassifier
from sklearn.mixture import GaussianMixture
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor, RadiusNeighborsRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    KBinsDiscretizer,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.svm import SVC, SVR, LinearSVC, NuSVC, NuSVR, OneClassSVM

COLUMNS = 30
ROWS = 1000


@dataclass(frozen=True)
class Group:
    """How many times scikit-learn, and ONNX Runtime, one row has to be answered at least."""

    title: str
    numpy: float = 1.0
    pandas: float = 1.0
    onnx: float = 0.0


CHAINS = Group("linear models, scalers, encoder chains", 300, 500)
FORESTS = Group("forests and HistGradientBoosting", 300)
BOOSTED = Group("gradient boosting, LightGBM, XGBoost", 50, 50, 2)
STORED = Group("SVC, neighbours, MLP, Gaussian processes", 30)
OTHERS = Group("others")


@dataclass(frozen=True)
class Subject:
    name: str
    group: Group
    make: Callable[[], Any]
    rows: Any
    method: str


def data() -> dict[str, Any]:
    """Of 1,000 rows: numbers, their classes and targets, and a frame of numbers and words."""
    random = np.random.default_rng(20261129)
    x = random.standard_normal((ROWS, COLUMNS))
    weights = random.standard_normal(COLUMNS)
    y = x @ weights + random.standard_normal(ROWS)
    words = np.array([f"word {i}" for i in range(12)], dtype=object)
    frame = pd.DataFrame(x[:, :20], columns=[f"n{i}" for i in range(20)])
    frame = frame.mask(random.random(frame.shape) < 0.05)
    for i in range(10):
        frame[f"w{i}"] = words[random.integers(0, 12, ROWS)]
    codes = random.integers(0, 8, (ROWS, COLUMNS)).astype(float)
    labels = (y > 0).astype(int)
    return {"x": x, "y": y, "two": labels, "three": np.digitize(y, [-2, 2]), "frame": frame, "codes": codes}


def subjects() -> Iterator[Subject]:
    d = data()
    x, y, two, three = d["x"], d["y"], d["two"], d["three"]
    fit: dict[str, tuple[Group, Callable[[], Any], str]] = {
        "StandardScaler": (CHAINS, lambda: StandardScaler().fit(x), "transform"),
        "MinMaxScaler": (CHAINS, lambda: MinMaxScaler().fit(x), "transform"),
        "LogisticRegression": (CHAINS, lambda: LogisticRegression().fit(x, two), "predict_proba"),
        "LogisticRegression, 3 classes": (CHAINS, lambda: LogisticRegression().fit(x, three), "predict_proba"),
        "Ridge": (CHAINS, lambda: Ridge().fit(x, y), "predict"),
        "SGDClassifier": (CHAINS, lambda: SGDClassifier().fit(x, two), "decision_function"),
        "LinearSVC": (CHAINS, lambda: LinearSVC().fit(x, two), "decision_function"),
        "RobustScaler, Lasso": (CHAINS, lambda: make_pipeline(RobustScaler(), Lasso(0.01)).fit(x, y), "predict"),
        "StandardScaler, LogisticRegression": (CHAINS, lambda: make_pipeline(StandardScaler(), LogisticRegression()).fit(x, two), "predict_proba"),
        "PCA(10), LogisticRegression": (CHAINS, lambda: make_pipeline(PCA(10), LogisticRegression()).fit(x, two), "predict_proba"),
        "LinearDiscriminantAnalysis": (CHAINS, lambda: LinearDiscriminantAnalysis().fit(x, three), "predict_proba"),
        "RandomForestClassifier, 100 trees": (FORESTS, lambda: RandomForestClassifier(random_state=0).fit(x, two), "predict_proba"),
        "RandomForestRegressor, 100 trees": (FORESTS, lambda: RandomForestRegressor(random_state=0).fit(x, y), "predict"),
        "ExtraTreesClassifier, 100 trees": (FORESTS, lambda: ExtraTreesClassifier(random_state=0).fit(x, three), "predict_proba"),
        "ExtraTreesRegressor, 100 trees": (FORESTS, lambda: ExtraTreesRegressor(random_state=0).fit(x, y), "predict"),
        "HistGradientBoostingClassifier": (FORESTS, lambda: HistGradientBoostingClassifier(random_state=0).fit(x, two), "predict_proba"),
        "HistGradientBoostingRegressor": (FORESTS, lambda: HistGradientBoostingRegressor(random_state=0).fit(x, y), "predict"),
        "GradientBoostingClassifier": (BOOSTED, lambda: GradientBoostingClassifier(random_state=0).fit(x, two), "predict_proba"),
        "GradientBoostingRegressor": (BOOSTED, lambda: GradientBoostingRegressor(random_state=0).fit(x, y), "predict"),
        "SVC": (STORED, lambda: SVC(C=0.01).fit(x, two), "decision_function"),
        "SVC, polynomial": (STORED, lambda: SVC(C=0.01, kernel="poly").fit(x, two), "decision_function"),
        "SVC, sigmoid": (STORED, lambda: SVC(C=0.01, kernel="sigmoid").fit(x, two), "decision_function"),
        "SVC, 3 classes": (STORED, lambda: SVC(C=0.01).fit(x, three), "decision_function"),
        "NuSVC": (STORED, lambda: NuSVC(nu=0.9).fit(x, two), "decision_function"),
        "NuSVR": (STORED, lambda: NuSVR(nu=1.0, C=0.1).fit(x, y), "predict"),
        "OneClassSVM": (STORED, lambda: OneClassSVM(nu=0.99).fit(x), "decision_function"),
        "SVR": (STORED, lambda: SVR(epsilon=0.0).fit(x, y), "predict"),
        "KNeighborsClassifier": (STORED, lambda: KNeighborsClassifier().fit(x, two), "predict_proba"),
        "KNeighborsClassifier, brute": (STORED, lambda: KNeighborsClassifier(algorithm="brute").fit(x, two), "predict_proba"),
        "KNeighborsClassifier, ball tree, Manhattan": (STORED, lambda: KNeighborsClassifier(algorithm="ball_tree", p=1).fit(x, two), "predict_proba"),
        "KNeighborsClassifier, kd-tree, by distance": (STORED, lambda: KNeighborsClassifier(algorithm="kd_tree", weights="distance").fit(x, two), "predict_proba"),
        "RadiusNeighborsRegressor": (STORED, lambda: RadiusNeighborsRegressor(radius=8.0).fit(x, y), "predict"),
        "KNeighborsRegressor": (STORED, lambda: KNeighborsRegressor().fit(x, y), "predict"),
        "MLPClassifier (100)": (STORED, lambda: MLPClassifier(max_iter=20, random_state=0).fit(x, two), "predict_proba"),
        "MLPClassifier (100), tanh, 3 classes": (STORED, lambda: MLPClassifier(activation="tanh", max_iter=20, random_state=0).fit(x, three), "predict_proba"),
        "MLPRegressor (100), logistic": (STORED, lambda: MLPRegressor(activation="logistic", max_iter=20, random_state=0).fit(x, y), "predict"),
        "MLPRegressor (100, 100)": (STORED, lambda: MLPRegressor(hidden_layer_sizes=(100, 100), max_iter=20, random_state=0).fit(x, y), "predict"),
        "GaussianProcessRegressor": (STORED, lambda: GaussianProcessRegressor(alpha=0.1).fit(x, y), "predict"),
        "GaussianProcessRegressor, Matern": (STORED, lambda: process(Matern(3.0, nu=2.5), x, y), "predict"),
        "GaussianProcessRegressor, RationalQuadratic": (STORED, lambda: process(RationalQuadratic(3.0, 0.7), x, y), "predict"),
        "GaussianProcessRegressor, ExpSineSquared": (STORED, lambda: process(ExpSineSquared(3.0, 9.0), x, y, 100.0), "predict"),
        "GaussianProcessRegressor, RBF + DotProduct": (STORED, lambda: process(RBF(3.0) + DotProduct(), x, y), "predict"),
        "GaussianProcessClassifier, its classes": (STORED, lambda: GaussianProcessClassifier(RBF(3.0), optimizer=None).fit(x, two), "predict"),
        "GaussianProcessClassifier": (STORED, lambda: GaussianProcessClassifier(RBF(3.0), optimizer=None).fit(x, two), "predict_proba"),
        "GaussianNB": (OTHERS, lambda: GaussianNB().fit(x, three), "predict_proba"),
        "QuadraticDiscriminantAnalysis": (OTHERS, lambda: QuadraticDiscriminantAnalysis().fit(x, two), "predict_proba"),
        "KMeans, 8 clusters": (OTHERS, lambda: KMeans(8, n_init=1, random_state=0).fit(x), "transform"),
        "GaussianMixture, 4 components": (OTHERS, lambda: GaussianMixture(4, random_state=0).fit(x), "predict_proba"),
        "IsolationForest, 100 trees": (OTHERS, lambda: IsolationForest(random_state=0).fit(x), "score_samples"),
        "Nystroem(100), SGDClassifier": (OTHERS, lambda: make_pipeline(Nystroem(n_components=100, random_state=0), SGDClassifier()).fit(x, two), "decision_function"),
        "PolynomialFeatures(2), Ridge": (OTHERS, lambda: make_pipeline(PolynomialFeatures(2), Ridge()).fit(x, y), "predict"),
        "PowerTransformer, Ridge": (OTHERS, lambda: make_pipeline(PowerTransformer(), Ridge()).fit(x, y), "predict"),
        "QuantileTransformer, Ridge": (OTHERS, lambda: make_pipeline(QuantileTransformer(n_quantiles=100), Ridge()).fit(x, y), "predict"),
        "KBinsDiscretizer, Ridge": (OTHERS, lambda: make_pipeline(KBinsDiscretizer(), Ridge()).fit(x, y), "predict"),
    }
    for name, (group, make, method) in fit.items():
        yield Subject(name, group, make, x, method)
    yield from boosters(x, y, two)
    codes, frame = d["codes"], d["frame"]
    yield Subject("OneHotEncoder, LogisticRegression", CHAINS, lambda: make_pipeline(OneHotEncoder(), LogisticRegression()).fit(codes, two), codes, "predict_proba")
    yield Subject("OrdinalEncoder, Ridge", CHAINS, lambda: make_pipeline(OrdinalEncoder(), Ridge()).fit(codes, y), codes, "predict")
    yield Subject("imputed, scaled, one-hot, LogisticRegression", CHAINS, lambda: of_frame(frame, LogisticRegression()).fit(frame, two), frame, "predict_proba")
    yield Subject("imputed, scaled, one-hot, RandomForestClassifier", FORESTS, lambda: of_frame(frame, RandomForestClassifier(random_state=0)).fit(frame, two), frame, "predict_proba")


def process(kernel: Any, x: Any, y: Any, alpha: float = 0.1) -> Any:
    return GaussianProcessRegressor(kernel, alpha=alpha, optimizer=None).fit(x, y)


def of_frame(frame: Any, model: Any) -> Any:
    numbers = [name for name in frame.columns if name.startswith("n")]
    words = [name for name in frame.columns if name.startswith("w")]
    chain = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    columns = ColumnTransformer([("n", chain, numbers), ("w", OneHotEncoder(handle_unknown="ignore"), words)])
    return Pipeline([("columns", columns), ("model", model)])


def boosters(x: Any, y: Any, two: Any) -> Iterator[Subject]:
    from lightgbm import LGBMClassifier, LGBMRegressor
    from xgboost import XGBClassifier, XGBRegressor

    light = {"n_jobs": 1, "verbose": -1}
    yield Subject("LGBMClassifier", BOOSTED, lambda: LGBMClassifier(**light).fit(x, two), x, "predict_proba")
    yield Subject("LGBMRegressor", BOOSTED, lambda: LGBMRegressor(**light).fit(x, y), x, "predict")
    yield Subject("XGBClassifier", BOOSTED, lambda: XGBClassifier(n_jobs=1).fit(x, two), x, "predict_proba")
    yield Subject("XGBRegressor", BOOSTED, lambda: XGBRegressor(n_jobs=1).fit(x, y), x, "predict")
