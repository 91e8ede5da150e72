"""sklearn-pandas, category_encoders and sklearn2pmml, where an environment has them."""

import importlib
from typing import Any, Iterator

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from cases.case import Case, numbers

# Encoders of categories, with what they do about the unknown and the missing.
ENCODERS = (
    ("BackwardDifferenceEncoder", {}),
    ("BaseNEncoder", {"base": 3}),
    ("BinaryEncoder", {"handle_unknown": "return_nan"}),
    ("CatBoostEncoder", {}),
    ("CountEncoder", {"min_group_size": 20}),
    ("CountTargetEncoder", {}),
    ("GrayEncoder", {}),
    ("HelmertEncoder", {}),
    ("JamesSteinEncoder", {}),
    ("LeaveOneOutEncoder", {"handle_missing": "return_nan"}),
    ("MEstimateEncoder", {}),
    ("OneHotEncoder", {"use_cat_names": True, "handle_missing": "return_nan"}),
    ("OrdinalEncoder", {"handle_unknown": "return_nan"}),
    ("PolynomialEncoder", {}),
    ("QuantileEncoder", {"quantile": 0.4}),
    ("RankHotEncoder", {}),
    ("RankHotEncoder", {"handle_unknown": "return_nan", "handle_missing": "return_nan", "use_cat_names": True}),
    ("SumEncoder", {}),
    ("SummaryEncoder", {"quantiles": (0.25, 0.5, 0.75)}),
    ("SummaryEncoder", {"handle_unknown": "return_nan", "handle_missing": "return_nan"}),
    ("TargetEncoder", {"drop_invariant": True}),
    ("WOEEncoder", {}),
)


def find(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def frame(rows: int = 120) -> Any:
    x = numbers(rows, 3, seed=3)
    colour = np.array(["red", "green", "blue", "grey"])[(x[:, 0] * 7).astype(int) % 4]
    return pd.DataFrame(
        {
            "colour": pd.Series(colour, dtype=object),
            "size": pd.Series(np.where(x[:, 1] > 1, None, np.where(x[:, 1] > 0, "L", "S"))),
            "age": np.round(40 + 10 * x[:, 2]),
        }
    )


def unseen() -> Any:
    rows = frame().iloc[:12].copy()
    rows.loc[3, "colour"] = "mauve"
    rows.loc[4, "size"] = "XL"
    return rows


def cases() -> Iterator[Case]:
    x = frame()
    y = (x["age"] > 40).astype(int)
    encoders = find("category_encoders")
    for name, settings in ENCODERS if encoders else ():
        if not hasattr(encoders, name):  # Of a later release.
            continue
        encoder = getattr(encoders, name)(cols=["colour", "size"], **settings)
        title = "_".join(["encoders", name, *map(str, settings.values())])
        yield Case(title, encoder.fit(x, y), unseen(), ("transform",))
    if encoders:
        yield from more_encoders(encoders, x, y)
        yield from encoders_of_arrays(encoders, x, y)
    mappers = find("sklearn_pandas")
    if mappers:
        mapper = mappers.DataFrameMapper(
            [(["age"], StandardScaler()), (["colour"], OneHotEncoder(handle_unknown="ignore"))]
        )
        model = make_pipeline(mapper, LogisticRegression()).fit(x, y)
        yield Case("mapper", model, unseen(), ("predict", "predict_proba"))


def more_encoders(encoders: Any, x: Any, y: Any) -> Iterator[Case]:
    texts = x.assign(size=np.where(x["age"] > 45, "L", "S"))
    rows = unseen().assign(size="XL")
    for method in ("md5", "sha1", "sha256", "blake2b"):
        options = {"hash_method": method, "n_components": 5, "max_process": 1}
        encoder = encoders.HashingEncoder(cols=["size", "colour"], **options).fit(texts, y)
        yield Case("encoders_hashing_" + method, encoder, rows, ("transform",), True)
    few = encoders.HashingEncoder(cols=["size"], drop_invariant=True, max_process=1).fit(texts[["size", "age"]])
    rows = rows[["size", "age"]]
    yield Case("encoders_hashing_dropped", few, rows, ("transform",), True)
    yield Case("encoders_hashing_missing", few, rows.assign(size=None), ("transform",), refused="a missing value")
    groups = (y + (x["colour"] == "red")).rename("target")
    wrappers = importlib.import_module("category_encoders.wrapper")
    each = wrappers.PolynomialWrapper(encoders.TargetEncoder(cols=["colour", "size"]))
    each.fit(x, groups.map({0: "a", 1: "b", 2: "c"}))
    yield Case("encoders_of_classes", each, unseen(), ("transform",))
    nested = wrappers.NestedCVWrapper(encoders.TargetEncoder(cols=["colour", "size"]), cv=3)
    nested.fit(x, y)
    yield Case("encoders_nested", nested, unseen(), ("transform",))
    if hasattr(encoders, "CountTargetEncoder"):
        encoder = encoders.CountTargetEncoder(cols=["colour", "size"]).fit(x, groups)
        yield Case("encoders_count_target_three", encoder, unseen(), ("transform",))
    if not hasattr(encoders, "MultiHotEncoder"):
        return
    colours = np.array(["red|green", "green", " blue | red ", None, "grey|grey", "|"], dtype=object)
    several = pd.DataFrame({"colours": np.tile(colours, 20), "age": x["age"]})
    asked = pd.DataFrame({"colours": list(colours) + ["mauve|red", "", "red||\u00a0blue"], "age": 30.0})
    for unknown in ("value", "return_nan", "indicator"):
        for missing in ("value", "return_nan", "indicator", "ignore"):
            options = {"handle_unknown": unknown, "handle_missing": missing, "use_cat_names": missing == "value"}
            encoder = encoders.MultiHotEncoder(cols=["colours"], **options).fit(several)
            yield Case("encoders_multi_%s_%s" % (unknown, missing), encoder, asked, ("transform",), True)
    strict = encoders.MultiHotEncoder(cols=["colours"], handle_unknown="error").fit(several)
    yield Case("encoders_multi_error", strict, asked, ("transform",), refused="known ones")


def encoders_of_arrays(encoders: Any, x: Any, y: Any) -> Iterator[Case]:
    """Columns that are called 0, 1, 2."""
    array = x.fillna({"size": "M"}).to_numpy(dtype=object)
    rows = unseen().fillna({"size": "M"}).to_numpy(dtype=object)
    for name in ("BinaryEncoder", "CatBoostEncoder", "CountEncoder", "HashingEncoder", "OneHotEncoder",
                 "OrdinalEncoder", "SumEncoder", "TargetEncoder", "WOEEncoder"):  # fmt: skip
        options = {"max_process": 1} if name == "HashingEncoder" else {}
        encoder = getattr(encoders, name)(cols=[0, 1], **options).fit(array, y)
        yield Case("encoders_array_" + name, encoder, rows, ("transform",))
