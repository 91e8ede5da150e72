"""The reference design: boosted trees that score a pair of texts, query and candidate question.

The trees see the tf-idf weights of both texts side by side (`Text_x` the query, `Text_y` the
candidate) and nothing that compares the two; which words go together is all learned from pairs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline

from faq_data import Faq
from item_selector import ItemSelector

SEED = 20240229
QUERY, CANDIDATE = "Text_x", "Text_y"


@dataclass(frozen=True)
class PairSettings:
    """What may differ between data sets; the rest is the reference application's."""

    trees: int = 1000
    leaves: int = 31
    learning_rate: float = 0.1
    min_child_samples: int = 5
    columns_per_tree: float = 1.0
    pairs_per_text: int = 20


def make_pairs(
    faq: Faq, known: pd.DataFrame, pairs_per_text: int
) -> tuple[pd.DataFrame, np.ndarray]:
    """Pairs each known text with its own question and with some random other questions.

    Returns the pairs and their labels, 1 for a match.
    """
    random = np.random.RandomState(SEED)
    questions = faq.questions["text"].to_numpy()
    queries, candidates, labels = [], [], []
    for text, own in zip(known["text"], faq.positions(known), strict=True):
        others = random.permutation(np.delete(np.arange(len(questions)), own))[: pairs_per_text - 1]
        queries += [text] * (1 + len(others))
        candidates += [questions[own], *questions[others]]
        labels += [1] + [0] * len(others)
    return pd.DataFrame({QUERY: queries, CANDIDATE: candidates}), np.array(labels)


def pair_pipeline(settings: PairSettings) -> Pipeline:
    """Returns the unfitted pipeline; one thread and fixed seeds make its fit repeatable."""
    halves = [
        (column, make_pipeline(ItemSelector(column), TfidfVectorizer()))
        for column in (QUERY, CANDIDATE)
    ]
    trees = LGBMClassifier(
        n_estimators=settings.trees,
        num_leaves=settings.leaves,
        learning_rate=settings.learning_rate,
        min_child_samples=settings.min_child_samples,
        colsample_bytree=settings.columns_per_tree,
        random_state=SEED,
        deterministic=True,
        force_row_wise=True,
        n_jobs=1,
        verbose=-1,
    )
    return Pipeline([("features", FeatureUnion(halves)), ("model", trees)])


def fit_pairs(faq: Faq, known: pd.DataFrame, settings: PairSettings) -> Pipeline:
    """Trains on pairs of the known texts; matches and non-matches weigh the same in total."""
    pairs, labels = make_pairs(faq, known, settings.pairs_per_text)
    weights = len(labels) / (2 * np.bincount(labels))[labels]
    return pair_pipeline(settings).fit(pairs, labels, model__sample_weight=weights)


def score_pairs(
    model: Pipeline, queries: pd.Series, candidates: pd.Series, *, raw: bool = False
) -> np.ndarray:
    """Returns a row of match probabilities for each query, a column for each candidate.

    With `raw`, the sums of the trees' leaves before the sigmoid.
    """
    pairs = pd.DataFrame(
        {
            QUERY: np.repeat(queries.to_numpy(), len(candidates)),
            CANDIDATE: np.tile(candidates.to_numpy(), len(queries)),
        }
    )
    scores = model.predict_proba(pairs, raw_score=True) if raw else model.predict_proba(pairs)[:, 1]
    return scores.reshape(len(queries), len(candidates))
