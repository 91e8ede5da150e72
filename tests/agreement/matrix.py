"""The agreement matrix: estimator by release, and docs/reference/scikit-learn.md that shows it."""

import json
import math
import os
import re
import subprocess
import tempfile
from dataclasses import dataclass, field
from typing import Any, Dict, Iterator, List, Optional

import material
import wild
from environment import HERE, LIVE, Environment
from fixtures import ARCHIVES, unpack

DOCUMENT = os.path.normpath(os.path.join(HERE, "..", "..", "docs", "reference", "scikit-learn.md"))
HEAD = """# Agreement with scikit-learn

Written by `make agreement`; what it holds is compared with a run by every `make test`.

The same fitted model asked by its library, with `n_jobs=1` and one thread, and by Sooth: every public
method that answers rows. A cell is the largest error of all values of all methods, relative to the larger
of the value and its column's largest, and rounded up; `0` is the same bits in every value. At most 1e-9
is allowed, 1e-12 where no sum is involved whose order BLAS chooses, and nothing for trees and counts.
A number in brackets is a reason below, by which the model, or the methods named, are refused. An empty
cell: the release has no such estimator or option. Rows that a rounding or a tie upstream decides are
counted apart, as `+2 flips`, each shown to be one as scikit-learn-properties.md says.
"""


@dataclass
class Cell:
    error: Optional[float] = None  # Of what agrees.
    notes: List[str] = field(default_factory=list)  # What is refused, and why.
    wrong: List[str] = field(default_factory=list)  # What disagrees.
    apart: List[str] = field(default_factory=list)  # Answered, and the reference is of something else.
    values: int = 0
    flips: int = 0

    def state(self) -> str:
        """What has to be the same from run to run."""
        if self.wrong:
            return "wrong"
        if self.error is not None:
            return "agrees"
        return "refused" if self.notes else "apart" if self.apart else "absent"


Column = Dict[str, Cell]


def cell_of(entry: Dict[str, Any]) -> Cell:
    cell = Cell()
    for outcome in entry.get("outcomes", []):
        label = "`%s`: " % outcome["method"] if outcome["method"] else ""
        if "wrong" in outcome:
            cell.wrong.append(label + outcome["wrong"])
        elif "refused" in outcome and "upstream" not in outcome:
            # The rows lie in another folder each time.
            cell.notes.append(label + re.sub(r"\S+/(rows\.\w+)", r"\1", outcome["refused"]))
        elif "refused" not in outcome and "upstream" not in outcome:
            cell.error = max(cell.error or 0.0, outcome["error"])
            cell.values += outcome.get("values", 0)
            cell.flips += outcome.get("flips", 0)
    return cell


def ask(probe: str, environment: Environment, *what: str) -> Column:
    script = os.path.join(HERE, "live", "run.py")
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out.jsonl")
        command = [environment.python, "-B", "-W", "ignore", script, probe, out, *what]
        # Early LightGBM and CatBoost print while they train.
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=1500)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.decode("utf-8", "replace")[-4000:])
        with open(out, encoding="utf-8") as file:
            entries = [json.loads(line) for line in file]
    for entry in entries:
        if "unfit" in entry and "unexpected keyword" not in entry["unfit"]:
            print("  %s cannot be fitted: %s" % (entry["name"], entry["unfit"]))
    return {entry["name"]: cell_of(entry) for entry in entries}


def live_column(probe: str, environment: Environment) -> Column:
    return ask(probe, environment, "gallery")


def fixture_column(probe: str, environment: Environment, reference: str) -> Optional[Column]:
    if environment.release not in ARCHIVES:
        return None
    path = os.path.join(reference, "sklearn_fixtures", ARCHIVES[environment.release][0])
    if not os.path.exists(path):
        print("fixtures of %s: skipped, %s is absent" % (environment.release, path))
        return None
    with tempfile.TemporaryDirectory() as folder:
        return ask(probe, environment, "pickles", unpack(path, folder))


def material_columns(outcomes: List[material.Outcome]) -> Dict[str, Column]:
    """Files that others fitted, with what they wrote that they answered: a column for each group."""
    columns: Dict[str, Column] = {}
    for outcome in outcomes:
        cell = columns.setdefault(outcome.model.group, {}).setdefault(outcome.model.name, Cell())
        if outcome.status == "refused":
            cell.notes.append(outcome.reason)
        elif outcome.status == "differs":
            cell.wrong.append("`%s`: by %.3g, %s" % (outcome.method, outcome.error, outcome.reason))
        elif outcome.status == "apart":
            cell.apart.append(outcome.reason)
        else:
            cell.error = max(cell.error or 0.0, outcome.error)
            cell.values += outcome.values
    return columns


def material_table(columns: Dict[str, Column], notes: "Notes") -> Iterator[str]:
    """A line for each group, and one for each file that does not simply agree."""
    yield "| files | agree | largest error | refused | apart | differ |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for group, column in columns.items():
        cells = list(column.values())
        states = [cell.state() for cell in cells]
        worst = max((cell.error for cell in cells if cell.error is not None), default=0.0)
        counts = (states.count("refused"), states.count("apart"), states.count("wrong"))
        yield "| %s | %d | %s | %d | %d | %d |" % ((group, states.count("agrees"), rounded_up(worst)) + counts)
    yield ""
    for group, column in columns.items():
        for name, cell in column.items():
            if cell.state() != "agrees":
                yield "- %s/%s: %s" % (group, name, notes.cell(cell))


def rounded_up(error: float) -> str:
    if error == 0:
        return "0"
    exponent = math.floor(math.log10(error))
    digit = math.ceil(error / 10.0**exponent - 1e-9)
    return "%de%d" % (digit, exponent) if digit < 10 else "1e%d" % (exponent + 1)


