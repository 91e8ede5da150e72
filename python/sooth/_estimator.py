"""A fitted estimator: dumped as joblib does it, with its rows and its own answers."""

from __future__ import annotations

import json
import os
import pickle
import platform
import sys
from typing import Any, Dict, List, Mapping, Optional, Sequence

from ._errors import SoothError
from ._network import need
from ._program import run
from ._rows import records_of, write_answers, write_rows

# The first of them that a model has says most of it: a label is the best of its probabilities.
_METHODS = ("predict_proba", "decision_function", "predict", "transform")


def export(model: Any, folder: str, name: Optional[str]) -> str:
    """Writes the folder of the model: where its file lies."""
    file = os.path.join(folder, "model.joblib")
    try:
        if "joblib" in sys.modules:
            sys.modules["joblib"].dump(model, file)
        else:
            with open(file, "wb") as out:
                pickle.dump(model, out, protocol=4)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise SoothError(f"the model cannot be pickled: {error}") from error
    release = ".".join(platform.python_version_tuple()[:2])
    with open(os.path.join(folder, "sooth.yaml"), "w", encoding="utf-8") as out:
        if name is not None:
            out.write(f"name: {json.dumps(name)}\n")
        out.write(f"model: model.joblib\npython: {json.dumps(release)}\n")
    return file


def write_example(model: Any, file: str, example: Any, folder: str, expected: Any) -> List[str]:
    """The example's rows and the answers to them as files: the arguments that name those."""
    read = run(["inspect", file])
    columns = [str(column["name"]) for column in read["input"]]
    rows = os.path.join(folder, "example.jsonl")
    write_rows(rows, records_of(example, columns))
    arguments = ["--example", rows]
    methods: Dict[str, Sequence[str]] = {
        str(each["method"]): each["columns"] for each in read["methods"]
    }
    chosen = next((each for each in _METHODS if each in methods and hasattr(model, each)), None)
    if chosen is None:
        return arguments
    answers = expected if expected is not None else _ask(model, chosen, example, columns)
    path = os.path.join(folder, "expected.csv")
    write_answers(path, answers, methods[chosen])
    return [*arguments, "--expected", path]


def _ask(model: Any, method: str, example: Any, columns: Sequence[str]) -> Any:
    rows = example
    if isinstance(example, list) and example and isinstance(example[0], Mapping):
        pandas = need("pandas", "pandas", "an example of rows as mappings")
        rows = pandas.DataFrame(example, columns=list(columns))
    try:
        return getattr(model, method)(rows)
    except Exception as error:
        raise SoothError(f"example: {method}: {type(error).__name__}: {error}") from error
