"""sklearn.compose and sklearn.pipeline, with a user's own selector."""

from typing import Any, Dict, Iterator

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer, make_column_selector, make_column_transformer
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import BernoulliNB
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline, make_union
from sklearn.preprocessing import (
    Binarizer,
    FunctionTransformer,
    KBinsDiscretizer,
    MaxAbsScaler,
    OneHotEncoder,
    PolynomialFeatures,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

from cases.case import RELEASE, TEXTS, UNSEEN, Case, numbers, two_classes
from cases.item_selector import ItemSelector

ASKED = ("predict", "predict_proba", "decision_function")


def people() -> Any:
    x = numbers(120, 3, seed=8)
    return pd.DataFrame(
        {
            "age": np.where(x[:, 0] > 1.5, np.nan, np.round(40 + 10 * x[:, 0])),
            "income": np.round(np.exp(8 + x[:, 1]), 2),
            "city": pd.Series(np.array(["Pau", "Li\u00e8ge", "Ube"])[np.arange(120) % 3], dtype=object),
            "member": x[:, 2] > 0,
            "remark": pd.Series([TEXTS[i % 8] for i in range(120)], dtype=object),
            "unused": np.arange(120),
        }
    )


def numeric() -> Any:
    return make_pipeline(SimpleImputer(strategy="median"), StandardScaler())


def zeros_of_columns() -> Iterator[Case]:
    frame = people()
    frame["age"] = ((frame["age"] / 10).round() - 4).abs()
    # Encoded words are sparse and what they stand beside is not: in the whole only where it is sparse
    # enough are zeros absent, which a quantile takes for what they are not.
    for name, threshold in (("dense", 0.0), ("sparse", 1.0)):
        parts = [("n", SimpleImputer(), ["age"]), ("w", OneHotEncoder(), ["city"])]
        columns = ColumnTransformer(parts, sparse_threshold=threshold)
        quantiles = QuantileTransformer(n_quantiles=20, ignore_implicit_zeros=False)
        model = make_pipeline(columns, quantiles).fit(frame)
        yield Case("columns_%s_quantiles" % name, model, frame, ("transform",))


def by_columns(x: Any) -> Iterator[Case]:
    ways: Dict[str, Any] = {
        "ints": [0, 3, 5],
        "negative": [-1, 0],
        "one": [2],
        "slice": slice(1, 4),
        "slice_open": slice(2, None),
        "slice_step": slice(0, 6, 2),
        "slice_negative": slice(-3, -1),
        "mask": [True, False, True, False, False, True],
        "array": np.array([1, 2]),
        "mask_array": np.array([True, True, False, False, True, False]),
        "callable": StandardColumns(),
        "reordered": [5, 1, 3],
    }
    for way, columns in ways.items():
        for remainder in ("drop", "passthrough"):
            made = ColumnTransformer([("s", StandardScaler(), columns)], remainder=remainder)
            name = "columns_%s_%s" % (way, remainder)
            yield Case(name, made.fit(x), x[::-1], ("transform",), exact=True)
    rest = ColumnTransformer([("s", "passthrough", [4])], remainder=StandardScaler()).fit(x)
    yield Case("columns_rest_scaled", rest, x, ("transform",), exact=True)
    twice = ColumnTransformer([("a", StandardScaler(), [0, 1]), ("b", "passthrough", [1, 0, 0])])
    yield Case("columns_twice", twice.fit(x), x, ("transform",), exact=True)
    weighted = ColumnTransformer(
        [("a", StandardScaler(), [0, 1]), ("b", "passthrough", [2]), ("c", "drop", [3])],
        transformer_weights={"a": 0.3, "b": 7},
    )
    yield Case("columns_weighted", weighted.fit(x), x, ("transform",), exact=True)
    behind = make_pipeline(StandardScaler(), ColumnTransformer([("p", "passthrough", [3, 1])]))
    yield Case("columns_behind_scaler", behind.fit(x), x, ("transform",), exact=True)


class StandardColumns:
    def __call__(self, x: Any) -> Any:
        return [2, 4]


def by_names() -> Iterator[Case]:
    frame = people()
    y = two_classes(numbers(120, 3, seed=8))
    for threshold in (0.0, 0.3, 1.0):
        parts = ColumnTransformer(
            [
                ("numbers", numeric(), ["age", "income"]),
                ("city", OneHotEncoder(handle_unknown="ignore"), ["city"]),
                ("remark", TfidfVectorizer(), "remark"),
                ("member", "passthrough", ["member"]),
            ],
            sparse_threshold=threshold,
        )
        yield Case("frame_%.1f" % threshold, parts.fit(frame), frame, ("transform",))
        model = Pipeline([("parts", parts), ("model", LogisticRegression())]).fit(frame, y)
        yield Case("frame_model_%.1f" % threshold, model, frame, ASKED)
    forest = make_pipeline(parts, RandomForestClassifier(n_estimators=10, random_state=0))
    yield Case("frame_forest", forest.fit(frame, y), frame, ("predict", "predict_proba"))
    selecting = make_column_transformer(
        (numeric(), make_column_selector(dtype_include=np.number)),
        (OneHotEncoder(), make_column_selector(pattern="city")),
    )
    yield Case("frame_selector", selecting.fit(frame), frame, ("transform",))
    rest = ColumnTransformer(
        [("drop", "drop", ["remark", "city"]), ("age", numeric(), ["age"])], remainder="passthrough"
    )
    yield Case("frame_rest", rest.fit(frame), frame, ("transform",))
    positions = ColumnTransformer([("n", numeric(), [0, 1]), ("c", OneHotEncoder(), [2])])
    yield Case("frame_positions", positions.fit(frame), frame, ("transform",))
    ranged = ColumnTransformer([("n", numeric(), slice("age", "income"))])
    yield Case("frame_named_slice", ranged.fit(frame), frame, ("transform",))
    if RELEASE >= (0, 24):
        swapped = frame[["unused", "remark", "member", "city", "income", "age"]]
        yield Case("frame_other_order", parts, swapped, ("transform",))
    nested = ColumnTransformer(
        [
            ("a", ColumnTransformer([("s", numeric(), ["age"])], remainder="drop"), ["age", "income"]),
            ("b", make_union(StandardScaler(), FunctionTransformer()), ["income"]),
        ]
    )
    yield Case("frame_nested", nested.fit(frame), frame, ("transform",))
    if RELEASE >= (1, 2):
        named = ColumnTransformer([("n", numeric(), ["age", "income"])], remainder="drop")
        inner = ColumnTransformer([("s", StandardScaler(), ["n__income"])])
        steps = make_pipeline(named.set_output(transform="pandas"), inner).fit(frame)
        yield Case("frame_pandas_output", steps, frame, ("transform",))
        yield from by_made_names(frame)


def by_made_names(frame: Any) -> Iterator[Case]:
    """A later step chooses by the names that those before it have made."""
    from sklearn.preprocessing import SplineTransformer

    hot = OneHotEncoder(sparse_output=False, handle_unknown="ignore")
    parts = [
        ("n", make_pipeline(SimpleImputer(add_indicator=True), PolynomialFeatures(2)), ["age", "income"]),
        ("c", hot, ["city"]),
        ("b", KBinsDiscretizer(3, encode="onehot-dense", strategy="uniform"), ["unused"]),
        ("p", "passthrough", ["member"]),
    ]
    chosen = ["n__missingindicator_age", "n__age income", "n__income^2", "c__city_Pau", "b__unused_1.0", "p__member"]
    for way, prefix in ((True, None), (False, ""), ("{transformer_name}/{feature_name}", "/")):
        if isinstance(way, str) and RELEASE < (1, 6):
            continue
        made = ColumnTransformer(parts, verbose_feature_names_out=way).set_output(transform="pandas")
        names = [name if prefix is None else name.split("__")[1] for name in chosen]
        if prefix:
            names = [name.replace("__", prefix) for name in chosen]
        steps = make_pipeline(made, ColumnTransformer([("s", StandardScaler(), names[::-1])]))
        name = "frame_made_%s" % ("form" if prefix else way)
        yield Case(name, steps.fit(frame), frame, ("transform",))
    union = FeatureUnion(
        [
            ("poly", PolynomialFeatures(2, interaction_only=True, include_bias=False)),
            ("spline", SplineTransformer(3)),
            ("same", "passthrough"),
            ("pca", PCA(2)),
        ]
    ).set_output(transform="pandas")
    names = ["pca__pca1", "same__unused", "poly__age unused", "spline__age_sp_2"]
    whole = frame[["age", "unused"]].fillna(40)
    chosen_later = make_pipeline(union, ColumnTransformer([("s", StandardScaler(), names)]))
    yield Case("frame_made_union", chosen_later.fit(whole), whole, ("transform",))


def dense_indicators(frame: Any) -> Iterator[Case]:
    """Indicators that scikit-learn spreads out: what computes otherwise with sparse rows."""
    dense: Dict[str, Any] = {"sparse_output" if RELEASE >= (1, 2) else "sparse": False}
    hot = OneHotEncoder(handle_unknown="ignore", **dense)
    behind: Dict[str, Any] = {
        "standard": StandardScaler(),
        "scale": StandardScaler(with_mean=False),
        "robust": RobustScaler(with_scaling=False),
        "largest": MaxAbsScaler(),
        "exp": FunctionTransformer(np.exp, validate=False),
        "binary": Binarizer(threshold=-0.5),
        "bayes": BernoulliNB(binarize=0.5),
    }
    cities = frame[["city", "member"]]
    y = np.arange(len(frame)) % 3
    for name, last in behind.items():
        steps = make_pipeline(hot, last).fit(cities, y)
        asked = ("predict_proba",) if name == "bayes" else ("transform",)
        yield Case("dense_hot_" + name, steps, cities, asked)
    parts = [("hot", OneHotEncoder(), ["city"]), ("n", "passthrough", ["age"])]
    whole = frame.fillna(40)
    spread = ColumnTransformer(parts, sparse_threshold=0)
    steps = make_pipeline(spread, StandardScaler()).fit(whole)
    yield Case("frame_dense_scaled", steps, whole, ("transform",), exact=True)
    finite = "expected a finite number"
    for threshold in (0, 1):
        shaped = ColumnTransformer(parts, sparse_threshold=threshold)
        for scaler in (None, MaxAbsScaler()):
            forest = RandomForestClassifier(n_estimators=5, random_state=0)
            steps = Pipeline([("shaped", shaped), ("scaled", scaler or "passthrough"), ("model", forest)])
            name = "frame_holes_%d_%d" % (threshold, scaler is not None)
            refused = "" if RELEASE >= (1, 4) and threshold == 0 else finite
            yield Case(name, steps.fit(whole, y), frame, ("predict_proba",), exact=True, refused=refused)


def unions() -> Iterator[Case]:
    topics = [0, 1, 2, 0, 1, 2, 0, 1]
    words_chars = FeatureUnion(
        [
            ("words", TfidfVectorizer(ngram_range=(1, 2))),
            ("chars", TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 3))),
            ("none", "drop"),
        ],
        transformer_weights={"words": 2.0, "chars": 0.5},
    )
    yield Case("union_texts", words_chars.fit(TEXTS), UNSEEN, ("transform",))
    model = make_pipeline(words_chars, LogisticRegression()).fit(TEXTS, topics)
    yield Case("union_model", model, UNSEEN, ASKED)
    x = numbers()
    dense = FeatureUnion([("s", StandardScaler()), ("i", SimpleImputer())]).fit(x)
    yield Case("union_dense", dense, x, ("transform",), exact=True)
    if RELEASE >= (1, 1):
        passing = FeatureUnion([("s", StandardScaler()), ("p", "passthrough")]).fit(x)
        yield Case("union_passthrough", passing, x, ("transform",), exact=True)
    skipping = Pipeline([("a", "passthrough"), ("s", StandardScaler()), ("z", "passthrough")])
    yield Case("pipeline_passthrough", skipping.fit(x), x, ("transform",), exact=True)
    pairs = pd.DataFrame({"Text_x": TEXTS, "Text_y": TEXTS[::-1]})
    union = FeatureUnion(
        [
            ("x", make_pipeline(ItemSelector("Text_x"), TfidfVectorizer())),
            ("y", make_pipeline(ItemSelector("Text_y"), CountVectorizer())),
        ]
    )
    model = make_pipeline(union, LogisticRegression()).fit(pairs, topics)
    rows = pd.DataFrame({"Text_x": UNSEEN, "Text_y": UNSEEN[::-1]})
    yield Case("selector_model", model, rows, ASKED)


def cases() -> Iterator[Case]:
    yield from by_columns(numbers())
    yield from zeros_of_columns()
    yield from by_names()
    yield from dense_indicators(people())
    yield from unions()
