"""What FastAPI serves: the identity, a model of so many milliseconds, and a matrix."""

from __future__ import annotations

import time
from typing import Any

import numpy
from fastapi import FastAPI, Request

app = FastAPI()
weights = numpy.ones(2000)


def label(rows: Any) -> list[int]:
    return (numpy.asarray(rows, numpy.float32) @ weights > 1000).astype(int).tolist()


@app.post("/score")
def score(body: dict[str, Any]) -> Any:
    return body["data"]


@app.post("/async-score")
async def async_score(body: dict[str, Any]) -> Any:
    return body["data"]


@app.post("/spin")
def spin(body: dict[str, Any]) -> Any:
    until = time.thread_time() + 1e-3 * body["ms"]
    while time.thread_time() < until:
        pass
    return body["data"]


@app.post("/wide")
def wide(body: dict[str, Any]) -> Any:
    return label(body["data"])


@app.post("/binary")
async def binary(request: Request) -> Any:
    """A tensor as the Open Inference Protocol sends it in binary: JSON, then the numbers."""
    head = int(request.headers["inference-header-content-length"])
    body = await request.body()
    return label(numpy.frombuffer(body, numpy.float32, offset=head).reshape(-1, 2000))
