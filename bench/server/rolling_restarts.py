"""Restarts a server again and again while clients ask it; prints JSON.

    rolling_restarts.py --build build/release [--rounds 5] [--restarts 10] [--clients 8] [--drain-time 2s]

The listening socket is held here, as a service manager holds it, and every server inherits it. Each
restart starts the next server, waits until it is ready, and ends the one before with SIGTERM, which
answers what it has begun and lets its connections go. Fails where a request failed or was answered
wrongly; a client that was told its connection is closed makes another.
"""

from __future__ import annotations

import argparse
import json
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from clients import Clients, summary
from local_server import LocalServer

MODEL = Path(__file__).resolve().parents[2] / "tests/scenario/data/passengers.joblib"
BODY = json.dumps({"data": [{"age": 30, "fare": 50, "port": "Oslo"}]})
EXPECTED: list[object] = [[1]]
CALM_S = 3  # Without restarts, to compare with.
PAUSE_S = 0.2  # Between restarts, so that clients are at home with each server.


def measure(
    program: Path, folder: Path, rounds: int = 5, restarts: int = 10, clients: int = 8, drain_time: str = "2s"
) -> dict[str, Any]:
    """What clients have seen of it."""
    arguments = [str(MODEL), "--drain-time", drain_time]
    told = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = LocalServer(program, arguments, folder, listener)
        try:
            for _ in range(rounds):
                calm = Clients(server.port, clients, BODY, lambda: EXPECTED)
                time.sleep(CALM_S)
                calm.stop()
                asking = Clients(server.port, clients, BODY, lambda: EXPECTED)
                try:
                    for _ in range(restarts):
                        before, server = server, LocalServer(program, arguments, folder, listener)
                        before.stop()
                        time.sleep(PAUSE_S)
                finally:
                    asking.stop()
                told.append((calm, asking))
        finally:
            server.stop()
    return summary(told, rounds * restarts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--restarts", type=int, default=10, help="of each round")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--drain-time", default="2s")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        program = options.build.resolve() / "sooth"
        told = measure(
            program,
            Path(folder),
            options.rounds,
            options.restarts,
            options.clients,
            options.drain_time,
        )
    print(json.dumps(told, indent=2))
    sys.exit(told["failed"] > 0 or told["wrong"] > 0)


if __name__ == "__main__":
    main()
