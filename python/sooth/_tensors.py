"""Tensors as the Open Inference Protocol sends them in binary: a header of JSON, and behind it the
bytes of each tensor, little-endian in C order; of texts, each behind its length in four bytes."""

from __future__ import annotations

import json
import struct
from typing import Any, Dict, List, Mapping, Tuple

from ._errors import SoothError
from ._network import as_array, need

HEADER_LENGTH = "Inference-Header-Content-Length"
_DATATYPES = {
    "bool": "BOOL",
    "uint8": "UINT8",
    "uint16": "UINT16",
    "uint32": "UINT32",
    "uint64": "UINT64",
    "int8": "INT8",
    "int16": "INT16",
    "int32": "INT32",
    "int64": "INT64",
    "float16": "FP16",
    "float32": "FP32",
    "float64": "FP64",
}
_LENGTH = struct.Struct("<I")


def write_request(tensors: Mapping[str, Any]) -> Tuple[bytes, Dict[str, str]]:
    """The body of a request and its header fields."""
    inputs: List[Dict[str, Any]] = []
    parts: List[bytes] = []
    for name, value in tensors.items():
        datatype, shape, data = _encode(name, as_array(value))
        parameters = {"binary_data_size": len(data)}
        entry = {"name": name, "datatype": datatype, "shape": shape, "parameters": parameters}
        inputs.append(entry)
        parts.append(data)
    request = {"inputs": inputs, "parameters": {"binary_data_output": True}}
    header = json.dumps(request).encode("utf-8")
    fields = {"Content-Type": "application/octet-stream", HEADER_LENGTH: str(len(header))}
    return b"".join([header, *parts]), fields


def _encode(name: str, array: Any) -> Tuple[str, List[int], bytes]:
    shape = [int(size) for size in array.shape]
    if array.dtype.kind in "US":
        texts = [each.encode("utf-8") if isinstance(each, str) else bytes(each)
                 for each in array.reshape(-1).tolist()]
        return "BYTES", shape, b"".join(_LENGTH.pack(len(each)) + each for each in texts)
    datatype = _DATATYPES.get(array.dtype.name)
    if datatype is None:
        raise SoothError(f'data: "{name}": expected numbers or texts, got {array.dtype}')
    return datatype, shape, array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()


def read_answer(header: Mapping[str, Any], data: bytes) -> Dict[str, Any]:
    """The arrays that a server answered with, by name: in the header's own lists, or behind it."""
    numpy = need("numpy", "numpy", "tensors")
    types = {datatype: name for name, datatype in _DATATYPES.items()}
    answers: Dict[str, Any] = {}
    at = 0
    for each in header["outputs"]:
        datatype, shape = str(each["datatype"]), each["shape"]
        size = each.get("parameters", {}).get("binary_data_size")
        if size is None:
            array = numpy.asarray(each["data"], types.get(datatype))
        else:
            array = _decode(numpy, datatype, data[at : at + int(size)], types)
            at += int(size)
        answers[str(each["name"])] = array.reshape(shape)
    return answers


def _decode(numpy: Any, datatype: str, data: bytes, types: Mapping[str, str]) -> Any:
    if datatype == "BYTES":
        texts, at = [], 0
        while at < len(data):
            (size,) = _LENGTH.unpack_from(data, at)
            at += _LENGTH.size
            texts.append(data[at : at + size])
            at += size
        return numpy.asarray(texts, object)
    if datatype == "BF16":
        # The upper half of a float32.
        return (numpy.frombuffer(data, "<u2").astype("<u4") << 16).view("<f4")
    return numpy.frombuffer(data, numpy.dtype(types[datatype]).newbyteorder("<"))
