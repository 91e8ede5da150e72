"""What computes a network: float32 [n, 3, 224, 224] to logits."""

from __future__ import annotations

from collections.abc import Callable

import numpy

Engine = Callable[[numpy.ndarray], numpy.ndarray]


def onnxruntime_engine(path: str, threads: int | None) -> Engine:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    if threads is not None:
        options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda pictures: session.run(None, {name: pictures})[0]


def torch_engine(path: str, threads: int | None) -> Engine:
    import torch
    from torch_resnet import load

    if threads is not None:
        torch.set_num_threads(threads)
    network = load(path)

    def compute(pictures: numpy.ndarray) -> numpy.ndarray:
        with torch.inference_mode():
            return network(torch.from_numpy(pictures)).numpy()

    return compute


def make_engine(kind: str, path: str, threads: int | None) -> Engine:
    return {"ort": onnxruntime_engine, "torch": torch_engine}[kind](path, threads)
