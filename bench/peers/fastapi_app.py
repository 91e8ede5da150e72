"""The same scoring behind FastAPI."""

from __future__ import annotations

import faq_scoring
from fastapi import FastAPI
from fastapi.responses import JSONResponse

app = FastAPI()
find_answers = faq_scoring.from_environment()


@app.post("/score")
def score(body: dict[str, str]) -> JSONResponse:
    return JSONResponse(find_answers(body["input"]))
