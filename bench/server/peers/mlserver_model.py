"""What MLServer serves: the identity, or so many milliseconds, or a matrix."""

from __future__ import annotations

import time

import numpy
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse


class Model(MLModel):
    async def load(self) -> bool:
        self._weights = numpy.ones(2000)
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        tensor = payload.inputs[0]
        rows = NumpyCodec.decode_input(tensor)
        milliseconds = getattr(payload.parameters, "ms", 0) if payload.parameters else 0
        until = time.thread_time() + 1e-3 * milliseconds
        while time.thread_time() < until:
            pass
        if tensor.name == "wide":
            rows = (rows @ self._weights > 1000).astype(numpy.int64)
        output = NumpyCodec.encode_output("transform", rows)
        return InferenceResponse(id=payload.id, model_name=self.name, outputs=[output])
