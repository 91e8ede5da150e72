"""Clients that ask one after the other until they are told to stop, and count what was lost."""

from __future__ import annotations

import http.client
import threading
from collections import Counter
from types import TracebackType
from typing import Optional

from cluster import Failure, GatewayConnection, expect


class Traffic:
    """Keyed requests through the gateway, from its start to its end."""

    def __init__(self, host: str, key: str, body: str, clients: int = 2) -> None:
        self.host = host
        self.body = body
        self.fields = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
        self.answers: Counter[str] = Counter()
        self.lost: Counter[str] = Counter()
        self._guard = threading.Lock()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask, daemon=True) for _ in range(clients)]

    def _ask(self) -> None:
        answers: Counter[str] = Counter()
        lost: Counter[str] = Counter()
        connection = GatewayConnection(self.host)
        while not self._stop.is_set():
            try:
                connection.request("POST", "/score", self.body, self.fields)
                got = connection.getresponse()
                body = got.read().decode()
                if got.status == 200:
                    answers[body] += 1
                else:
                    lost[f"{got.status}: {body[:80]}"] += 1
            except (OSError, http.client.HTTPException) as error:
                lost[repr(error)[:80]] += 1
                connection.close()
        connection.close()
        with self._guard:
            self.answers += answers
            self.lost += lost

    @property
    def answered(self) -> int:
        return sum(self.answers.values())

    def __enter__(self) -> Traffic:
        for each in self._threads:
            each.start()
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self._stop.set()
        for each in self._threads:
            each.join(60)
        if error is None and any(each.is_alive() for each in self._threads):
            raise Failure("a client still waits for its answer")

    def expect_nothing_lost(self, answers_min: int) -> None:
        expect(not self.lost, f"{dict(self.lost)} of {self.answered} requests were lost")
        expect(
            self.answered >= answers_min,
            f"expected at least {answers_min} answers, got {self.answered}",
        )
