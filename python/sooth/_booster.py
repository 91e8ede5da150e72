"""A booster of XGBoost by itself: saved in the library's own form, with its rows and its answers.

It has no pickle that names a class to run, and it takes a DMatrix where an estimator takes rows.
"""

from __future__ import annotations

import json
import os
import random
import re
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ._errors import SoothError
from ._network import need
from ._program import run
from ._rows import records_of, write_answers, write_rows

_ROWS_MADE_UP = 16
_SPLIT = re.compile(r"\[([^\]<]+)<([^\]]+)\]")


def export(model: Any, folder: str, name: Optional[str]) -> str:
    """Writes the folder of the model: where its file lies."""
    # UBJSON came with 1.6 and JSON with 1.0; before there was a form without an ending of its own.
    release = _release()
    ending = "ubj" if release >= (1, 6) else "json" if release >= (1, 0) else "model"
    file = os.path.join(folder, f"model.{ending}")
    try:
        model.save_model(file)
    except Exception as error:
        raise SoothError(f"the booster cannot be saved: {error}") from error
    with open(os.path.join(folder, "sooth.yaml"), "w", encoding="utf-8") as out:
        if name is not None:
            out.write(f"name: {json.dumps(name)}\n")
        out.write(f"model: model.{ending}\n")
    return file


def write_example(model: Any, file: str, example: Any, folder: str, expected: Any) -> List[str]:
    """The example's rows and the answers to them as files: the arguments that name those."""
    read = run(["inspect", file])
    columns = [str(column["name"]) for column in read["input"]]
    if example is None:
        example = _made_up(model, read["input"])
    if example is None:
        return []
    if type(example).__name__ == "DMatrix":
        raise SoothError("example: expected the rows that the DMatrix was made of, got a DMatrix")
    rows = os.path.join(folder, "example.jsonl")
    write_rows(rows, records_of(example, columns))
    answers = expected if expected is not None else _ask(model, example, columns)
    path = os.path.join(folder, "expected.csv")
    write_answers(path, answers, read["methods"][0]["columns"])
    return ["--example", rows, "--expected", path]


def _release() -> Tuple[int, ...]:
    xgboost = need("xgboost", "xgboost", "a booster")
    return tuple(int(part) for part in re.findall(r"\d+", xgboost.__version__)[:2])


def _ask(model: Any, example: Any, columns: Sequence[str]) -> Any:
    xgboost = need("xgboost", "xgboost", "a booster")
    rows = example
    options: Dict[str, Any] = {}
    if not hasattr(rows, "columns"):
        if isinstance(rows, list) and rows and isinstance(rows[0], Mapping):
            pandas = need("pandas", "pandas", "an example of rows as mappings")
            rows = pandas.DataFrame(rows, columns=list(columns))
        else:
            numpy = need("numpy", "numpy", "an example of rows")
            rows = rows if hasattr(rows, "shape") else numpy.array(rows, dtype=float)
            options["feature_names"] = model.feature_names
    elif _release() >= (1, 3):
        options["enable_categorical"] = True
    try:
        return model.predict(xgboost.DMatrix(rows, **options))
    except Exception as error:
        raise SoothError(f"example: predict: {type(error).__name__}: {error}") from error


def _made_up(model: Any, columns: Sequence[Mapping[str, Any]]) -> Any:
    """Rows about the numbers that its trees compare with, some of them missing; none where a column
    is not of numbers, of whose texts nobody knows what they may be."""
    if any(column["type"] != "number" for column in columns):
        return None
    numpy = need("numpy", "numpy", "an example of rows")
    names = model.feature_names or [f"f{place}" for place in range(len(columns))]
    compared: Dict[str, List[float]] = {name: [] for name in names}
    for tree in model.get_dump():
        for name, number in _SPLIT.findall(tree):
            if name in compared:
                compared[name].append(float(number))
    drawn = random.Random(0)
    rows = [
        [_near(drawn, compared[name]) for name in names] for _ in range(_ROWS_MADE_UP)
    ]
    return numpy.array(rows)


def _near(drawn: random.Random, numbers: Sequence[float]) -> float:
    if drawn.random() < 0.1:
        return float("nan")
    centre = drawn.choice(numbers) if numbers else 0.0
    return centre + drawn.choice((-1.0, 0.0, 1.0)) * drawn.random() * max(abs(centre), 1.0) / 8
