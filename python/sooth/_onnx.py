"""Reads what an ONNX file calls its ends and its weights, so that no package is needed for that.

A file is a protobuf message: field 7 of it is the graph, whose field 11 are the inputs, 12 the
outputs and 5 the weights: field 8 is their name, and 13 says which file they are in. Old writers
list weights among the inputs too.
"""

from __future__ import annotations

import mmap
from typing import Iterator, List, Tuple, Union

from ._errors import SoothError

_Bytes = Union[bytes, memoryview]


def _varint(data: _Bytes, at: int) -> Tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise ValueError
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def _fields(data: _Bytes) -> Iterator[Tuple[int, _Bytes]]:
    """The fields that have a length, with their numbers; others are passed over."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        wire = key & 7
        if wire == 0:
            _, at = _varint(data, at)
        elif wire in (1, 5):
            at += 8 if wire == 1 else 4
        elif wire == 2:
            size, at = _varint(data, at)
            if size > len(data) - at:
                raise ValueError
            yield key >> 3, data[at : at + size]
            at += size
        else:
            raise ValueError


def _name(data: _Bytes, field: int) -> str:
    for number, value in _fields(data):
        if number == field:
            return bytes(value).decode("utf-8")
    return ""


def read_ends(path: str) -> Tuple[Tuple[str, ...], Tuple[str, ...]]:
    """The names of the inputs and of the outputs, in the graph's order."""
    inputs: List[str] = []
    outputs: List[str] = []
    weights = set()
    for field, value in _read_graph(path):
        if field == 11:
            inputs.append(_name(value, 1))
        elif field == 12:
            outputs.append(_name(value, 1))
        elif field == 5:
            weights.add(_name(value, 8))
    return tuple(name for name in inputs if name not in weights), tuple(outputs)


def read_weight_files(path: str) -> Tuple[str, ...]:
    """The files beneath the network's folder that hold weights of it."""
    files = set()
    for field, weight in _read_graph(path):
        for tensor_field, entry in _fields(weight) if field == 5 else ():
            if tensor_field == 13 and _name(entry, 1) == "location":
                files.add(_name(entry, 2))
    return tuple(sorted(files))


def _read_graph(path: str) -> Iterator[Tuple[int, _Bytes]]:
    try:
        with open(path, "rb") as file:
            # It is closed with the last slice of it.
            data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        for field, graph in _fields(data):
            if field == 7:
                yield from _fields(graph)
    except OSError as error:
        raise SoothError(f'"{path}": {error.strerror}') from None
    except ValueError:
        raise SoothError(f'"{path}": expected an ONNX file') from None
