import os

from stand_in import HERE, WithStandIn

import sooth
from sooth._onnx import read_ends, read_weight_files

DIGITS = os.path.join(HERE, "..", "..", "demos", "image", "digits.onnx")


def field(number, data):
    """A field of a protobuf message that has a length."""
    size, lead = len(data), b""
    while size > 127:
        lead += bytes([size & 127 | 128])
        size >>= 7
    return bytes([number << 3 | 2]) + lead + bytes([size]) + data


class ReadEnds(WithStandIn):
    def test_gives_the_names_of_a_network(self):
        self.assertEqual(read_ends(DIGITS), (("picture",), ("logits",)))

    def test_weights_among_the_inputs_are_none(self):
        graph = (field(11, field(1, b"x")) + field(11, field(1, b"w")) + field(5, field(8, b"w"))
                 + field(12, field(1, b"y")) + field(12, field(1, b"z")))
        path = self.write("m.onnx", b"\x08\x08" + field(7, graph))
        self.assertEqual(read_ends(path), (("x",), ("y", "z")))

    def test_refuses_what_is_no_message(self):
        for data in (b"", b"\xff" * 40, b"\x3a\xff\x01x", b"\x3b"):
            with self.subTest(data=data):
                path = self.write("m.onnx", data)
                with self.assertRaises(sooth.SoothError) as caught:
                    read_ends(path)
                self.assertEqual(str(caught.exception), f'"{path}": expected an ONNX file')

    def test_gives_the_files_of_weights(self):
        def weight(name, location):
            entry = field(1, b"location") + field(2, location)
            return field(5, field(8, name) + field(13, field(1, b"offset") + field(2, b"0"))
                         + field(13, entry))

        graph = weight(b"a", b"m.data") + weight(b"b", b"m.data") + weight(b"c", b"sub/x")
        path = self.write("m.onnx", field(7, graph))
        self.assertEqual(read_weight_files(path), ("m.data", "sub/x"))
        self.assertEqual(read_weight_files(DIGITS), ())
