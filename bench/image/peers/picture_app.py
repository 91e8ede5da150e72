"""A network of pictures behind FastAPI, as one writes it: a picture's bytes in, the best three out.

PICTURE_ENGINE is `ort` or `torch`, PICTURE_NETWORK its file, PICTURE_LABELS one name a line. With
PICTURE_TUNED=1 a worker computes one picture at a time on one thread and refuses what would wait
behind too many; else everything is as the libraries have it.
"""

from __future__ import annotations

import asyncio
import os
from io import BytesIO
from pathlib import Path

import numpy
from engines import make_engine
from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from preparing import prepare

TUNED = os.environ.get("PICTURE_TUNED") == "1"
TOP = 3
WAITING_MAX = 32

app = FastAPI()
labels = Path(os.environ["PICTURE_LABELS"]).read_text("utf-8").splitlines()
compute = make_engine(
    os.environ["PICTURE_ENGINE"], os.environ["PICTURE_NETWORK"], threads=1 if TUNED else None
)
turn = asyncio.Semaphore(1)
waiting = 0


def classify(picture: bytes) -> list[tuple[int, str, float]]:
    logits = compute(prepare(BytesIO(picture)))[0].astype(numpy.float64)
    shares = numpy.exp(logits - logits.max())
    shares /= shares.sum()
    best = numpy.argsort(-shares, kind="stable")[:TOP]
    return [(int(i), labels[i], float(shares[i])) for i in best]


@app.post("/score")
async def score(request: Request) -> Response:
    global waiting
    picture = await request.body()
    if not TUNED:
        return JSONResponse(await run_in_threadpool(classify, picture))
    if waiting == WAITING_MAX:
        return Response(status_code=503)
    waiting += 1
    try:
        async with turn:
            return JSONResponse(await run_in_threadpool(classify, picture))
    finally:
        waiting -= 1
