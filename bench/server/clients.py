"""Clients that ask a server without pause and compare every answer."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from typing import Any


class Clients:
    """Threads that ask one request after the other over kept connections, until stop().

    `may_come` tells the answers that are right at a moment: one may come that was right when its
    request was sent, or is when it has arrived.
    """

    def __init__(
        self, port: int, count: int, body: str, may_come: Callable[[], list[object]]
    ) -> None:
        self._port = port
        self._body = body
        self._may_come = may_come
        self._over = threading.Event()
        self.took_us: list[float] = []
        self.failures: list[str] = []
        self.wrong: list[object] = []
        self._threads = [threading.Thread(target=self._ask) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()
        self.took_us.sort()

    def percentile_ms(self, share: float) -> float:
        at = int(share * (len(self.took_us) - 1))
        return round(self.took_us[at] / 1e3, 2) if self.took_us else 0.0

    def _ask(self) -> None:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=30)
        while not self._over.is_set():
            right = self._may_come()
            begun = time.perf_counter()
            try:
                connection.request("POST", "/score", self._body)
                response = connection.getresponse()
                text = response.read()
            except (OSError, HTTPException) as error:
                self.failures.append(repr(error))
                connection.close()
                continue
            self.took_us.append(1e6 * (time.perf_counter() - begun))
            if response.status != 200:
                self.failures.append(f"{response.status} {text!r}")
                continue
            answer = json.loads(text)
            if answer not in right and answer not in self._may_come():
                self.wrong.append(answer)
        connection.close()


def summary(rounds: list[tuple[Clients, Clients]], restarts: int) -> dict[str, Any]:
    """What clients have seen in rounds: of each, those before any restart, and those during them."""
    everybody = [each for pair in rounds for each in pair]
    failures = [failure for each in everybody for failure in each.failures]
    return {
        "restarts": restarts,
        "requests": sum(len(asking.took_us) for _, asking in rounds),
        "failed": len(failures),
        "wrong": sum(len(each.wrong) for each in everybody),
        "failures": failures[:5],
        "p50_ms": [asking.percentile_ms(0.5) for _, asking in rounds],
        "p99_ms": [asking.percentile_ms(0.99) for _, asking in rounds],
        "p99_calm_ms": [calm.percentile_ms(0.99) for calm, _ in rounds],
        "max_ms": max(asking.percentile_ms(1) for _, asking in rounds),
    }
