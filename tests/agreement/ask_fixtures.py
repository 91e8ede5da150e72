"""What a release answers for the fitted estimators that gen.py pickled.

Runs inside the environment of that release: ask_fixtures.py PICKLES FOLDER
"""

import os
import pickle
import sys
import warnings
from typing import Any, Dict, Tuple

import numpy as np
import pandas as pd

from cases.case import Case
from make_cases import write

TEXTS = [
    "How do I parse JSON in JavaScript?",
    "What is the difference between == and ===",
    "how to clone an object in js",
    "R\u00e9sum\u00e9 na\u00efve caf\u00e9 d\u00e9j\u00e0 vu",
    "remove element from array",
] * 24


def inputs() -> Dict[str, Any]:
    """The data of gen.py: the same draws in the same order."""
    x = np.random.RandomState(0).randn(120, 6)
    words = np.array([["a", "x"], ["b", "y"], ["c", "x"]] * 40, dtype=object)
    holes = x.copy()
    holes[::7, 2] = np.nan
    frame = pd.DataFrame({"t": TEXTS, "c": words[:, 0], "n": x[:, 0]})
    counts = (np.abs(x) * 3).astype(int)
    return {"x": x, "counts": counts, "texts": TEXTS, "words": words, "holes": holes, "frame": frame}


CLASSIFIED = ("predict", "predict_proba")
LOGISTIC = CLASSIFIED + ("decision_function",)
# Which estimators can be run: their data, what to ask, and whether the bits agree.
SUPPORTED: Dict[str, Tuple[str, Tuple[str, ...], bool]] = {
    "TfidfVectorizer": ("texts", ("transform",), False),
    "CountVectorizer": ("texts", ("transform",), True),
    "HashingVectorizer": ("texts", ("transform",), False),
    "TfidfTransformer": ("counts", ("transform",), False),
    "StandardScaler": ("x", ("transform",), True),
    "OneHotEncoder": ("words", ("transform",), True),
    "SimpleImputer": ("holes", ("transform",), True),
    "ColumnTransformer": ("frame", ("transform",), False),
    "FeatureUnion": ("texts", ("transform",), False),
    "Pipeline": ("texts", LOGISTIC, False),
    "LogisticRegression": ("x", LOGISTIC, False),
    "DecisionTreeClassifier": ("x", CLASSIFIED, True),
    "ExtraTreeClassifier": ("x", CLASSIFIED, True),
    "RandomForestClassifier": ("x", CLASSIFIED, True),
    "ExtraTreesClassifier": ("x", CLASSIFIED, True),
    "DecisionTreeRegressor": ("x", ("predict",), True),
    "RandomForestRegressor": ("x", ("predict",), True),
    "ExtraTreesRegressor": ("x", ("predict",), True),
}


def main(pickles: str, folder: str) -> None:
    warnings.simplefilter("ignore")
    data = inputs()
    for name, (rows, methods, exact) in SUPPORTED.items():
        path = os.path.join(pickles, name + ".p4.pkl")
        if not os.path.exists(path):
            continue
        with open(path, "rb") as file:
            model = pickle.load(file)
        # A million columns can be scored, and are too many for a table.
        refused = "columns to write out" if name == "HashingVectorizer" else ""
        write(Case(name, model, data[rows], methods, exact, refused), "fixtures", folder)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
