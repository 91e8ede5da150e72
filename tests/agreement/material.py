"""Asks the probe about every fitted pipeline of the material that has inputs and answers beside it.

    material.py PROBE MATERIAL [PART OF A NAME ...]

Each model is pkl/NAME.pkl in one of sklearn/by_release/* and sklearn/wide/*, with csv/NAME.csv, what
it answered, and csv/DATA.csv, where NAME ends in DATA. Nothing is unpickled here.
"""

import array
import csv
import json
import math
import os
import re
import struct
import subprocess
import sys
import tempfile
import zlib
from collections import Counter
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Optional, Set, Tuple

# Of max(|reference|, the largest of its column).
TOLERANCE = 1e-9
# What follows the name of the data in that of a model.
VARIANTS = ("Bin", "Cat", "Dict")
MISSING = ("N/A", "NA", "")
# Models that were asked with num_iteration or ntree_limit. A copy of the file, which says that so many
# are the best as early stopping would have left it, is to give those answers.
LIMITS = {"LGBMAudit": 17, "XGBAudit": 71}
# Models whose answers are of something else than predict(), and why.
APART = {"XGBSigmoidVersicolor": "NumPy before 2 calibrates a float32 in float32"}
# Classes of their owner's script, which pass these two options on to those of the library.
CLASSES = (
    "__main__.OptimalLGBMClassifier=lightgbm.LGBMClassifier",
    "__main__.OptimalXGBClassifier=xgboost.XGBClassifier",
)
# Models that were asked about rows of which no two are the same.
DISTINCT = ("wide/pmml-sklearn/KNNIris",)
# Models that were fitted with -1 where these columns have nothing.
MINUS_ONE = {"LinearRegressionAutoNA": ("cylinders", "model_year", "origin")}


@dataclass
class Model:
    group: str  # "by_release/0.24.0"
    name: str
    path: str
    rows: str
    answers: str


@dataclass
class Outcome:
    model: Model
    method: str
    # "agrees", "differs" or "refused"; "apart": it answers, and the reference is of something else
    status: str
    error: float = 0.0
    values: int = 0
    reason: str = ""


@dataclass
class Question:
    """A method, and the columns of the answers' file that it should give."""

    method: str
    kind: str
    columns: List[str]


def models(material: str) -> Iterator[Model]:
    root = os.path.join(material, "sklearn")
    for kind in ("by_release", "wide"):
        for part in sorted(os.listdir(os.path.join(root, kind))):
            folder = os.path.join(root, kind, part)
            names = sorted(file[:-4] for file in os.listdir(os.path.join(folder, "pkl")))
            tables = {file[:-4] for file in os.listdir(os.path.join(folder, "csv"))}
            data = sorted(tables - set(names), key=len, reverse=True)
            for name in names:
                of = next((each for each in data if bare(name).endswith(each)), None)
                if of is None or name not in tables:
                    continue
                csv_of = os.path.join(folder, "csv", "%s.csv")
                yield Model(
                    "%s/%s" % (kind, part),
                    name,
                    os.path.join(folder, "pkl", name + ".pkl"),
                    csv_of % of,
                    csv_of % name,
                )


def bare(name: str) -> str:
    for variant in VARIANTS:
        if name.endswith(variant):
            return name[: -len(variant)]
    return name


def read(path: str) -> Tuple[List[str], List[List[str]]]:
    with open(path, encoding="utf-8", newline="") as file:
        text = file.read()
    head = text.split("\n", 1)[0]
    # A sentence may hold quotes that are no quotes of the format.
    delimiter = "\t" if "\t" in head else ","
    lines = [line for line in csv.reader(text.splitlines(), delimiter=delimiter) if line]
    return lines[0], lines[1:]


def as_number(text: str) -> Optional[float]:
    try:
        return float(text)
    except ValueError:
        return None


def cells(column: List[str]) -> List[Any]:
    """A column as pandas reads it: numbers, else booleans, else texts."""
    known = [text for text in column if text not in MISSING]
    if all(as_number(text) is not None for text in known):
        # 70 stays 70, and 70.0 is 70.0.
        return [None if text in MISSING else json.loads(json_number(text)) for text in column]
    if all(text.upper() in ("TRUE", "FALSE") for text in known):
        return [None if text in MISSING else text.upper() == "TRUE" for text in column]
    return [None if text in MISSING else text for text in column]


def json_number(text: str) -> str:
    return text if re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?", text) else repr(float(text))


