"""Writes the LightGBM goldens beside this file: for each model NAME.txt, its text, and NAME.rows:
one row a line, the inputs, a semicolon, the raw scores, all as hexadecimal floats.

    python make_goldens.py    # made with lightgbm 4.7.0
"""

import pathlib

import lightgbm as lgb
import numpy as np

FEATURES = 6
CATEGORICAL = [4, 5]
KZERO = float(np.float32(1e-35))
# What a row may hold that no training data did.
ODD = [np.nan, np.inf, -np.inf, 0.0, -0.0, KZERO, -KZERO, KZERO * 2, -KZERO * 2, 1e-36, -1e-36,
       1e300, -1e300, 5e-324, -1.0, -0.5, 0.5, 2.7, -7.0, 31.0, 32.0, 63.999, 2147483647.0,
       2147483648.0, 4294967296.0, 4294967298.0, -2147483649.0, 1e18]


def inputs(rng, rows, missing=0.15, zeros=0.15):
    x = rng.normal(size=(rows, FEATURES))
    x[:, 2] = np.round(x[:, 2], 1)
    x[rng.random(x.shape) < zeros] = 0
    x[:, 4] = rng.integers(0, 9, rows)
    x[:, 5] = rng.integers(0, 80, rows)
    x[rng.random(x.shape) < missing] = np.nan
    return x


def labels(rng, x, objective):
    signal = np.nan_to_num(x[:, 0]) + np.nan_to_num(x[:, 4]) % 3 + np.isnan(x[:, 1])
    signal += (np.nan_to_num(x[:, 5]) % 7 < 3) + (x[:, 3] == 0) + 0.3 * rng.normal(size=len(x))
    if objective.startswith("multi"):
        return np.digitize(signal, [0.7, 2.2])
    if objective == "binary":
        return (signal > 1.5).astype(int)
    return signal


def train(seed, rounds=4, objective="regression", rows=400, categorical=True, missing=0.15, **more):
    rng = np.random.default_rng(seed)
    x = inputs(rng, rows, missing)
    parameters = dict(objective=objective, num_leaves=8, min_data_in_leaf=5, verbose=-1, seed=seed,
                      min_data_per_group=5, cat_smooth=1, deterministic=True, num_threads=1)
    if objective.startswith("multi"):
        parameters["num_class"] = 3
    parameters.update(more)
    data = lgb.Dataset(x, labels(rng, x, objective),
                       categorical_feature=CATEGORICAL if categorical else [])
    return lgb.train(parameters, data, rounds), rng


def probes(rng, rows=24):
    x = inputs(rng, rows)
    odd = rng.random(x.shape) < 0.3
    x[odd] = rng.choice(ODD, odd.sum())
    return x


def numbers(values):
    return " ".join(float(v).hex() for v in values)


def write(folder, name, booster, rows):
    text = booster.model_to_string()
    (folder / f"{name}.txt").write_text(text.split("\nparameters:")[0] + "\n")
    raw = lgb.Booster(model_str=text).predict(rows, raw_score=True).reshape(len(rows), -1)
    lines = [f"{numbers(x)} ; {numbers(y)}\n" for x, y in zip(rows, raw)]
    (folder / f"{name}.rows").write_text("".join(lines))


MODELS = {
    "regression": dict(),
    "binary": dict(objective="binary", boost_from_average=True, sigmoid=0.7),
    "multiclass": dict(objective="multiclass", rounds=3),
    "zero_as_missing": dict(zero_as_missing=True),
    "use_missing_false": dict(use_missing=False),
    "none_missing": dict(missing=0),
    "dart": dict(boosting="dart", drop_rate=0.6, rounds=5),
    "rf": dict(boosting="rf", bagging_freq=1, bagging_fraction=0.6, feature_fraction=0.7),
    "rf_multiclassova": dict(objective="multiclassova", boosting="rf", bagging_freq=1,
                             bagging_fraction=0.6, rounds=3),
    "one_hot": dict(max_cat_to_onehot=100),
    "single_leaf": dict(min_data_in_leaf=1000, categorical=False),
    "numerical": dict(categorical=False, num_leaves=31, rounds=3, max_bin=15),
}


def main():
    folder = pathlib.Path(__file__).parent
    for seed, (name, parameters) in enumerate(MODELS.items()):
        booster, rng = train(seed, **parameters)
        write(folder, name, booster, probes(rng))


if __name__ == "__main__":
    main()
