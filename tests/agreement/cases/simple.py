"""sklearn.dummy and sklearn.isotonic"""

from typing import Iterator

import numpy as np
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.isotonic import IsotonicRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from cases.case import RELEASE, Case, numbers, three_classes

ASKED = ("predict", "predict_proba", "predict_log_proba")


def cases() -> Iterator[Case]:
    x = numbers(40, 4)
    words = np.array(["no", "perhaps", "yes"])[three_classes(x)]
    # What is before them says which columns there are; they themselves did not before 1.5.
    for strategy, constant in (("prior", None), ("most_frequent", None), ("constant", "yes")):
        dummy = DummyClassifier(strategy=strategy, constant=constant)
        model = make_pipeline(StandardScaler(), dummy).fit(x, words)
        yield Case("dummy_" + strategy, model, x[:5], ASKED, exact=True)
    model = make_pipeline(StandardScaler(), DummyRegressor(strategy="median")).fit(x, x[:, 0])
    yield Case("dummy_median", model, x[:5], ("predict",), exact=True)
    if RELEASE < (0, 24):
        return  # It took arrays of one dimension alone.
    points = np.sort(x[:, 0])
    inside = np.linspace(points[0], points[-1], 30).reshape(-1, 1)
    outside = np.array([[-1e9], [1e9]])
    for name, kind in (("", np.float64), ("_float32", np.float32)):
        for bounds in ("nan", "clip"):
            model = IsotonicRegression(out_of_bounds=bounds)
            model.fit(points.astype(kind), (points + np.sin(np.arange(40))).astype(kind))
            rows = np.vstack([inside, outside, points.reshape(-1, 1)[1:-1]]).astype(kind)
            yield Case("isotonic_%s%s" % (bounds, name), model, rows, ("predict", "transform"))
    model = IsotonicRegression(out_of_bounds="raise").fit(points, points)
    yield Case(
        "isotonic_outside", model, outside, ("predict",), refused="row 0: expected a number from"
    )