def limited(data: bytes, trees: int) -> Optional[bytes]:
    """The pickle of a pipeline whose booster counts so many trees; nothing where it has no place for it."""
    if data[:1] == b"x":
        data = zlib.decompress(data)
    places = (
        # LightGBM's Booster, where 0 are all of them.
        (rb"(?<!_)(best_iteration(?:r.{4}|\x94)K)\x00", rb"\g<1>" + bytes([trees])),
        # The model of XGBoost from 1.4 on: the last that counts, of a hundred.
        (rb'"best_iteration":"99"', b'"best_iteration":"%d"' % (trees - 1)),
        # Before, an attribute of the wrapper; of a protocol that has no frames.
        (rb"(?=X\x08\x00\x00\x00_Booster)", b"X\x10\x00\x00\x00best_ntree_limitK" + bytes([trees])),
    )
    for pattern, replacement in places:
        copy, count = re.subn(pattern, replacement, data, flags=re.DOTALL)
        if count == 1 and (data[:2] == b"\x80\x03" or len(copy) == len(data)):
            return copy
    return None


def path_to_ask(model: Model, folder: str) -> Optional[str]:
    """The model's file, or the copy that answers as the reference was made."""
    if model.name not in LIMITS:
        return model.path
    with open(model.path, "rb") as file:
        copy = limited(file.read(), LIMITS[model.name])
    if copy is None:
        return None
    path = os.path.join(folder, "limited.pkl")
    with open(path, "wb") as file:
        file.write(copy)
    return path


def write_rows(model: Model, path: str, texts: Set[str], positions: int) -> None:
    """Objects by name, with some columns as texts; or arrays of the first columns."""
    header, lines = read(model.rows)
    if "%s/%s" % (model.group, model.name) in DISTINCT:
        lines = [line for i, line in enumerate(lines) if line not in lines[:i]]
    columns = {}
    for i, name in enumerate(header):
        column = cells([line[i] if i < len(line) else "" for line in lines])
        if name in MINUS_ONE.get(model.name, ()):
            column = [-1 if cell is None else cell for cell in column]
        if name in texts:
            column = [None if line[i] in MISSING else line[i] for line in lines]
        columns[name] = column
    with open(path, "w", encoding="utf-8") as file:
        for i in range(len(lines)):
            row: Any = {name: column[i] for name, column in columns.items()}
            if positions:
                row = list(row.values())[:positions]
            file.write(json.dumps(row) + "\n")


def ask_rows(probe: "Probe", model: Model, path: str, folder: str, method: str) -> Dict[str, Any]:
    """Asks as the model takes the data: pandas may have read TRUE as a text or a boolean, and a
    model that was fitted with an array takes columns by position."""
    rows, answer = os.path.join(folder, "rows.jsonl"), os.path.join(folder, "answer.f64")
    texts: Set[str] = set()
    positions = 0
    while True:
        write_rows(model, rows, texts, positions)
        reply = probe.ask(path, rows, method, answer)
        refused = reply.get("refused", "")
        text = re.search(r'column "([^"]+)": expected a text, got', refused)
        if text and text.group(1) not in texts:
            texts.add(text.group(1))
        elif re.search(r'column "x\d+": expected .*, got no such column', refused):
            positions = len(read(model.rows)[0])
        elif positions > 1 and re.search(r"rows.jsonl:1: ", refused):
            positions -= 1
        else:
            return reply


def questions(header: List[str]) -> List[Question]:
    """What to ask; the names of the columns say what each method gave.

    Columns that a PMML pipeline computes of its answers, such as eval(mpg), are not the model's, and
    the neighbors of a row are not what a pipeline gives."""
    asked: List[Question] = []
    kinds = (
        ("predict_proba", r"probability\("),
        ("decision_function", r"decisionFunction"),
        ("outlier", r"outlier"),
        ("apply", r"nodeId"),
        ("affinity", r"affinity\("),
    )
    plain = []
    for name in header:
        kind = next((kind for kind, pattern in kinds if re.match(pattern, name)), None)
        if kind is None:
            if "(" not in name or name.startswith("bin("):
                plain.append(name)
        elif asked and asked[-1].kind == kind:
            asked[-1].columns.append(name)
        else:
            method = {"outlier": "predict", "affinity": "transform"}
            asked.append(Question(method.get(kind, kind), kind, [name]))
    if plain:
        asked.insert(0, Question("predict", "predict", plain))
    return asked


