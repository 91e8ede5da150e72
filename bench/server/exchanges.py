"""What changes in a server while clients ask it: models, and the server itself."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import behind_nginx
import hot_swaps
import many_models
import rolling_restarts
from machine import Bench

ROUNDS = 5  # Of restarts.


def swap(bench: Bench, swaps: int) -> dict[str, Any]:
    """Two versions in turn."""
    with tempfile.TemporaryDirectory(dir=bench.work) as folder:
        return hot_swaps.measure(bench.build, Path(folder), swaps)


def restart(bench: Bench, restarts: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(dir=bench.work) as folder:
        return rolling_restarts.measure(bench.sooth, Path(folder), ROUNDS, max(1, restarts // ROUNDS))


def restart_behind_nginx(bench: Bench, restarts: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(dir=bench.work) as folder:
        return behind_nginx.measure(bench.sooth, Path(folder), ROUNDS, max(1, restarts // ROUNDS))


def serve_many(bench: Bench, models: int) -> dict[str, Any]:
    return many_models.compare(bench.sooth, models)
