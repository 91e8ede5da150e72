"""The first step of each half of the pair pipeline: one column of a data frame."""

from __future__ import annotations

import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin


class ItemSelector(BaseEstimator, TransformerMixin):
    """Selects the column named `key`; it learns nothing.

    A pickled pipeline refers to this class as `item_selector.ItemSelector`, so the module must be
    importable under that name wherever the pipeline is loaded in Python.
    """

    def __init__(self, key: str) -> None:
        self.key = key

    def fit(self, X: pd.DataFrame, y: object = None) -> ItemSelector:
        return self

    def transform(self, X: pd.DataFrame) -> pd.Series:
        return X[self.key]
