"""Fits the models of cases/ and writes each with its rows and the answers of the libraries.

Runs inside the environment of one release: make_cases.py FOLDER
"""

import json
import math
import os
import sys
import traceback
import warnings
from typing import Any, Dict, Iterator, List

import joblib
import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.base import is_classifier

from cases import (
    approximate,
    bayes,
    boosted,
    boosting,
    cat,
    classifiers,
    coding,
    companions,
    components,
    compose,
    composites,
    dictionaries,
    encode,
    impute_models,
    linear,
    manifolds,
    mixtures,
    near,
    networks,
    prepare,
    projections,
    regressors,
    simple,
    text,
    trees,
    vectors,
    xgb,
)
from cases.case import RELEASE, Case

FAMILIES = {
    "text": text,
    "encode": encode,
    "prepare": prepare,
    "impute": impute_models,
    "approximate": approximate,
    "linear": linear,
    "regressors": regressors,
    "classifiers": classifiers,
    "bayes": bayes,
    "projections": projections,
    "networks": networks,
    "simple": simple,
    "mixtures": mixtures,
    "trees": trees,
    "boosting": boosting,
    "vectors": vectors,
    "near": near,
    "components": components,
    "coding": coding,
    "manifolds": manifolds,
    "lightgbm": boosted,
    "xgboost": xgb,
    "catboost": cat,
    "compose": compose,
    "composites": composites,
    "companions": companions,
    "dictionaries": dictionaries,
}


def cell(value: Any) -> Any:
    """A cell as JSON has it; None, NaN and pandas' NA are null."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    return value


def rows_of(data: Any, named: bool) -> Iterator[Any]:
    if isinstance(data, pd.DataFrame) and not named:
        data = data.to_numpy(dtype=object)
    if isinstance(data, pd.DataFrame):
        names = [str(name) for name in data.columns]
        columns = [data[name].tolist() for name in data.columns]
        for values in zip(*columns):
            yield dict(zip(names, map(cell, values)))
    elif isinstance(data, np.ndarray):
        for row in data:
            yield [cell(value) for value in row]
    else:
        for document in data:
            yield document if isinstance(document, (dict, list)) else [document]


def answers_of(result: Any) -> List[List[Any]]:
    if isinstance(result, list):
        result = np.hstack(result)
    if sp.issparse(result):
        result = result.toarray()
    table = np.asarray(result)
    if table.ndim != 2:
        table = table.reshape(len(table), -1)
    if table.dtype.kind in "ifb":
        return table.astype(float).tolist()
    # Columns that pass through an object array keep their type; as features they are numbers.
    return [
        [float(value) if isinstance(value, (bool, int, float)) else str(value) for value in row]
        for row in table.tolist()
    ]


def is_labelled(model: Any) -> bool:
    return hasattr(model, "fit") and is_classifier(model)


def ask(case: Case, method: str) -> List[List[Any]]:
    result = getattr(case.model, method)(case.rows)
    # Labels are compared as the texts that str() makes of them.
    if method == "predict" and is_labelled(case.model):
        return [[str(cell(label)) for label in np.atleast_1d(row)] for row in result]
    return answers_of(result)


def names_of(case: Case) -> Any:
    """What transform's columns are called, where the library says it."""
    if case.refused or "transform" not in case.methods or not hasattr(case.model, "get_feature_names_out"):
        return None
    try:
        return [str(name) for name in case.model.get_feature_names_out()]
    except Exception:  # A part does not say it.
        return None


def write(case: Case, family: str, folder: str) -> None:
    path = os.path.join(folder, family, case.name)
    os.makedirs(path, exist_ok=True)
    joblib.dump(case.model, os.path.join(path, "model.joblib"))
    with open(os.path.join(path, "rows.jsonl"), "w", encoding="utf-8") as rows:
        # Before 1.0 only some estimators kept the names they were fitted with.
        named = RELEASE >= (1, 0) or case.name.startswith(("frame_", "selector_", "lgbm_", "Column"))
        for row in rows_of(case.rows, named):
            rows.write(json.dumps(row, ensure_ascii=False) + "\n")
    answers: Dict[str, Any] = {}
    for method in case.methods:
        answers[method] = None if case.refused else ask(case, method)
    names = names_of(case)
    # An imputer that keeps empty features has more columns than names.
    if names is not None and answers["transform"] and len(answers["transform"][0]) != len(names):
        names = None
    about = {"exact": case.exact, "refused": case.refused, "answers": answers, "names": names}
    with open(os.path.join(path, "expected.json"), "w", encoding="utf-8") as expected:
        json.dump(about, expected)


def main(folder: str) -> None:
    warnings.simplefilter("ignore")
    for family, module in FAMILIES.items():
        generator = module.cases()
        for case in generator:
            try:
                write(case, family, folder)
            except Exception:
                print("case %s cannot be made" % case.name, file=sys.stderr)
                traceback.print_exc()
                sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1])
