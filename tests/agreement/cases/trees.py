"""sklearn.tree and sklearn.ensemble: bit for bit."""

from typing import Any, Iterator

import numpy as np
import pandas as pd
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.tree import (
    DecisionTreeClassifier,
    DecisionTreeRegressor,
    ExtraTreeClassifier,
    ExtraTreeRegressor,
)

from cases.case import (
    RELEASE,
    TEXTS,
    UNSEEN,
    Case,
    numbers,
    three_classes,
    two_classes,
    with_missing,
)

CLASSIFIED = ("predict", "predict_proba", "apply")
PREDICTED = ("predict", "apply")


def at_thresholds(model: Any, x: Any) -> Any:
    """Rows on each side of every threshold, one float32 and one float64 step away."""
    rows = [x]
    for tree in [model] if hasattr(model, "tree_") else list(model.estimators_)[:3]:
        inner = tree.tree_.feature >= 0
        for feature, threshold in zip(tree.tree_.feature[inner], tree.tree_.threshold[inner]):
            single = np.float32(threshold)
            for value in (
                threshold,
                np.nextafter(threshold, np.inf),
                np.nextafter(threshold, -np.inf),
                float(np.nextafter(single, np.float32(np.inf))),
                float(np.nextafter(single, np.float32(-np.inf))),
            ):
                row = np.array(x[:1])
                row[0, feature] = value
                rows.append(row)
    return np.vstack(rows)[:2000]


def cases() -> Iterator[Case]:
    x = numbers(300)
    rows = np.vstack([numbers(150, 6, seed=4), np.zeros((1, 6)), [[1e30, -1e30, 1e-40, 0, 1, 2]]])
    two, three = two_classes(x), three_classes(x)
    y = x @ np.arange(6) + numbers(300, 1, seed=5)[:, 0]
    for kind in (DecisionTreeClassifier, ExtraTreeClassifier):
        for name, labels in (("two", two), ("three", three), ("texts", np.array(["a", "b", "c"])[three])):
            model = kind(random_state=0).fit(x, labels)
            yield Case(kind.__name__ + "_" + name, model, at_thresholds(model, rows), CLASSIFIED, True)
        model = kind(random_state=0, max_depth=3, class_weight="balanced").fit(x, three)
        yield Case(kind.__name__ + "_balanced", model, rows, CLASSIFIED, True)
    stump = DecisionTreeClassifier().fit(x, np.zeros(300, dtype=int))
    yield Case("DecisionTreeClassifier_one_class", stump, rows, CLASSIFIED, True)
    model = DecisionTreeClassifier(max_depth=3, random_state=0).fit(x, three)
    yield Case("DecisionTreeClassifier_logarithms", model, rows, ("predict_log_proba",))
    outputs = np.column_stack([two, three, three * 2 - 1])
    for kind in (RandomForestClassifier, ExtraTreesClassifier):
        for name, labels in (("two", two), ("three", three), ("bools", two == 1)):
            model = kind(n_estimators=15, random_state=0).fit(x, labels)
            yield Case(kind.__name__ + "_" + name, model, at_thresholds(model, rows), CLASSIFIED, True)
        model = kind(n_estimators=7, max_depth=4, random_state=0, class_weight="balanced")
        yield Case(kind.__name__ + "_balanced", model.fit(x, three), rows, CLASSIFIED, True)
        model = kind(n_estimators=5, max_leaf_nodes=9, random_state=0).fit(x, outputs)
        yield Case(kind.__name__ + "_outputs", model, rows, CLASSIFIED, True)
    model = DecisionTreeClassifier(max_depth=4, random_state=0).fit(x, outputs)
    yield Case("DecisionTreeClassifier_outputs", model, rows, CLASSIFIED, True)
    many = np.column_stack([y, -y, y * y])
    for kind in (DecisionTreeRegressor, ExtraTreeRegressor, RandomForestRegressor, ExtraTreesRegressor):
        for name, target in (("one", y), ("many", many)):
            model = kind(random_state=0, max_depth=8).fit(x, target)
            if hasattr(model, "n_estimators"):
                model = kind(n_estimators=9, random_state=0).fit(x, target)
            yield Case(kind.__name__ + "_" + name, model, at_thresholds(model, rows), PREDICTED, True)
    model = RandomForestClassifier(n_estimators=5, random_state=0)
    steps = make_pipeline(TfidfVectorizer(), model).fit(TEXTS, TOPICS)
    yield Case("RandomForestClassifier_sparse", steps, UNSEEN, ("predict", "predict_proba"), True)
    frame = pd.DataFrame(x, columns=["c%d" % i for i in range(6)])
    model = RandomForestRegressor(n_estimators=3, random_state=0).fit(frame, y)
    yield Case("RandomForestRegressor_frame", model, frame[::-1], ("predict",), True)
    large = np.array([[3.5e38, 0, 0, 0, 0, 0]])
    yield Case(
        "DecisionTreeRegressor_too_large",
        DecisionTreeRegressor().fit(x, y),
        large,
        ("predict",),
        refused="too large for float32",
    )
    yield from missing(x, rows, three, y)


def missing(x: Any, rows: Any, three: Any, y: Any) -> Iterator[Case]:
    holes, asked = with_missing(x), with_missing(rows, 5)
    kinds = []
    if RELEASE >= (1, 3):
        kinds += [DecisionTreeClassifier, DecisionTreeRegressor]
    if RELEASE >= (1, 4):
        kinds += [RandomForestClassifier, RandomForestRegressor]
    if RELEASE >= (1, 6):
        kinds += [ExtraTreesClassifier, ExtraTreesRegressor, ExtraTreeClassifier, ExtraTreeRegressor]
    for kind in kinds:
        classifier = kind.__name__.endswith("Classifier")
        methods = CLASSIFIED if classifier else ("predict",)
        model = kind(random_state=0).fit(holes, three if classifier else y)
        yield Case(kind.__name__ + "_missing", model, asked, methods, True)
        model = kind(random_state=0).fit(x, three if classifier else y)
        yield Case(kind.__name__ + "_missing_later", model, asked, methods, True)


TOPICS = [0, 1, 2, 0, 1, 2, 0, 1]
