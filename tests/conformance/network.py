"""A network of tensors, written as an ONNX file: y = x + [10, 20] of FP32[n, 2], and BYTES and INT64
that come back as they are."""

import struct

FLOAT, INT64, STRING = 1, 7, 8
IR_VERSION, OPSET = 8, 17


def varint(value):
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def integer(field, value):
    return varint(field << 3) + varint(value)


def text(field, value):
    value = value.encode() if isinstance(value, str) else value
    return varint(field << 3 | 2) + varint(len(value)) + value


def node(kind, inputs, output):
    return (b"".join(text(1, each) for each in inputs) + text(2, output) + text(3, output)
            + text(4, kind))


def end(name, kind, shape):
    """A ValueInfoProto; an extent that is a text is open."""
    dims = b"".join(text(1, text(2, each) if isinstance(each, str) else integer(1, each))
                    for each in shape)
    return text(1, name) + text(2, text(1, integer(1, kind) + text(2, dims)))


def model():
    weights = integer(1, 2) + integer(2, FLOAT) + text(8, "w") + text(9, struct.pack("<2f", 10, 20))
    graph = text(1, node("Add", ["x", "w"], "y")) + text(1, node("Identity", ["ids"], "same_ids"))
    graph += text(1, node("Identity", ["words"], "same_words")) + text(2, "three") + text(5, weights)
    for name, kind, shape in (("x", FLOAT, ["n", 2]), ("ids", INT64, ["n"]),
                              ("words", STRING, ["n"])):
        graph += text(11, end(name, kind, shape))
    for name, kind, shape in (("y", FLOAT, ["n", 2]), ("same_ids", INT64, ["n"]),
                              ("same_words", STRING, ["n"])):
        graph += text(12, end(name, kind, shape))
    return (integer(1, IR_VERSION) + text(8, text(1, "") + integer(2, OPSET)) + text(7, graph))


def write(path):
    with open(path, "wb") as file:
        file.write(model())