class Probe:
    """agreement_probe, started again where it died."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.process: Any = None

    def ask(self, model: str, rows: str, method: str, answer: str) -> Dict[str, Any]:
        if self.process is None or self.process.poll() is not None:
            self.process = subprocess.Popen(
                [self.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, universal_newlines=True
            )
        self.process.stdin.write("\t".join((model, rows, method, "", answer, ",".join(CLASSES))) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        return json.loads(line) if line else {"refused": "the probe died"}

    def close(self) -> None:
        if self.process is not None:
            self.process.stdin.close()
            self.process.wait()


def label(text: str) -> Any:
    number = as_number(text)
    if number is not None:
        return number
    return text.lower() if text.lower() in ("true", "false") else text


def same_single(wanted: float, got: float) -> bool:
    """Whether the answer is a float32, and the reference that number in as few digits."""
    try:
        return struct.pack("f", wanted) == struct.pack("f", got) and single(got) == got
    except OverflowError:
        return False


def single(number: float) -> float:
    return float(struct.unpack("f", struct.pack("f", number))[0])


def difference(expected: List[Any], got: List[Any]) -> float:
    numbers = [cell for cell in expected if isinstance(cell, float) and math.isfinite(cell)]
    scale = max((abs(cell) for cell in numbers), default=0.0)
    worst = 0.0
    for wanted, cell in zip(expected, got):
        if not isinstance(wanted, float) or not isinstance(cell, float):
            worst = max(worst, 0.0 if wanted == cell else math.inf)
        elif math.isnan(wanted) or math.isnan(cell):
            worst = max(worst, 0.0 if math.isnan(wanted) and math.isnan(cell) else math.inf)
        elif wanted != cell and not same_single(wanted, cell):
            worst = max(worst, abs(wanted - cell) / (max(abs(wanted), scale) or 1.0))
    return worst


def is_off(wanted: Any, got: Any) -> bool:
    return difference([wanted], [got]) > TOLERANCE


def answered(question: Question, reply: Dict[str, Any], path: str) -> List[List[Any]]:
    """The columns of the answer, as the answers' file has them."""
    numbers = array.array("d")
    with open(path, "rb") as file:
        numbers.frombytes(file.read())
    width = max(1, len(reply["columns"]))
    columns: List[List[Any]] = [list(numbers[i::width]) for i in range(width)]
    if question.kind == "outlier":
        return [["true" if cell == -1 else "false" for cell in columns[0]]]
    if question.kind == "affinity":  # PMML has squares of distances.
        return [[cell * cell for cell in column] for column in columns]
    if question.method == "predict" and reply.get("classes"):
        return [
            [label(names[int(cell)]) for cell in column]
            for column, names in zip(columns, reply["classes"])
        ]
    return columns


def ask(probe: Probe, model: Model, folder: str) -> Iterator[Outcome]:
    answer = os.path.join(folder, "answer.f64")
    header, lines = read(model.answers)
    path = path_to_ask(model, folder)
    apart = APART.get(model.name, "" if path else "asked with %d trees" % LIMITS[model.name])
    for question in questions(header):
        reply = ask_rows(probe, model, path or model.path, folder, question.method)
        if "refused" in reply:
            yield Outcome(model, question.method, "refused", reason=reply["refused"])
            return
        wanted = [[label(line[header.index(name)]) for line in lines] for name in question.columns]
        got = answered(question, reply, answer)
        if len(got) < len(wanted) or len(got[0]) != len(wanted[0]):
            reason = "expected %dx%d, got %dx%d" % (
                len(wanted[0]), len(wanted), len(got[0]), len(got)
            )
            yield Outcome(model, question.method, "differs", math.inf, reason=reason)
            continue
        if apart:
            yield Outcome(model, question.method, "apart", reason=apart)
            continue
        pairs = list(zip(wanted, got))
        error = max(difference(*pair) for pair in pairs)
        off = sum(is_off(a, b) for pair in pairs for a, b in zip(*pair))
        values = sum(len(column) for column in wanted)
        status = "agrees" if error <= TOLERANCE else "differs"
        reason = "" if status == "agrees" else "%d of %d values" % (off, values)
        yield Outcome(model, question.method, status, error, values, reason)


def ask_all(probe_path: str, material: str, parts: Tuple[str, ...] = ()) -> List[Outcome]:
    outcomes: List[Outcome] = []
    probe = Probe(probe_path)
    with tempfile.TemporaryDirectory() as folder:
        for model in models(material):
            if not parts or any(part in model.path for part in parts):
                outcomes += ask(probe, model, folder)
    probe.close()
    return outcomes


def report(outcomes: List[Outcome]) -> None:
    groups = sorted({outcome.model.group for outcome in outcomes})
    for group in groups:
        here = [outcome for outcome in outcomes if outcome.model.group == group]
        status: Dict[str, str] = {}
        for each in here:
            before = status.get(each.model.name, "agrees")
            status[each.model.name] = min(before, each.status, key=("refused", "differs", "apart", "agrees").index)
        counts = Counter(status.values())
        worst = max((each.error for each in here if each.status == "agrees"), default=0.0)
        print(
            "%-36s %3d agree (largest difference %.2g), %d apart, %d differ, %d refused"
            % (group, counts["agrees"], worst, counts["apart"], counts["differs"], counts["refused"])
        )
    for each in outcomes:
        if each.status == "differs":
            print(
                "DIFFERS %s/%s %s: %.3g, %s"
                % (each.model.group, each.model.name, each.method, each.error, each.reason)
            )
    for each in outcomes:
        if each.status == "refused":
            print("REFUSED %s/%s: %s" % (each.model.group, each.model.name, each.reason))


if __name__ == "__main__":
    report(ask_all(sys.argv[1], sys.argv[2], tuple(sys.argv[3:])))