class Notes:
    """Reasons, numbered in the order in which they come."""

    def __init__(self) -> None:
        self.texts: List[str] = []

    def number(self, text: str) -> int:
        if text not in self.texts:
            self.texts.append(text)
        return self.texts.index(text) + 1

    def cell(self, cell: Optional[Cell]) -> str:
        if cell is None:
            return ""
        words = []
        if cell.error is not None:
            words.append(rounded_up(cell.error))
        if cell.flips:
            words.append("+%d flips" % cell.flips)
        words += ["[%d]" % self.number(note) for note in cell.notes]
        words += ["apart: %s" % reason for reason in sorted(set(cell.apart))]
        words += ["**wrong** [%d]" % self.number(text) for text in cell.wrong]
        return " ".join(words)


def table(columns: Dict[str, Column], notes: Notes) -> Iterator[str]:
    names: List[str] = []
    for column in columns.values():
        names += [name for name in column if name not in names]
    yield "| | " + " | ".join(columns) + " |"
    yield "| --- |" + " ---: |" * len(columns)
    for name in names:
        cells = [notes.cell(column.get(name)) for column in columns.values()]
        if any(cells):
            yield "| %s | %s |" % (name, " | ".join(cells))


def summary(columns: Dict[str, Column]) -> str:
    cells = [cell for column in columns.values() for cell in column.values()]
    states = [cell.state() for cell in cells]
    return "%d models: %d agree, in %d values; %d are refused, %d apart, %d differ; %d rows are flips." % (
        len(states) - states.count("absent"),
        states.count("agrees"),
        sum(cell.values for cell in cells),
        states.count("refused"),
        states.count("apart"),
        states.count("wrong"),
        sum(cell.flips for cell in cells),
    )


@dataclass
class Found:
    """What a run has found, by release and by group of files."""

    fixtures: Dict[str, Column] = field(default_factory=dict)
    live: Dict[str, Column] = field(default_factory=dict)
    files: Dict[str, Column] = field(default_factory=dict)
    published: List[wild.File] = field(default_factory=list)
    missing: List[str] = field(default_factory=list)


def document(found: Found) -> str:
    notes = Notes()
    fixtures, live, missing = order(found.fixtures), order(found.live), found.missing
    lines = [HEAD]
    for title, text, columns in (
        ("Pickled by four releases", "Estimators of 82 kinds as those releases pickled them.", fixtures),
        ("Fitted by every release", "Models of every estimator, fitted, asked and pickled in an environment "
         "of the release, with LightGBM, XGBoost and CatBoost of its time.", live),
    ):
        lines += ["## " + title, "", text, summary(columns), "", *table(columns, notes), ""]
    if found.files:
        text = "Pipelines that others fitted and pickled, with the answers that they wrote beside them."
        lines += ["## Files of others", "", text, summary(found.files), ""]
        lines += [*material_table(found.files, notes), ""]
    if found.published:
        text = ("Models that others published without answers, asked of the release that pickled them, or the nearest "
                "that opens them, about rows drawn at random of what they say of their input.")  # fmt: skip
        lines += ["## Models that others published", "", text, wild.summary(found.published), ""]
        lines += ["- " + wild.line_of(file) for file in found.published if file.reason != wild.NO_ESTIMATOR] + [""]
    if missing:
        lines += ["Not asked, for want of a Python or a package: " + "; ".join(missing) + ".", ""]
    lines += ["## Reasons", ""]
    lines += ["%d. %s" % (i, re.sub(r"\s+", " ", text)) for i, text in enumerate(notes.texts, 1)]
    return "\n".join(lines) + "\n"


def parse(text: str) -> List[Dict[str, Column]]:
    """The tables of a document, as far as a run has to give the same."""
    reasons = dict(re.findall(r"^(\d+)\. (.*)$", text, re.MULTILINE))
    tables: List[Dict[str, Column]] = []
    releases: List[str] = []
    for line in text.splitlines():
        if line.startswith("| files"):
            break
        if not line.startswith("| "):
            continue
        words = [word.strip() for word in line.strip("|").split(" | ")]
        if words[0] == "":
            releases = words[1:]
            tables.append({release: {} for release in releases})
        elif not line.startswith("| ---"):
            for release, word in zip(releases, words[1:]):
                tables[-1][release][words[0]] = parse_cell(word, reasons)
    return tables


def parse_cell(word: str, reasons: Dict[str, str]) -> Cell:
    cell = Cell()
    error = re.match(r"\d+(e-?\d+)?(?= |$)", word)
    if error:
        cell.error = float(error.group())
    texts = [reasons.get(number, "") for number in re.findall(r"\[(\d+)\]", word)]
    if "**wrong**" in word:
        cell.wrong = texts
    else:
        cell.notes = texts
    return cell


def differences(title: str, written: Column, found: Column) -> Iterator[str]:
    """Where a run is not what is written: what is refused and why, and what agrees."""
    for name, cell in found.items():
        other = written.get(name, Cell())
        mine = [re.sub(r"\s+", " ", note) for note in cell.notes]
        if cell.state() != other.state():
            yield "%s %s: the table says %s, a run gives %s" % (title, name, other.state(), cell.state())
        elif mine != other.notes:
            yield "%s %s: the table says %s, a run gives %s" % (title, name, other.notes, mine)


def failures(title: str, column: Column) -> Iterator[str]:
    for name, cell in column.items():
        for text in cell.wrong:
            yield "%s %s: %s" % (title, name, text)


def order(columns: Dict[str, Column]) -> Dict[str, Column]:
    return {release: columns[release] for release in LIVE if release in columns}
