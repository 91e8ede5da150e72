"""Tensors as onnx_probe reads and writes them: for each a line of name, datatype, extents and bytes,
separated by tabs, and then the bytes. A text is four bytes of length, little-endian, and itself."""

import struct
from typing import Any, BinaryIO, Dict

import ml_dtypes
import numpy

# By NumPy's names, what the Open Inference Protocol calls them.
NAMES = {
    "bool": "BOOL", "float16": "FP16", "bfloat16": "BF16", "float32": "FP32", "float64": "FP64",
    "uint8": "UINT8", "uint16": "UINT16", "uint32": "UINT32", "uint64": "UINT64",
    "int8": "INT8", "int16": "INT16", "int32": "INT32", "int64": "INT64",
}
DTYPES = {name: numpy.dtype(dtype) for dtype, name in NAMES.items() if dtype != "bfloat16"}
DTYPES["BF16"] = numpy.dtype(ml_dtypes.bfloat16)
# Those whose bits are what goes over the protocol.
BITS = ("float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz")
NAMES.update((dtype, "UINT8") for dtype in BITS)


class NoTensor(Exception):
    """What the protocol has no tensor for."""


def text_bytes(text: Any) -> bytes:
    return text if isinstance(text, bytes) else str(text).encode()


def write_tensor(file: BinaryIO, name: str, array: Any) -> None:
    if not isinstance(array, numpy.ndarray):
        raise NoTensor(type(array).__name__)
    if array.dtype.kind in "OUS":
        datatype = "BYTES"
        texts = [text_bytes(text) for text in array.ravel()]
        data = b"".join(struct.pack("<I", len(text)) + text for text in texts)
    elif array.dtype.name in NAMES:
        datatype, data = NAMES[array.dtype.name], array.tobytes()
    else:
        raise NoTensor(array.dtype.name)
    extents = ",".join(str(extent) for extent in array.shape)
    file.write(("%s\t%s\t%s\t%d\n" % (name, datatype, extents, len(data))).encode() + data)


def texts_of(data: bytes) -> numpy.ndarray:
    texts, at = [], 0
    while at < len(data):
        (length,) = struct.unpack_from("<I", data, at)
        texts.append(data[at + 4 : at + 4 + length].decode())
        at += 4 + length
    return numpy.array(texts, dtype=object)


def read_tensors(path: str) -> Dict[str, numpy.ndarray]:
    tensors = {}
    with open(path, "rb") as file:
        for line in iter(file.readline, b""):
            name, datatype, extents, size = line.decode().rstrip("\n").split("\t")
            data = file.read(int(size))
            shape = tuple(int(extent) for extent in extents.split(",") if extent)
            array = texts_of(data) if datatype == "BYTES" else numpy.frombuffer(data, DTYPES[datatype])
            tensors[name] = array.reshape(shape)
    return tensors


def as_expected(array: numpy.ndarray, expected: Any) -> numpy.ndarray:
    """The same bits, where bits are what came."""
    dtype = getattr(expected, "dtype", None)
    return array.view(dtype) if dtype is not None and dtype.name in BITS and array.dtype == numpy.uint8 else array
