"""Reads an FAQ, checks that it is fit to train on, and gathers the texts that the models learn."""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

MIN_QUESTIONS = 120
MIN_DUPLICATES = 8
# More entries than this that open alike would mean that the texts were filled into a template.
MAX_SAME_OPENING = 12
OPENING_WORDS = 4


@dataclass(frozen=True)
class Faq:
    """Questions (the candidates), their answers, and duplicates: other ways to ask the same.

    `questions` has the columns id, answer_id, text; `answers` has answer_id, text and may be empty;
    `duplicates` has id, answer_id, text and split, which is "train" or "test".
    """

    questions: pd.DataFrame
    answers: pd.DataFrame
    duplicates: pd.DataFrame

    def part(self, split: str) -> pd.DataFrame:
        """Returns the duplicates of one split."""
        return self.duplicates[self.duplicates["split"] == split].reset_index(drop=True)

    def positions(self, rows: pd.DataFrame) -> np.ndarray:
        """Returns, for each row, the position of the question that has the row's answer."""
        position = {answer: i for i, answer in enumerate(self.questions["answer_id"])}
        return rows["answer_id"].map(position).to_numpy()


def read_table(path: Path) -> pd.DataFrame:
    """Reads tab-separated UTF-8 with a header; neither quotes nor words like NA have a meaning."""
    return pd.read_csv(
        path, sep="\t", encoding="utf-8", quoting=csv.QUOTE_NONE, keep_default_na=False
    )


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Writes what read_table() reads."""
    rows = [table.columns, *table.itertuples(index=False)]
    path.write_text(
        "".join("\t".join(map(str, row)) + "\n" for row in rows), encoding="utf-8", newline="\n"
    )


def read_faq(folder: Path) -> Faq:
    """Reads the three tables of this folder."""
    return Faq(
        questions=read_table(folder / "questions.tsv"),
        answers=read_table(folder / "data" / "answers.tsv"),
        duplicates=read_table(folder / "data" / "duplicates.tsv"),
    )


def known_texts(faq: Faq) -> pd.DataFrame:
    """Returns what may be learned about each answer: its question, itself, its duplicates."""
    tables = [faq.questions, faq.answers, faq.part("train")]
    return pd.concat([table[["answer_id", "text"]] for table in tables], ignore_index=True)


def opening(text: str) -> str:
    """Returns the first words of a text, in lower case and without punctuation."""
    return " ".join(re.findall(r"[\w']+", text.lower())[:OPENING_WORDS])


def common_openings(faq: Faq, count: int) -> list[tuple[str, int]]:
    """Returns the most frequent openings of questions and duplicates."""
    texts = [*faq.questions["text"], *faq.duplicates["text"]]
    return Counter(opening(text) for text in texts).most_common(count)


def problems(faq: Faq) -> list[str]:
    """Returns what makes the data unfit; nothing if it is fit."""
    return [*_table_problems(faq), *_text_problems(faq)]


def _table_problems(faq: Faq) -> list[str]:
    """Checks counts, ids and how the tables refer to each other."""
    found = []
    if len(faq.questions) < MIN_QUESTIONS:
        found.append(f"questions: expected at least {MIN_QUESTIONS}, got {len(faq.questions)}")
    ids = pd.concat([faq.questions["id"], faq.answers["answer_id"], faq.duplicates["id"]])
    found += [f"id {i}: expected once, got again" for i in ids[ids.duplicated()].unique()]
    asked = set(faq.questions["answer_id"])
    if asked != set(faq.answers["answer_id"]) or asked != set(faq.duplicates["answer_id"]):
        found.append("answer_id: expected the same set in questions, answers and duplicates")
    if len(asked) != len(faq.questions):
        found.append("questions: expected one question per answer")
    counts = faq.duplicates.groupby("answer_id").size()
    few = counts[counts < MIN_DUPLICATES]
    found += [
        f"answer {i}: expected at least {MIN_DUPLICATES} duplicates, got {n}"
        for i, n in few.items()
    ]
    held_out = faq.part("test").groupby("answer_id").size()
    found += [
        f"answer {i}: expected test duplicates, got none" for i in asked - set(held_out.index)
    ]
    if set(faq.duplicates["split"]) != {"train", "test"}:
        found.append('duplicates: expected a split of "train" and "test"')
    return found


def _text_problems(faq: Faq) -> list[str]:
    """Checks the texts themselves: none empty, none twice, no template."""
    texts = pd.concat([faq.questions["text"], faq.duplicates["text"]], ignore_index=True)
    everything = pd.concat([texts, faq.answers["text"]], ignore_index=True)
    found = [
        f"text {text!r}: expected no blank at an end"
        for text in everything
        if text != text.strip() or not text
    ]
    plain = texts.map(lambda text: " ".join(re.findall(r"\w+", text.lower())) or text)
    found += [f"text {text!r}: expected once, got again" for text in texts[plain.duplicated()]]
    found += [
        f"opening {words!r}: expected at most {MAX_SAME_OPENING} texts, got {count}"
        for words, count in common_openings(faq, 1)
        if count > MAX_SAME_OPENING
    ]
    return found
