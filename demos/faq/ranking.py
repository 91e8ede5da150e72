"""How well a ranker places the right candidate, measured as the reference application does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata


@dataclass(frozen=True)
class Accuracy:
    """How often the right candidate is among the first one, two and three, and its mean rank."""

    at_1: float
    at_2: float
    at_3: float
    mean_rank: float

    def __str__(self) -> str:
        shares = f"{self.at_1:6.2%} {self.at_2:6.2%} {self.at_3:6.2%}"
        return f"accuracy at 1, 2, 3: {shares}, mean rank {self.mean_rank:.2f}"


def ranks(scores: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Returns the rank of column `truth[i]` in row i of `scores`; the best is 1.

    Tied scores share the average of their ranks, so a model that scores everything alike is not
    flattered by the order of its candidates.
    """
    return rankdata(-scores, axis=1, method="average")[np.arange(len(truth)), truth]


def accuracy(scores: np.ndarray, truth: np.ndarray) -> Accuracy:
    """Summarises the ranks of the right candidates."""
    rank = ranks(scores, truth)
    at = [float(np.mean(rank <= k)) for k in (1, 2, 3)]
    return Accuracy(at[0], at[1], at[2], float(rank.mean()))
