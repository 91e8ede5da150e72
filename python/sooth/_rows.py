"""Example rows of an estimator, and its answers, as the program reads them.

Rows go as JSON lines, where a text stays a text and a missing value is null; answers as CSV, under
the names that the program has for them.
"""

from __future__ import annotations

import csv
import json
import math
from typing import Any, List, Mapping, Sequence

from ._errors import SoothError


def records_of(example: Any, columns: Sequence[str]) -> List[Mapping[str, Any]]:
    """Rows as mappings from column to cell, of whatever holds them: a data frame, an array, a
    series of texts, or lists and mappings."""
    if hasattr(example, "to_dicts"):
        rows = example.to_dicts()
    elif hasattr(example, "to_dict") and hasattr(example, "columns"):
        rows = example.to_dict("records")
    elif hasattr(example, "toarray"):
        rows = example.toarray().tolist()
    elif hasattr(example, "tolist"):
        rows = example.tolist()
    elif isinstance(example, (str, Mapping)):
        raise SoothError(
            f"example: expected rows, got one {type(example).__name__}; put it into a list"
        )
    else:
        rows = list(example)
    if not rows:
        raise SoothError("example: expected rows, got none")
    return [_record(row, place, columns) for place, row in enumerate(rows)]


def _record(row: Any, place: int, columns: Sequence[str]) -> Mapping[str, Any]:
    if isinstance(row, Mapping):
        return {str(name): _cell(value) for name, value in row.items()}
    cells: List[Any] = list(row) if isinstance(row, (list, tuple)) else [row]
    if hasattr(row, "tolist"):
        cells = row.tolist()
    if len(cells) != len(columns):
        raise SoothError(
            f"example: row {place}: expected {len(columns)} cells ({', '.join(columns)}), "
            f"got {len(cells)}"
        )
    return {name: _cell(value) for name, value in zip(columns, cells)}


def _cell(value: Any) -> Any:
    if hasattr(value, "item"):
        value = value.item()
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else _not_finite(value)
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    raise SoothError(f"example: expected numbers and texts, got {type(value).__name__}: {value!r}")


def _not_finite(value: float) -> Any:
    if math.isnan(value):
        return None
    raise SoothError("example: expected finite numbers, got an infinite one")


def write_rows(path: str, records: Sequence[Mapping[str, Any]]) -> None:
    with open(path, "w", encoding="utf-8") as file:
        for record in records:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")


def write_answers(path: str, answers: Any, columns: Sequence[str]) -> None:
    """`answers` has a row for each row of the example: an array of one or two axes, or lists."""
    if isinstance(answers, list) and answers and getattr(answers[0], "ndim", 0) == 2:
        # A classifier of several outputs gives an array for each.
        by_row = zip(*(each.tolist() for each in answers))
        rows = [[cell for part in parts for cell in part] for parts in by_row]
    else:
        dense = answers.toarray() if hasattr(answers, "toarray") else answers
        rows = dense.tolist() if hasattr(dense, "tolist") else list(dense)
        rows = [list(row) if isinstance(row, (list, tuple)) else [row] for row in rows]
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for place, row in enumerate(rows):
            if len(row) != len(columns):
                raise SoothError(
                    f"answers: row {place}: expected {len(columns)}, got {len(row)}"
                )
            writer.writerow([_answer(value) for value in row])


def _answer(value: Any) -> str:
    """Numbers with all of their digits; labels as Python writes them."""
    return repr(value) if isinstance(value, float) else str(value)
