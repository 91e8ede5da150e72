"""Two ways to score the FAQ in Python: as the reference application does, and with care."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from sklearn.pipeline import Pipeline

Answer = list[tuple[int, int, float]]
Scoring = Callable[[str], Answer]


def load_pipeline(folder: Path) -> Pipeline:
    """The pipeline; the class it was pickled with is the demo's."""
    sys.path.insert(0, os.environ["FAQ_DEMO"])
    pipeline = joblib.load(folder / "model.joblib")
    pipeline.named_steps["model"].set_params(n_jobs=1)
    return pipeline


def load_candidates(folder: Path) -> pd.DataFrame:
    """The rows of questions.tsv."""
    return pd.read_csv(folder / "questions.tsv", sep="\t", quoting=3, keep_default_na=False)


def as_reference(folder: Path) -> Scoring:
    """The reference application's way: a frame of all pairs through the whole pipeline, sorted."""
    pipeline, candidates = load_pipeline(folder), load_candidates(folder)
    candidates = candidates.rename(columns={"text": "Text_y"})

    def score(query: str) -> Answer:
        pairs = candidates.copy()
        pairs["Text_x"] = query
        pairs["score"] = pipeline.predict_proba(pairs[["Text_x", "Text_y"]])[:, 1]
        pairs = pairs.sort_values("score", ascending=False, kind="stable")
        columns = (pairs[name].tolist() for name in ("id", "answer_id", "score"))
        return list(zip(*columns, strict=True))

    return score


def with_care(folder: Path) -> Scoring:
    """What a careful Python programmer writes: the candidates' vectors are kept, the query is
    transformed once, the rows are joined by hand, and only the trees are asked."""
    pipeline, candidates = load_pipeline(folder), load_candidates(folder)
    union, model = pipeline.named_steps["features"], pipeline.named_steps["model"]
    (query_name, query_half), (_, candidate_half) = union.transformer_list
    assert query_name == "Text_x"
    vectorizer, booster = query_half.steps[-1][1], model.booster_
    known = candidate_half.steps[-1][1].transform(candidates["text"]).tocsr()
    ids, answer_ids = candidates["id"].tolist(), candidates["answer_id"].tolist()
    rows, shift = known.shape[0], len(vectorizer.vocabulary_)
    width = shift + known.shape[1]
    lengths = np.diff(known.indptr)

    def score(query: str) -> Answer:
        vector = vectorizer.transform([query])
        size = vector.nnz
        indptr = (known.indptr + size * np.arange(rows + 1)).astype(np.int32)
        indices, data = np.empty(indptr[-1], np.int32), np.empty(indptr[-1])
        place = (indptr[:-1, None] + np.arange(size)).ravel()
        indices[place], data[place] = np.tile(vector.indices, rows), np.tile(vector.data, rows)
        place = np.arange(known.nnz) + np.repeat(size * np.arange(1, rows + 1), lengths)
        indices[place], data[place] = known.indices + shift, known.data
        pairs = csr_matrix((data, indices, indptr), shape=(rows, width))
        scores = booster.predict(pairs, num_threads=1)
        order = np.argsort(-scores, kind="stable")
        return [(ids[i], answer_ids[i], float(scores[i])) for i in order]

    return score


WAYS: dict[str, Callable[[Path], Scoring]] = {"reference": as_reference, "careful": with_care}


def from_environment() -> Scoring:
    """For servers, which have no arguments of their own."""
    return WAYS[os.environ["FAQ_WAY"]](Path(os.environ["FAQ_FOLDER"]))
