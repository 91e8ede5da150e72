"""Checks the FAQ of this folder, trains its two rankers, measures them and writes what is served.

Usage:
    python train.py --check           validate the data files only
    python train.py                   train both, write into this folder
    python train.py --out /tmp/faq    train both, write elsewhere
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from sklearn.pipeline import FeatureUnion, Pipeline

from faq_data import Faq, common_openings, known_texts, problems, read_faq, write_table
from pair_model import PairSettings, fit_pairs, score_pairs
from ranking import accuracy
from similarity_model import (
    best_per_answer,
    fit_similarity,
    joined_phrasings,
    score_similarity,
)

HERE = Path(__file__).resolve().parent
SAMPLE = 50
COMPRESSION = ("zlib", 6)


def check(faq: Faq) -> bool:
    """Prints what is in the data and what is wrong with it; returns whether nothing is."""
    sizes = f"{len(faq.questions)} questions, {len(faq.answers)} answers"
    print(f"{sizes}, {len(faq.part('train'))} training and {len(faq.part('test'))} test duplicates")
    openings = ", ".join(f"{words!r} {count}" for words, count in common_openings(faq, 8))
    print(f"most frequent openings: {openings}")
    found = problems(faq)
    for problem in found:
        print(problem, file=sys.stderr)
    return not found


def report(name: str, scores: np.ndarray, truth: np.ndarray) -> None:
    """Prints how well a ranker did on the held-out queries."""
    print(f"{name}: {accuracy(scores, truth)}", flush=True)


def sample_of(held_out: pd.DataFrame) -> pd.DataFrame:
    """Returns evenly spaced rows: the queries whose scores other readers must match."""
    rows = np.linspace(0, len(held_out) - 1, SAMPLE).astype(int)
    return held_out.iloc[rows].reset_index(drop=True)


def write_expected(path: Path, queries: pd.DataFrame, faq: Faq, **kinds: np.ndarray) -> None:
    """Writes a row of scores for each query and kind of score, a column for each question.

    The shortest decimals that read back as the very same doubles.
    """
    tables = []
    for kind, scores in kinds.items():
        table = pd.DataFrame(scores, columns=faq.questions["id"], dtype=object)
        table = table.map(lambda score: repr(float(score)))
        table.insert(0, "score", kind)
        table.insert(0, "id", queries["id"])
        tables.append(table)
    write_table(pd.concat(tables).sort_values("id", kind="stable"), path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    print(f"{path.name}: {path.stat().st_size / 1e3:.0f} kB, sha256 {digest}")


def forget_addresses(model: Pipeline | FeatureUnion) -> None:
    """Drops what would make the file differ from run to run: the addresses of stop word lists.

    scikit-learn keeps them only to remember which lists it has already looked at.
    """
    union = model["features"] if isinstance(model, Pipeline) else model
    for _, part in union.transformer_list:
        vectorizer = part[-1] if isinstance(part, Pipeline) else part
        vars(vectorizer).pop("_stop_words_id", None)


def write_model(model: Pipeline | FeatureUnion, path: Path) -> None:
    """Writes a fitted model, the same bytes each time; prints its size and how long it loads."""
    forget_addresses(model)
    joblib.dump(model, path, compress=COMPRESSION)
    start = time.perf_counter()
    joblib.load(path)
    elapsed = 1e3 * (time.perf_counter() - start)
    print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB, loads in {elapsed:.0f} ms")


def train_pairs(faq: Faq, out: Path) -> None:
    """Trains, measures and writes the pair model."""
    settings = PairSettings()
    start = time.perf_counter()
    model = fit_pairs(faq, known_texts(faq), settings)
    print(f"pairs: {settings.trees} trees, trained in {time.perf_counter() - start:.0f} s")
    held_out, questions = faq.part("test"), faq.questions["text"]
    report("pairs", score_pairs(model, held_out["text"], questions), faq.positions(held_out))
    write_model(model, out / "model.joblib")
    sample = sample_of(held_out)
    probability = score_pairs(model, sample["text"], questions)
    raw = score_pairs(model, sample["text"], questions, raw=True)
    path = out / "expected_scores.tsv"
    write_expected(path, sample, faq, probability=probability, raw=raw)


def compare_candidates(faq: Faq) -> None:
    """Measures the similarity design with several kinds of candidates made of phrasings alone."""
    held_out = faq.part("test")
    truth = faq.positions(held_out)
    asked = pd.concat([faq.questions, faq.part("train")], ignore_index=True)
    kinds = {
        "question only": faq.questions,
        "best of question and duplicates": asked,
        "question and duplicates joined": joined_phrasings(faq, asked),
    }
    for name, candidates in kinds.items():
        model = fit_similarity(candidates["text"])
        scores = score_similarity(model, held_out["text"], candidates["text"])
        report(f"similarity, {name}", best_per_answer(scores, faq.positions(candidates)), truth)


def train_similarity(faq: Faq, out: Path) -> None:
    """Fits, measures and writes the similarity model and its candidates."""
    out.mkdir(parents=True, exist_ok=True)
    compare_candidates(faq)
    candidates = joined_phrasings(faq, known_texts(faq))
    model = fit_similarity(candidates["text"])
    held_out = faq.part("test")
    scores = score_similarity(model, held_out["text"], candidates["text"])
    report("similarity, all texts joined", scores, faq.positions(held_out))
    write_model(model, out / "model.joblib")
    write_table(candidates, out / "phrasings.tsv")
    sample = sample_of(held_out)
    scores = score_similarity(model, sample["text"], candidates["text"])
    write_expected(out / "expected_scores.tsv", sample, faq, similarity=scores)


def main() -> int:
    """Runs the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="validate the data files and stop")
    parser.add_argument(
        "--out", type=Path, default=HERE, help="where to write (default: this folder)"
    )
    options = parser.parse_args()
    faq = read_faq(HERE)
    if not check(faq):
        return 1
    if not options.check:
        options.out.mkdir(parents=True, exist_ok=True)
        train_pairs(faq, options.out)
        train_similarity(faq, options.out / "similarity")
    return 0


if __name__ == "__main__":
    sys.exit(main())
