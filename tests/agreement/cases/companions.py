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
    ("HelmertEncoder", {}),
    ("JamesSteinEncoder", {}),
    ("LeaveOneOutEncoder", {"handle_missing": "return_nan"}),
    ("MEstimateEncoder", {}),
    ("OneHotEncoder", {"use_cat_names": True, "handle_missing": "return_nan"}),
    ("OrdinalEncoder", {"handle_unknown": "return_nan"}),
    ("PolynomialEncoder", {}),
    ("SumEncoder", {}),
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
        encoder = getattr(encoders, name)(cols=["colour", "size"], **settings)
        yield Case("encoders_" + name, encoder.fit(x, y), unseen(), ("transform",))
    mappers = find("sklearn_pandas")
    if mappers:
        mapper = mappers.DataFrameMapper(
            [(["age"], StandardScaler()), (["colour"], OneHotEncoder(handle_unknown="ignore"))]
        )
        model = make_pipeline(mapper, LogisticRegression()).fit(x, y)
        yield Case("mapper", model, unseen(), ("predict", "predict_proba"))
