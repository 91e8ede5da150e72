"""Asks Sooth, by `sooth predict` or by the probe, and holds its answers against the libraries'."""

import array
import csv
import json
import math
import os
import subprocess
import tempfile
import threading
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Optional

# Of max(|reference|, the largest of its column): what sums in another order may cost.
TOLERANCE = 1e-12


@dataclass
class Tally:
    """What was compared, by family."""

    cases: int = 0
    values: int = 0
    refused: int = 0
    worst: Dict[str, float] = field(default_factory=dict)
    failures: List[str] = field(default_factory=list)

    def differ(self, family: str, error: float) -> None:
        self.worst[family] = max(self.worst.get(family, 0.0), error)

    def add(self, other: "Tally") -> None:
        self.cases += other.cases
        self.values += other.values
        self.refused += other.refused
        self.failures += other.failures
        for family, error in other.worst.items():
            self.differ(family, error)

    def report(self) -> None:
        for failure in self.failures:
            print("FAILED " + failure)
        for family in sorted(self.worst):
            print("  %-28s largest relative difference %.3g" % (family, self.worst[family]))
        print(
            "  %d models, %d values, %d expected refusals, %d failures"
            % (self.cases, self.values, self.refused, len(self.failures))
        )


@dataclass
class Answer:
    rows: List[List[str]]
    error: str = ""
    names: Optional[List[str]] = None  # Of the columns.


def predict(sooth: str, model: str, rows: str, method: str, python: Optional[str] = None) -> Answer:
    with tempfile.TemporaryDirectory() as folder:
        output = os.path.join(folder, "answer.csv")
        command = [sooth, "predict", model, "--input", rows, "--output", output, "--method", method]
        if python:
            command += ["--python", python]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
        if done.returncode != 0:
            error = done.stderr.decode("utf-8", "replace").strip()
            return Answer([], error or "exit status %d" % done.returncode)
        with open(output, encoding="utf-8", newline="") as table:
            # A row of one empty cell is an empty line.
            lines = list(csv.reader(table))
        if not lines[0]:  # No column at all.
            return Answer(lines[1:], names=[])
        return Answer([line if line else [""] for line in lines[1:]], names=lines[0])


class Asker:
    """Who is asked: most questions go to a probe that stays, the first and each tenth to a `sooth predict`
    of its own, which reads and writes them as people see them."""

    def __init__(self, sooth: str, probe: str) -> None:
        self.sooth = sooth
        self.probe = probe
        self.local = threading.local()

    def of(self, place: int) -> "Ask":
        return self.by_program if place % 10 == 0 else self.by_probe

    def by_program(self, model: str, rows: str, method: str, python: Optional[str]) -> Answer:
        return predict(self.sooth, model, rows, method, python)

    def by_probe(self, model: str, rows: str, method: str, python: Optional[str]) -> Answer:
        process = getattr(self.local, "process", None)
        if process is None or process.poll() is not None:
            process = subprocess.Popen([self.probe], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            self.local.process = process
        with tempfile.TemporaryDirectory() as folder:
            numbers = os.path.join(folder, "answer.f64")
            process.stdin.write(("\t".join([model, rows, method, python or "", numbers]) + "\n").encode())
            process.stdin.flush()
            line = process.stdout.readline()
            if not line:
                return Answer([], "the probe ended with status %d" % process.wait())
            said = json.loads(line.decode("utf-8"))
            if "refused" in said:
                return Answer([], said["refused"])
            return Answer(rows_of(said, numbers), names=said["columns"])


Ask = Callable[[str, str, str, Optional[str]], Answer]


def rows_of(said: Dict[str, Any], path: str) -> List[List[Any]]:
    """The probe's numbers, or the labels that they are the indices of, row by row."""
    numbers = array.array("d")
    with open(path, "rb") as file:
        numbers.frombytes(file.read())
    width, classes = len(said["columns"]), said.get("classes", [])
    table: List[List[Any]] = []
    for at in range(said["rows"]):
        row = numbers[at * width : (at + 1) * width].tolist()
        table.append([classes[k][int(i)] for k, i in enumerate(row)] if classes else row)
    return table


def number(cell: Any) -> float:
    if isinstance(cell, float):
        return cell
    return float(cell) if cell else math.nan


def difference(expected: List[Any], got: List[Any]) -> float:
    """The largest relative difference of two columns; infinite where they are not comparable."""
    if expected and isinstance(expected[0], str):
        return 0.0 if expected == got else math.inf
    scale = max((abs(value) for value in expected if math.isfinite(value)), default=0.0)
    worst = 0.0
    for value, text in zip(expected, got):
        try:
            mine = number(text)
        except ValueError:
            return math.inf
        if mine == value or (math.isnan(mine) and math.isnan(value)):
            continue
        error = abs(mine - value)
        worst = max(worst, error / max(abs(value), scale) if math.isfinite(error) else math.inf)
    return worst


def compare(expected: List[List[Any]], got: List[List[Any]]) -> Any:
    """The largest relative difference, or a sentence about what cannot be compared."""
    if len(expected) != len(got):
        return "expected %d rows, got %d" % (len(expected), len(got))
    if expected and len(expected[0]) != len(got[0]):
        return "expected %d columns, got %d" % (len(expected[0]), len(got[0]))
    return max((difference(list(a), list(b)) for a, b in zip(zip(*expected), zip(*got))), default=0.0)


def check(ask: Ask, family: str, folder: str, python: Optional[str]) -> Tally:
    """One case: a folder with model.joblib, rows.jsonl and expected.json."""
    tally = Tally()
    name = "%s/%s" % (family, os.path.basename(folder))
    with open(os.path.join(folder, "expected.json"), encoding="utf-8") as file:
        case = json.load(file)
    model, rows = os.path.join(folder, "model.joblib"), os.path.join(folder, "rows.jsonl")
    tally.cases += 1
    for method, expected in case["answers"].items():
        answer = ask(model, rows, method, python)
        if case["refused"]:
            tally.refused += 1
            if case["refused"] not in answer.error:
                tally.failures.append(
                    "%s %s: expected a refusal with %r, got %r"
                    % (name, method, case["refused"], answer.error or "answers")
                )
            continue
        if answer.error:
            tally.failures.append("%s %s: %s" % (name, method, answer.error))
            continue
        names = case.get("names") if method == "transform" else None
        if names is not None and names != answer.names:
            tally.failures.append("%s: expected columns %s, got %s" % (name, names[:8], (answer.names or [])[:8]))
            continue
        outcome = compare(expected, answer.rows)
        if isinstance(outcome, str):
            tally.failures.append("%s %s: %s" % (name, method, outcome))
            continue
        tally.values += sum(len(row) for row in expected)
        tally.differ(family, outcome)
        if outcome > (0.0 if case["exact"] else TOLERANCE):
            tally.failures.append(
                "%s %s: expected the same %s, got a difference of %g"
                % (name, method, "bits" if case["exact"] else "within 1e-12", outcome)
            )
    return tally
