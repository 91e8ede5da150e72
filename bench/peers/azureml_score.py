"""The entry script of azureml-inference-server-http."""

from __future__ import annotations

import json

import faq_scoring


def init() -> None:
    global score
    score = faq_scoring.from_environment()


def run(body: str) -> list[tuple[int, int, float]]:
    return score(json.loads(body)["input"])
