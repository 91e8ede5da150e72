"""What a case is, and data that several families share."""

from dataclasses import dataclass
from typing import Any, List, Tuple

import numpy as np
import sklearn

RELEASE: Tuple[int, int] = tuple(int(part) for part in sklearn.__version__.split(".")[:2])  # type: ignore

TEXTS: List[str] = [
    "How do I parse JSON in JavaScript?",
    "What is the difference between == and ===",
    "how to clone an object in js, and how to CLONE it deeply",
    "R\u00e9sum\u00e9 na\u00efve caf\u00e9 d\u00e9j\u00e0 vu",
    "remove element from array",
    "\u0130stanbul'da bug\u00fcn hava nas\u0131l",
    "\u6771\u4eac\u306e\u5929\u6c17 \u00df\ufb01 \u216b",
    "a I to the of and not you",
]
# Rows that no vectoriser was fitted with.
UNSEEN: List[str] = TEXTS + [
    "",
    "   \t\n ",
    "json json json array array clone",
    "caf\u00e9 cafe\u0301 CAFE",
    "words nobody has seen \U0001f600 42 4_2 x1",
    "a\u00a0b\u2003cd  ef\u3000gh",
    "What is, in JavaScript, the R\u00c9SUM\u00c9 of an element?",
]


@dataclass
class Case:
    """A fitted model and what to ask it. `exact`: the answers agree bit for bit."""

    name: str
    model: Any
    rows: Any
    methods: Tuple[str, ...]
    exact: bool = False
    # The rows are refused with a message that contains this; scikit-learn refuses them too.
    refused: str = ""


def numbers(rows: int = 200, columns: int = 6, seed: int = 0) -> Any:
    return np.random.RandomState(seed).randn(rows, columns)


def two_classes(x: Any) -> Any:
    return (x[:, 0] + 0.5 * x[:, 1] * x[:, 2] > 0).astype(int)


def three_classes(x: Any) -> Any:
    return np.digitize(x[:, 0] - x[:, 3], [-0.7, 0.7])


def with_missing(x: Any, every: int = 7) -> Any:
    holes = np.array(x, dtype=float)
    holes.ravel()[::every] = np.nan
    return holes


def missing_where_taken(selection: Any, x: Any) -> Any:
    """The rows, some of it missing where the selection takes that: boosters of 2024 did not tell scikit-learn 1.6."""
    holes = with_missing(x, 4)
    try:
        selection.transform(holes)
    except ValueError:
        return x
    return holes
