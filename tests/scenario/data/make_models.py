"""Makes the models and rows of the scenario tests.

Run with scikit-learn 1.9.1, LightGBM 4.7.0 and pandas 3.0; the files are kept, since the scenarios
hold the numbers that these very models give.
"""
import pathlib
import pickle
import struct

import joblib
import lightgbm
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction import DictVectorizer, FeatureHasher
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics.pairwise import linear_kernel
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.semi_supervised import LabelPropagation
from sklearn.tree import DecisionTreeRegressor

HERE = pathlib.Path(__file__).parent
random = np.random.default_rng(7)


def flowers(count):
    kind = random.integers(0, 3, count)
    centre = np.array([[5.0, 3.4, 1.5, 0.2], [5.9, 2.8, 4.3, 1.3], [6.6, 3.0, 5.6, 2.0]])
    values = np.round(centre[kind] + random.normal(0, 0.3, (count, 4)), 1)
    columns = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
    return pd.DataFrame(values, columns=columns), np.array(["low", "mid", "tall"])[kind]


def passengers(count):
    frame = pd.DataFrame({
        "age": np.round(random.uniform(1, 80, count)),
        "fare": np.round(random.lognormal(3, 1, count), 2),
        "port": random.choice(["Oslo", "Rome", "Bern"], count),
    })
    frame.loc[random.random(count) < 0.2, "age"] = np.nan
    paid = (frame["fare"] > 20) & (frame["port"] != "Bern")
    return frame, paid.astype(int).to_numpy()


def deliveries(count):
    """With a day that the model was fitted with and nothing reads."""
    frame = pd.DataFrame({
        "day": pd.date_range("2026-01-01", periods=count, freq="D"),
        "distance": np.round(random.uniform(0, 10, count), 1),
        "city": random.choice(["Oslo", "Rome"], count),
    })
    return frame, np.round(frame["distance"] * 3 + (frame["city"] == "Rome") * 5)


SENTENCES = [
    ("where is my parcel", "delivery"), ("the parcel has not arrived yet", "delivery"),
    ("when will the order be delivered", "delivery"), ("track my delivery please", "delivery"),
    ("i want my money back", "refund"), ("please refund the order", "refund"),
    ("how do i get a refund", "refund"), ("the money was taken twice", "refund"),
    ("i cannot log in", "account"), ("my password does not work", "account"),
    ("please reset my password", "account"), ("close my account", "account"),
]


def save(model, name, **how):
    joblib.dump(model, HERE / name, **how)


def main():
    rows, kind = flowers(90)
    save(LogisticRegression().fit(rows, kind), "flowers.joblib")
    save(RandomForestClassifier(5, max_depth=4, random_state=0).fit(rows.to_numpy(), kind),
         "forest.joblib", compress=3)
    # A kernel that is a function cannot be run.
    model = make_pipeline(StandardScaler(), LabelPropagation(kernel=linear_kernel))
    save(model.fit(rows, kind), "spread.joblib", compress=3)
    rows.head(6).to_csv(HERE / "flowers.csv", index=False)

    rows, paid = passengers(200)
    columns = ColumnTransformer([
        ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()),
         ["age", "fare"]),
        ("port", OneHotEncoder(handle_unknown="ignore"), ["port"]),
    ])
    model = Pipeline([("columns", columns), ("model", LogisticRegression())]).fit(rows, paid)
    save(model, "passengers.joblib")
    rows.head(6).to_csv(HERE / "passengers.csv", index=False)

    texts, topics = zip(*SENTENCES)
    model = make_pipeline(TfidfVectorizer(), LogisticRegression(C=10)).fit(texts, topics)
    with open(HERE / "topics.pkl", "wb") as file:
        pickle.dump(model, file, protocol=4)

    numbers = rows[["age", "fare"]].to_numpy()
    booster = lightgbm.LGBMClassifier(n_estimators=5, num_leaves=4, verbose=-1, n_jobs=1)
    save(booster.fit(numbers, paid), "boosted.joblib", compress=3)

    rows, minutes = deliveries(60)
    columns = ColumnTransformer([("distance", "passthrough", ["distance"]),
                                 ("city", OneHotEncoder(sparse_output=False), ["city"])])
    model = make_pipeline(columns, DecisionTreeRegressor(max_depth=4, random_state=0))
    save(model.fit(rows, minutes), "deliveries.joblib")
    rows.head(6).to_csv(HERE / "deliveries.csv", index=False)

    # What takes as many columns as come, and what takes names that nobody knows.
    clipped = FunctionTransformer(np.clip, kw_args={"a_min": 0, "a_max": 9})
    things = [{"size": 1.5, "kind": "a"}, {"size": 3, "kind": "b"}, {"kind": "a"}, {"kind": "b", "old": True}]
    hashed = make_pipeline(FeatureHasher(16), LogisticRegression()).fit(things, [0, 1, 0, 1])
    listed = make_pipeline(DictVectorizer(), LogisticRegression()).fit(things, [0, 1, 0, 1])
    for name, model in (("clipped.pkl", clipped), ("hashed.pkl", hashed), ("listed.pkl", listed)):
        with open(HERE / name, "wb") as file:
            pickle.dump(model, file, protocol=4)

    # A pickle that runs a command where Python loads it.
    command = b"touch OWNED"
    hostile = b"\x80\x02cos\nsystem\nX" + struct.pack("<I", len(command)) + command + b"\x85R."
    (HERE / "hostile.pkl").write_bytes(hostile)
    (HERE / "truncated.pkl").write_bytes((HERE / "topics.pkl").read_bytes()[:500])


if __name__ == "__main__":
    main()
