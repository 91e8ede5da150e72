"""Trains and measures both rankers on banking77: real questions of bank customers, 77 intents.

The data is no part of this repository. It is looked for in faq/banking77 of the folder that the
environment variable SOOTH_MATERIAL names, by default ../shared/material beside the repository;
where it is absent nothing is done. Nothing is written unless --out names a folder.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer

from faq_data import Faq, known_texts, write_table
from pair_model import PairSettings, fit_pairs, score_pairs
from train import compare_candidates, report, write_model

REPOSITORY = Path(__file__).resolve().parents[2]
# Eight times the texts of the FAQ of this folder: fewer non-matches for each and sampled columns
# keep the fit within minutes.
SETTINGS = PairSettings(
    learning_rate=0.2, min_child_samples=20, columns_per_tree=0.3, pairs_per_text=10
)


def source() -> Path:
    """Returns where the data is expected."""
    material = os.environ.get("SOOTH_MATERIAL", str(REPOSITORY.parent / "shared" / "material"))
    return Path(material) / "faq" / "banking77"


def canonical(texts: pd.Series, intents: pd.Series) -> list[int]:
    """Returns for each intent, in order of name, the row of its most typical text.

    That is the text closest to the middle (the centroid of the tf-idf vectors) of its intent; of
    equally close ones the first.
    """
    vectors = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True).fit_transform(texts)
    chosen = []
    for intent in sorted(intents.unique()):
        rows = np.flatnonzero(intents == intent)
        centroid = np.asarray(vectors[rows].mean(axis=0)).ravel()
        chosen.append(int(rows[np.argmax(vectors[rows] @ centroid)]))
    return chosen


def read_banking77(folder: Path) -> Faq:
    """Makes an FAQ of the data: a question for each intent, and no answers."""
    train, test = pd.read_csv(folder / "train.csv"), pd.read_csv(folder / "test.csv")
    names = {name: 5001 + i for i, name in enumerate(sorted(train["category"].unique()))}
    rows = pd.concat([train.assign(split="train"), test.assign(split="test")], ignore_index=True)
    rows["text"] = rows["text"].str.split().str.join(" ")
    rows["answer_id"] = rows["category"].map(names)
    rows["id"] = 10001 + np.arange(len(rows))
    chosen = canonical(rows["text"][: len(train)], train["category"])
    questions = rows.loc[chosen, ["id", "answer_id", "text"]].reset_index(drop=True)
    duplicates = rows.drop(index=chosen)[["id", "answer_id", "text", "split"]].reset_index(
        drop=True
    )
    return Faq(questions, pd.DataFrame(columns=["answer_id", "text"]), duplicates)


def main() -> int:
    """Runs the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--out", type=Path, help="where to write the model and its questions (default: nowhere)"
    )
    options = parser.parse_args()
    if not (source() / "train.csv").is_file():
        print(
            f"skipped: no train.csv in {source()}; SOOTH_MATERIAL names the folder of the material"
        )
        return 0
    faq = read_banking77(source())
    known, held_out = known_texts(faq), faq.part("test")
    print(f"{len(faq.questions)} questions, {len(known)} texts to learn, {len(held_out)} held out")
    compare_candidates(faq)
    start = time.perf_counter()
    model = fit_pairs(faq, known, SETTINGS)
    print(f"pairs: {SETTINGS.trees} trees, trained in {time.perf_counter() - start:.0f} s")
    scores = score_pairs(model, held_out["text"], faq.questions["text"])
    report("pairs", scores, faq.positions(held_out))
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        write_model(model, options.out / "model.joblib")
        write_table(faq.questions, options.out / "questions.tsv")
    return 0


if __name__ == "__main__":
    sys.exit(main())
