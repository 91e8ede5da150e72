"""The models of the server's benchmark. Runs by itself too: python models.py FOLDER."""

from __future__ import annotations

import sys
from pathlib import Path

COLUMNS = 2  # Of the forests.
TREES = 5000
SMALL_TREES = 50
WIDE_COLUMNS = 2000
WIDE_ROWS = 1000


def make(folder: Path) -> None:
    """identity, forest, small-forest and wide, as joblib files; what is there stays."""
    import joblib
    import numpy
    from sklearn.ensemble import ExtraTreesRegressor
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    def identity() -> StandardScaler:
        """Of one column, which it gives back as it is."""
        return StandardScaler(with_mean=False, with_std=False).fit(numpy.array([[0.0], [1.0]]))

    def wide() -> LogisticRegression:
        """Whether a row's numbers come to more than half their count."""
        model = LogisticRegression()
        model.classes_ = numpy.array([0, 1])
        model.coef_ = numpy.ones((1, WIDE_COLUMNS))
        model.intercept_ = numpy.array([-WIDE_COLUMNS / 2])
        model.n_features_in_ = WIDE_COLUMNS
        model.n_iter_ = numpy.array([1])
        return model

    def forest(trees: int) -> ExtraTreesRegressor:
        random = numpy.random.default_rng(7)
        rows = random.random((300, COLUMNS))
        model = ExtraTreesRegressor(trees, max_leaf_nodes=64, random_state=7, n_jobs=1)
        return model.fit(rows, rows.sum(axis=1))

    makers = {
        "identity": identity,
        "wide": wide,
        "small-forest": lambda: forest(SMALL_TREES),
        "forest": lambda: forest(TREES),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, maker in makers.items():
        path = folder / f"{name}.joblib"
        if not path.exists():
            joblib.dump(maker(), folder / "made")
            (folder / "made").rename(path)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
