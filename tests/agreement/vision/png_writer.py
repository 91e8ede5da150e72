"""PNGs of kinds that Pillow reads but does not write."""

import struct
import zlib
from typing import Iterator, List, Tuple

CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
# Of each pass of Adam7: the first column and row, and how far the next ones are.
PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
Row = List[Tuple[int, ...]]


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def packed(row: Row, depth: int) -> bytes:
    samples = [sample for pixel in row for sample in pixel]
    if depth == 16:
        return struct.pack(">%dH" % len(samples), *samples)
    bits = "".join(format(sample, "0%db" % depth) for sample in samples)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))


def passes(rows: List[Row], interlaced: bool) -> Iterator[List[Row]]:
    if not interlaced:
        yield rows
        return
    for left, top, across, down in PASSES:
        some = [row[left::across] for row in rows[top::down]]
        if some and some[0]:
            yield some


def write_png(path: str, rows: List[Row], colour: int, depth: int, interlaced: bool, **chunks: bytes) -> None:
    """Rows of pixels, each a tuple of samples; chunks that stand before the pixels, by their names."""
    data = b"".join(
        b"\0" + packed(row, depth) for some in passes(rows, interlaced) for row in some
    )
    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), depth, colour, 0, 0, interlaced)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header))
        for name, content in chunks.items():
            file.write(chunk(name.encode(), content))
        file.write(chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b""))
