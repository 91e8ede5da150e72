"""Restarts two servers in turn behind nginx while clients ask it; prints JSON.

    behind_nginx.py --build build/release [--rounds 5] [--restarts 10] [--clients 8]

As an orchestrator does it, without its help: each restart ends one server with SIGTERM, waits for
it, and starts it anew on the same port with the other of two versions, which answers otherwise.
Fails where a request failed, or got the answer of a version that no server had. Each round compares
with what the same clients see while nothing is restarted. Status 77 where there is no nginx.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from clients import Clients, summary
from hot_swaps import make_models
from local_server import LocalServer
from nginx import DRAIN_TIME, Nginx, find_nginx

CALM_S = 4  # Without restarts, in each round.
PAUSE_S = 0.2  # Between restarts, so that clients are at home with each server.
NO_NGINX = "no nginx on this machine; Debian's nginx-light has it"
SKIPPED = 77  # ctest's word for it.


class Pair:
    """Two servers of one endpoint, and the answers that may come from them."""

    def __init__(self, program: Path, folder: Path) -> None:
        self._program = program
        self._folder = folder
        self._models, request = make_models(folder, large=False)
        self.body = json.dumps(request)
        self._answers = [self._answer_of(version) for version in (0, 1)]
        if self._answers[0] == self._answers[1]:
            raise SystemExit(f"{self._models}: expected two answers, got {self._answers[0]} twice")
        self._restarted = 0
        self._versions = [0, 0]  # That is there or comes next.
        self._servers = [self._start(0)]
        try:
            self._servers.append(self._start(0))
        except BaseException:
            self.stop()
            raise

    def ports(self) -> list[int]:
        return [server.port for server in self._servers]

    def may_come(self) -> list[object]:
        return [self._answers[each] for each in self._versions]

    def restart_next(self) -> None:
        """In turn; when both have had theirs, the other version is everywhere."""
        place, version = self._restarted % 2, (self._restarted // 2 + 1) % 2
        self._restarted += 1
        before = self._servers[place]
        before.stop()
        if before.process.returncode != 0:
            raise SystemExit(f"sooth serve: expected status 0, got {before.process.returncode}")
        self._versions[place] = version
        self._servers[place] = self._start(version, before.port)

    def stop(self) -> None:
        for server in self._servers:
            server.stop()

    def _start(self, version: int, port: int = 0) -> LocalServer:
        arguments = [str(self._models[version]), "--drain-time", DRAIN_TIME]
        return LocalServer(self._program, arguments, self._folder, port=port)

    def _answer_of(self, version: int) -> object:
        with self._start(version) as server:
            connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
            connection.request("POST", "/score", self.body)
            answer: object = json.loads(connection.getresponse().read())
            connection.close()
            return answer


def measure(
    program: Path, folder: Path, rounds: int = 5, restarts: int = 10, clients: int = 8
) -> dict[str, Any]:
    """What clients have seen of it, or why it was skipped."""
    nginx = find_nginx()
    if nginx is None:
        return {"skipped": NO_NGINX}
    pair = Pair(program, folder)
    told = []
    try:
        with Nginx(nginx, folder, pair.ports()) as proxy:
            for _ in range(rounds):
                told.append(_round(pair, proxy.port, restarts, clients))
            handed_on = proxy.handed_on()
    finally:
        pair.stop()
    return summary(told, rounds * restarts) | {"handed_on": handed_on}


def _round(pair: Pair, port: int, restarts: int, clients: int) -> tuple[Clients, Clients]:
    """Without restarts, and with."""
    calm = Clients(port, clients, pair.body, pair.may_come)
    time.sleep(CALM_S)
    calm.stop()
    asking = Clients(port, clients, pair.body, pair.may_come)
    try:
        for _ in range(restarts):
            pair.restart_next()
            time.sleep(PAUSE_S)
    finally:
        asking.stop()
    return calm, asking


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--restarts", type=int, default=10, help="of each round")
    parser.add_argument("--clients", type=int, default=8)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        program = options.build.resolve() / "sooth"
        told = measure(program, Path(folder), options.rounds, options.restarts, options.clients)
    if "skipped" in told:
        print(told["skipped"])
        sys.exit(SKIPPED)
    print(json.dumps(told, indent=2))
    sys.exit(told["failed"] > 0 or told["wrong"] > 0)


if __name__ == "__main__":
    main()
