"""Makes the boosters' own model files of the scenario boosters.txt, each small.

Run with LightGBM 4.7.0, XGBoost 3.2.0, CatBoost 1.2.10 and pandas 3.0, then with XGBoost 1.7.6, whose
binary form the newest release no longer writes. Files are kept, since the scenario holds the numbers
that these very models give; what each library answers is printed beside.
"""
import pathlib

import joblib
import numpy as np
import pandas as pd
import xgboost

try:
    import lightgbm
except ImportError:
    lightgbm = None

HERE = pathlib.Path(__file__).parent
CITIES = ["Bern", "Oslo", "Rome"]
SMALL = {"max_depth": 2, "nthread": 1, "seed": 0}


class Tuned(lightgbm.LGBMRegressor if lightgbm else object):
    """A user's own, of a script: its class is __main__.Tuned."""


def journeys(count=300):
    """How long a journey takes: a number that may be missing, and a category."""
    random = np.random.default_rng(3)
    frame = pd.DataFrame({
        "distance": np.round(random.uniform(0, 10, count), 1),
        "city": pd.Categorical(random.choice(CITIES, count), categories=CITIES),
    })
    frame.loc[random.random(count) < 0.1, "distance"] = np.nan
    minutes = frame["distance"].fillna(4) * 3 + (frame["city"] == "Rome") * 9
    return frame, np.round(minutes.to_numpy()), np.digitize(minutes, [10, 20])


def asked():
    return pd.DataFrame({
        "distance": [2.5, np.nan, 9.0],
        "city": pd.Categorical(["Rome", "Oslo", None], categories=CITIES),
    })


def write_old_binary():
    frame, minutes, _ = journeys()
    rows = xgboost.DMatrix(frame[["distance"]].to_numpy(), minutes)
    booster = xgboost.train({**SMALL, "objective": "reg:squarederror"}, rows, 4)
    booster.save_model(HERE / "journeys.deprecated")
    print("binary", booster.predict(xgboost.DMatrix(asked()[["distance"]].to_numpy())))


def main():
    if xgboost.__version__.startswith("1."):
        return write_old_binary()
    import catboost

    frame, minutes, length = journeys()
    options = {"num_leaves": 4, "verbose": -1, "num_threads": 1, "min_data_per_group": 5,
               "cat_smooth": 1}
    booster = lightgbm.train({**options, "objective": "regression"},
                             lightgbm.Dataset(frame, minutes), 4)
    booster.save_model(HERE / "journeys.txt")
    print("LightGBM", booster.predict(asked()))
    tuned = Tuned(n_estimators=3, num_leaves=4, verbose=-1, n_jobs=1)
    tuned.fit(frame[["distance"]], minutes)
    joblib.dump(tuned, HERE / "tuned.joblib", compress=3)
    print("tuned", tuned.predict(asked()[["distance"]]))

    rows = xgboost.DMatrix(frame, minutes, enable_categorical=True)
    booster = xgboost.train({**SMALL, "objective": "reg:squarederror"}, rows, 4)
    booster.save_model(HERE / "journeys.json")
    print("XGBoost, JSON", booster.predict(xgboost.DMatrix(asked(), enable_categorical=True)))

    rows = xgboost.DMatrix(frame[["distance"]], length)
    booster = xgboost.train({**SMALL, "objective": "multi:softprob", "num_class": 3}, rows, 3)
    booster.save_model(HERE / "journeys.ubj")
    print("XGBoost, UBJSON", booster.predict(xgboost.DMatrix(asked()[["distance"]])))

    model = catboost.CatBoostClassifier(iterations=4, depth=2, verbose=0, thread_count=1,
                                        cat_features=["city"], allow_writing_files=False)
    texts = frame.assign(city=frame["city"].astype(str))
    model.fit(texts, np.array(["short", "middle", "long"])[length])
    model.save_model(HERE / "journeys.cbm")
    rows = asked()
    rows["city"] = ["Rome", "Oslo", "nan"]
    print("CatBoost", model.predict_proba(rows), model.predict(rows), model.predict(rows, "RawFormulaVal"))


if __name__ == "__main__":
    main()
