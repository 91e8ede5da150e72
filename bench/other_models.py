"""One row of a forest, of a logistic regression on columns, and of one on text."""

from __future__ import annotations

import json
import random
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from rounds import ratios, take_turns, timed, typical
from sooth import ScoreBench

INPUTS = 20
ROUNDS = 15
NAMES = [f"num{i}" for i in range(30)]


@dataclass(frozen=True)
class Case:
    """A fitted model, its inputs as Sooth reads them, and one scoring in Python."""

    name: str
    what: str  # "score": the row in hand; "json": bytes to bytes
    model: object
    lines: list[str]
    score: Callable[[int], object]
    proba: Callable[[int], np.ndarray]


def training_rows(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows of 30 numbers and two classes that depend on some of them."""
    dice = np.random.default_rng(3)
    rows = dice.standard_normal((count, 30))
    noise = 0.5 * dice.standard_normal(count)
    return rows, rows[:, 0] + 0.7 * rows[:, 1] * rows[:, 2] - rows[:, 3] + noise > 0


def forest_case() -> Case:
    """100 trees of unlimited depth."""
    rows, labels = training_rows(20_000)
    model = RandomForestClassifier(100, random_state=0).fit(rows, labels.astype(int))
    asked = np.random.default_rng(4).standard_normal((INPUTS, 30))
    lines = [json.dumps(row.tolist()) for row in asked]
    score = lambda i: model.predict_proba(asked[i : i + 1])[0]  # noqa: E731
    return Case("forest", "score", model, lines, score, score)


def columns_case() -> Case:
    """30 numbers, imputed and scaled, and a category; JSON in, JSON out."""
    rows, labels = training_rows(20_000)
    dice = np.random.default_rng(5)
    frame = pd.DataFrame(rows, columns=NAMES).mask(dice.random(rows.shape) < 0.03)
    frame["cat"] = dice.choice(["red", "green", "blue", "black", "white"], len(rows))
    numeric = make_pipeline(SimpleImputer(), StandardScaler())
    encoder = OneHotEncoder(handle_unknown="ignore")
    columns = ColumnTransformer([("num", numeric, NAMES), ("cat", encoder, ["cat"])])
    model = make_pipeline(columns, LogisticRegression(max_iter=500)).fit(frame, labels.astype(int))
    lines = frame.head(INPUTS).round(6).to_json(orient="records", lines=True).splitlines()
    bodies = [line.encode() for line in lines]

    def proba(i: int) -> np.ndarray:
        asked = pd.DataFrame([json.loads(bodies[i])])
        asked[NAMES] = asked[NAMES].astype(float)
        return model.predict_proba(asked)[0]

    def score(i: int) -> bytes:
        asked = pd.DataFrame([json.loads(bodies[i])])
        return json.dumps(model.predict_proba(asked).tolist()).encode()

    return Case("columns", "json", model, lines, score, proba)


def text_case() -> Case:
    """1000 classes; pseudo-words, 75 a text. The coefficients stop after two iterations: scoring
    costs the same."""
    dice = random.Random(6)
    syllables = [a + b for a in "bcdfghjklmnprstvwz" for b in "aeiou"]
    words = list(dict.fromkeys("".join(dice.choices(syllables, k=3)) for _ in range(22_000)))
    weights = [1 / (rank + 1) for rank in range(len(words))]
    texts, classes = [], []
    for label in range(1000):
        topic = [words[(17 * label + 31 * i) % len(words)] for i in range(40)]
        for _ in range(5):
            drawn = dice.choices(words, weights, k=50) + dice.choices(topic, k=25)
            texts.append(" ".join(drawn))
            classes.append(label)
    regression = LogisticRegression(C=1000, max_iter=2)
    model = Pipeline([("tfidf", TfidfVectorizer()), ("model", regression)]).fit(texts, classes)
    asked = dice.sample(texts, INPUTS)
    score = lambda i: model.predict_proba([asked[i]])[0]  # noqa: E731
    return Case("text", "score", model, [json.dumps([text]) for text in asked], score, score)


def largest_difference(case: Case, bench: ScoreBench) -> float:
    """Relative, over all probabilities of all inputs."""
    worst = 0.0
    for i, answer in enumerate(bench.answers(INPUTS)):
        theirs, ours = case.proba(i), np.array([value for _, value in answer])
        worst = max(worst, float(np.max(np.abs(ours - theirs) / np.maximum(theirs, 1e-300))))
    if worst > 1e-9:
        raise SystemExit(f"{case.name}: probabilities differ by {worst:.1e}")
    return worst


def measure(program: Path, work: Path) -> dict[str, object]:
    """All three."""
    results: dict[str, object] = {}
    for make in (forest_case, columns_case, text_case):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of convergence
            case = make()
        path, inputs = work / f"{case.name}.joblib", work / f"{case.name}.jsonl"
        joblib.dump(case.model, path)
        inputs.write_text("".join(line + "\n" for line in case.lines), "utf-8")
        results[case.name] = measure_case(case, program, path, inputs)
    return results


def measure_case(case: Case, program: Path, path: Path, inputs: Path) -> dict[str, object]:
    with ScoreBench(program, path, inputs) as bench:
        difference = largest_difference(case, bench)
        repeats = bench.repeats_for(case.what, INPUTS, 0.1)
        contenders = {
            "sooth": lambda: bench.time(case.what, repeats, INPUTS),
            "sklearn": lambda: timed(lambda: [case.score(i) for i in range(INPUTS)], INPUTS),
        }
        costs = take_turns(contenders, ROUNDS)
    return {
        "rounds": ROUNDS,
        "difference": difference,
        "costs": {name: asdict(typical(c)) for name, c in costs.items()},
        "ratios": {k: asdict(s) for k, s in ratios(costs["sklearn"], costs["sooth"]).items()},
    }
