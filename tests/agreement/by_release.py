"""Pipelines that others fitted and pickled with eight releases, with what they answered."""

import csv
import os
from typing import Any, Dict, List

from compare import TOLERANCE, Tally, compare, predict

DATA = ("AuditNA", "Audit", "Auto", "Housing", "Iris", "Sentiment", "Versicolor", "Wheat")
# What a refusal may name: estimators and functions that are really not run.
OUTSIDE = (
    "this class is not one that can be run",
    '"tokenizer": expected None, got a sklearn2pmml.feature_extraction.text.',
)


def read(path: str) -> List[Dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def value_of(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text


def check_model(sooth: str, folder: str, name: str, release: str, tally: Tally) -> None:
    data = next(each for each in DATA if name.endswith(each))
    rows = os.path.join(folder, "csv", data + ".csv")
    expected = read(os.path.join(folder, "csv", name + ".csv"))
    model = os.path.join(folder, "pkl", name + ".pkl")
    # How a label is written says nothing: these files write 0.0 for the class 0.
    probabilities = [column for column in expected[0] if column.startswith("probability(")]
    asked = {"predict": [list(expected[0])[0]]}
    if probabilities:
        asked["predict_proba"] = probabilities
    tally.cases += 1
    for method, columns in asked.items():
        answer = predict(sooth, model, rows, method)
        label = "by_release/%s/%s %s" % (release, name, method)
        if answer.error:
            if any(reason in answer.error for reason in OUTSIDE):
                tally.refused += 1
            else:
                tally.failures.append("%s: %s" % (label, answer.error))
            return
        table = [[value_of(row[column]) for column in columns] for row in expected]
        got = answer.rows
        if method == "predict":
            got = [[repr(value_of(cell)) for cell in row] for row in got]
            table = [[repr(value) for value in row] for row in table]
            if not probabilities:
                got, table = answer.rows, [[float(row[columns[0]])] for row in expected]
        outcome = compare(table, got)
        if isinstance(outcome, str) or outcome > TOLERANCE:
            tally.failures.append("%s: a difference of %s" % (label, outcome))
            continue
        tally.values += sum(len(row) for row in table)
        tally.differ("by_release " + release, outcome)


def check_by_release(sooth: str, material: str) -> List[Tally]:
    root = os.path.join(material, "sklearn", "by_release")
    if not os.path.isdir(root):
        print("models of eight releases: skipped, %s is absent" % root)
        return []
    tally = Tally()
    for release in sorted(os.listdir(root)):
        folder = os.path.join(root, release)
        for file in sorted(os.listdir(os.path.join(folder, "pkl"))):
            check_model(sooth, folder, file[: -len(".pkl")], release, tally)
    print("models of eight releases")
    tally.report()
    return [tally]
