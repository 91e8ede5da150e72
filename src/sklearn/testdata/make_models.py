"""Writes small fitted models: seeds of the fuzz target, and what the tests of this room read.

make_models.py FOLDER, with scikit-learn 1.9.1, lightgbm 4.7.0, xgboost 3.2.0, catboost 1.2.10 and pandas.
Of every estimator of tests/agreement/live/gallery.py there is one, fitted with a few rows.
"""

import os
import pickle
import sys
import warnings
from typing import Any, Dict, Iterator, Tuple

import joblib
import lightgbm
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeRegressor

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..")
sys.path.insert(0, os.path.join(ROOT, "tests", "agreement"))
from live import gallery  # noqa: E402

TEXTS = ["how to parse json", "parse an array", "how to clone", "json array"]
TOPICS = [0, 1, 2, 0]


def people() -> Any:
    frame = pd.DataFrame({"age": [20.0, None, 40.0, 31.0], "city": ["Pau", "Ube", "Pau", "Oslo"]})
    frame["city"] = frame["city"].astype(object)
    return frame


def models() -> Dict[str, Any]:
    x = np.random.RandomState(0).randn(40, 3)
    two, three = (x[:, 0] > 0).astype(int), np.digitize(x[:, 1], [-0.5, 0.5])
    numbers = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    columns = ColumnTransformer([("n", numbers, ["age"]), ("c", OneHotEncoder(handle_unknown="ignore"), ["city"])])
    union = FeatureUnion(
        [("count", CountVectorizer(analyzer="char_wb", ngram_range=(2, 2), max_features=9)), ("hash", HashingVectorizer(n_features=16))],
        transformer_weights={"hash": 0.5},
    )
    small = {"n_estimators": 3, "num_leaves": 4, "min_child_samples": 2, "verbose": -1}
    animals = pd.DataFrame({"n": x[:, 0], "animal": pd.Categorical(np.array(["ant", "bee", "cow"])[np.arange(40) % 3])})
    rare = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=2, drop="first")
    places = ColumnTransformer([("s", StandardScaler(), slice(0, 2))], remainder="passthrough")
    return {
        "columns": make_pipeline(columns, LogisticRegression()).fit(people(), [0, 1, 1, 0]),
        "tfidf": make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression()).fit(TEXTS, TOPICS),
        "counted": make_pipeline(CountVectorizer(), TfidfTransformer(), StandardScaler(with_mean=False)).fit(TEXTS),
        "union": make_pipeline(union, LogisticRegression()).fit(TEXTS, TOPICS),
        "forest": RandomForestClassifier(n_estimators=3, max_depth=3, random_state=0).fit(x, three),
        "tree": DecisionTreeRegressor(max_depth=3).fit(x, x[:, :2]),
        "boosted": lightgbm.LGBMClassifier(**small).fit(x, two),
        "boosted_animals": lightgbm.LGBMRegressor(**small, min_data_per_group=2).fit(animals, np.arange(40) % 3),
        "rare": rare.fit([["a"], ["a"], ["b"], ["c"], ["d"], ["d"]]),
        "places": places.fit(x),
    }


def of_every_estimator() -> Iterator[Tuple[str, bytes]]:
    """One of each class, the smallest of its variants in the gallery."""
    smallest: Dict[str, bytes] = {}
    for name, make, _ in gallery.models(gallery.Data(rows=30, columns=3)):
        try:
            model = make()
        except Exception as problem:
            print("%s: %s" % (name, problem), file=sys.stderr)
            continue
        kind = name.split(" ")[0]
        written = pickle.dumps(model, protocol=4)
        if kind not in smallest or len(written) < len(smallest[kind]):
            smallest[kind] = written
    yield from smallest.items()


def main(folder: str) -> None:
    warnings.simplefilter("ignore")
    os.makedirs(folder, exist_ok=True)
    for name, written in of_every_estimator():
        with open(os.path.join(folder, "estimator_" + name + ".pkl"), "wb") as file:
            file.write(written)
    for name, model in models().items():
        with open(os.path.join(folder, name + ".pkl"), "wb") as file:
            pickle.dump(model, file, protocol=4)
    joblib.dump(models()["columns"], os.path.join(folder, "columns.joblib"), compress=3)


if __name__ == "__main__":
    main(sys.argv[1])
