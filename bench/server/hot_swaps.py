"""Exchanges two versions of a model in a server that is asked without pause; prints JSON.

    hot_swaps.py --build build/release [--swaps 10000] [--connections 4] [--pause-ms 5]
    hot_swaps.py --build build/release --large --swaps 200   # 50 MB each, and what memory does

Fails where a request failed, or got another answer than that of a version which may have served at
that moment. --large needs a Python with scikit-learn.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from local_server import LocalServer
from machine import LOAD_CPU, SERVER_CPU, on_cpu

FLOWERS = Path(__file__).resolve().parents[2] / "tests/scenario/data/flowers.joblib"
SIGN = 1079  # Of a coefficient, in that file.

LARGE_FEATURES = 400
LARGE = f"""
import sys, joblib, numpy as np
from sklearn.linear_model import LogisticRegression
for version in (1, 2):
    rows = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]] * 2)
    model = LogisticRegression().fit(rows, [0, 1, 2] * 2)
    features = {LARGE_FEATURES}
    classes = 50 * 2**20 // 8 // features
    model.coef_ = np.random.default_rng(version).normal(size=(classes, features))
    model.intercept_ = np.zeros(classes)
    model.classes_ = np.arange(classes)
    model.n_features_in_ = features
    joblib.dump(model, sys.argv[version])
"""


def make_models(folder: Path, large: bool) -> tuple[list[Path], object]:
    """Two models that answer one request otherwise, and that request."""
    paths = [folder / "first.joblib", folder / "second.joblib"]
    if large:
        subprocess.run([sys.executable, "-c", LARGE, *map(str, paths)], check=True)
        return paths, {"data": [[0.5] * LARGE_FEATURES]}
    content = bytearray(FLOWERS.read_bytes())
    paths[0].write_bytes(content)
    content[SIGN] = 0x3F
    paths[1].write_bytes(content)
    return paths, {"data": [[5.0, 3.4, 1.5, 0.2]], "method": "predict_proba"}


def measure(
    build: Path,
    folder: Path,
    swaps: int = 10_000,
    connections: int = 4,
    pause_ms: int = 5,
    large: bool = False,
) -> dict[str, Any]:
    """Registers both, serves one of them, and lets the C++ half do the rest.

    The server has one processor to itself, as its loader has, and who asks has another.
    """
    program = build / "sooth"
    models, request = make_models(folder, large)
    workspace = ["--workspace", str(folder / "workspace")]
    for model in models:
        register = [str(program), "register", str(model), "--name", "swapped", *workspace]
        subprocess.run(register, check=True, stdout=subprocess.DEVNULL)
    body = folder / "body.json"
    body.write_text(json.dumps(request) + "\n")
    arguments = ["swapped:1", "--allow-load", *workspace]
    with LocalServer(program, arguments, folder, cpu=SERVER_CPU) as server:
        before = server.memory_mb()
        load = [str(build / "bench/sooth_hot_swaps"), str(server.port), "swapped", str(body)]
        load += [str(swaps), str(connections), str(pause_ms)]
        told: dict[str, Any] = json.loads(
            subprocess.run(on_cpu(LOAD_CPU, load), check=True, stdout=subprocess.PIPE).stdout
        )
        return told | {
            "memory_before_mb": round(before, 1),
            "memory_after_mb": round(server.memory_mb(), 1),
            "mapped_blobs": server.mapped_blobs(),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--swaps", type=int, default=10_000)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--pause-ms", type=int, default=5)
    parser.add_argument("--large", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        told = measure(
            options.build.resolve(),
            Path(folder),
            options.swaps,
            options.connections,
            options.pause_ms,
            options.large,
        )
    print(json.dumps(told, indent=2))
    sys.exit(told["failed"] > 0 or told["wrong"] > 0)


if __name__ == "__main__":
    main()
