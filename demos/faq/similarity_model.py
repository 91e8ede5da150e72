"""The other design: tf-idf vectors of query and candidate, compared by their cosine.

Word weights find the topic; weights of short character sequences forgive misspellings and join
`fetch`, `fetching` and `fetch()`. Nothing is learned but which terms are rare.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion
from sklearn.preprocessing import normalize

from faq_data import Faq

WEIGHTS = {"word": 1.0, "char": 1.5}
# Terms in more than this share of the candidates say nothing about which one is meant.
TOO_COMMON = 0.5


def joined_phrasings(faq: Faq, known: pd.DataFrame) -> pd.DataFrame:
    """Returns a candidate for each answer, under its question's id: all its texts joined."""
    joined = known.groupby("answer_id")["text"].agg(" ".join)
    return faq.questions[["id", "answer_id"]].assign(text=faq.questions["answer_id"].map(joined))


def fit_similarity(candidates: pd.Series) -> FeatureUnion:
    """Learns vocabularies and term weights from the candidates."""
    word = TfidfVectorizer(sublinear_tf=True, max_df=TOO_COMMON)
    char = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, max_df=TOO_COMMON
    )
    return FeatureUnion([("word", word), ("char", char)], transformer_weights=WEIGHTS).fit(
        candidates
    )


def score_similarity(model: FeatureUnion, queries: pd.Series, candidates: pd.Series) -> np.ndarray:
    """Returns a row of cosines from 0 to 1 for each query, a column for each candidate.

    A text without any known term is like nothing: its cosines are 0.
    """
    product = normalize(model.transform(queries)) @ normalize(model.transform(candidates)).T
    return product.toarray()


def best_per_answer(scores: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """Returns a column for each answer: the best of the columns that `owner` says are its own."""
    return np.stack(
        [scores[:, owner == answer].max(axis=1) for answer in range(owner.max() + 1)], axis=1
    )
