"""What Triton's Python backend runs: the identity, or a matrix."""

from __future__ import annotations

from typing import Any

import numpy
import triton_python_backend_utils as backend


class TritonPythonModel:
    def initialize(self, args: dict[str, Any]) -> None:
        self._wide = args["model_name"] == "wide"
        self._weights = numpy.ones(2000)

    def execute(self, requests: list[Any]) -> list[Any]:
        return [self._answer(each) for each in requests]

    def _answer(self, request: Any) -> Any:
        rows = backend.get_input_tensor_by_name(request, "x").as_numpy()
        if self._wide:
            rows = (rows @ self._weights > 1000).astype(numpy.int64)
        return backend.InferenceResponse([backend.Tensor("transform", rows)])
