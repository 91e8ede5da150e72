"""Serves thousands of small models from one process; prints JSON.

    many_models.py --build build/release [--models 2000] [--registered]

They are files, or with --registered versions in a workspace (which takes a while to fill).
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from local_server import LocalServer

MODEL = Path(__file__).resolve().parents[2] / "tests/scenario/data/passengers.joblib"
BODY = json.dumps({"data": [{"age": 30, "fare": 50, "port": "Oslo"}]})
ASKED = 5_000


def make_models(program: Path, folder: Path, count: int, registered: bool) -> list[str]:
    """What to serve."""
    names = [f"model-{number:05}" for number in range(count)]
    if registered:
        for name in names:
            command = [str(program), "register", str(MODEL), "--name", name]
            command += ["--workspace", str(folder / "workspace")]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return ["--all", "--workspace", str(folder / "workspace")]
    for name in names:
        (folder / f"{name}.joblib").write_bytes(MODEL.read_bytes())
    return [f"{name}.joblib" for name in names]


def ask(port: int, paths: list[str]) -> list[float]:
    """Microseconds of each request, one after the other on one connection."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    took = []
    for number in range(ASKED):
        begun = time.perf_counter()
        connection.request("POST", paths[number % len(paths)], BODY)
        response = connection.getresponse()
        answer = response.read()
        took.append(1e6 * (time.perf_counter() - begun))
        if response.status != 200 or json.loads(answer) != [1]:
            raise SystemExit(f"{paths[number % len(paths)]}: {response.status} {answer!r}")
    connection.close()
    return sorted(took)


def timed(port: int, path: str) -> tuple[float, int]:
    """Milliseconds and bytes of one GET."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    begun = time.perf_counter()
    connection.request("GET", path)
    size = len(connection.getresponse().read())
    return 1e3 * (time.perf_counter() - begun), size


def measure(program: Path, folder: Path, arguments: list[str]) -> dict[str, Any]:
    with LocalServer(program, arguments, folder) as server:
        memory = server.memory_mb()
        connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
        connection.request("GET", "/v2/models")
        names = json.loads(connection.getresponse().read())["models"]
        took = ask(server.port, [f"/endpoints/{name}/score" for name in names])
        scrape_ms, scrape_bytes = timed(server.port, "/metrics")
        return {
            "models": len(names),
            "start_s": round(server.start_s, 2),
            "memory_mb": round(memory, 1),
            "memory_asked_mb": round(server.memory_mb(), 1),
            "p50_us": round(statistics.median(took), 1),
            "p99_us": round(took[len(took) * 99 // 100], 1),
            "metrics_ms": round(scrape_ms, 1),
            "metrics_bytes": scrape_bytes,
        }


def compare(program: Path, models: int, registered: bool = False) -> dict[str, Any]:
    """A server of one, and a server of many."""
    told = {}
    for name, count in (("one", 1), ("many", models)):
        with tempfile.TemporaryDirectory() as folder:
            arguments = make_models(program, Path(folder), count, registered)
            told[name] = measure(program, Path(folder), arguments)
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--models", type=int, default=2000)
    parser.add_argument("--registered", action="store_true")
    options = parser.parse_args()
    program = options.build.resolve() / "sooth"
    print(json.dumps(compare(program, options.models, options.registered), indent=2))


if __name__ == "__main__":
    main()
