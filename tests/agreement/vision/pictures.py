"""Pictures of every kind, made in a folder: what photographs alone do not show."""

import io
import os
import random
import struct
from typing import List

import numpy
from PIL import Image

from png_writer import CHANNELS, write_png

WIDTH, HEIGHT = 61, 43


def scene(width: int = WIDTH, height: int = HEIGHT, channels: int = 3, seed: int = 1) -> numpy.ndarray:
    """Smooth shades with noise, so that codecs have something to lose."""
    noise = numpy.random.default_rng(seed).integers(0, 60, (height, width, channels))
    y, x, c = numpy.mgrid[0:height, 0:width, 0:channels]
    return ((x * 3 + y * 2 + c * 40 + noise) % 256).astype(numpy.uint8)


def make_jpegs(folder: str) -> None:
    rgb, grey = Image.fromarray(scene()), Image.fromarray(scene()[:, :, 0])
    for subsampling in ("4:4:4", "4:2:2", "4:2:0", "4:1:1"):
        for progressive in (False, True):
            name = "rgb-%s-%d.jpg" % (subsampling.replace(":", ""), progressive)
            rgb.save(os.path.join(folder, name), subsampling=subsampling, progressive=progressive)
    rgb.save(os.path.join(folder, "restarts.jpg"), restart_marker_blocks=3, optimize=True)
    rgb.save(os.path.join(folder, "rgb-kept.jpg"), keep_rgb=True)
    rgb.crop((0, 0, 1, 1)).save(os.path.join(folder, "one.jpg"))
    grey.save(os.path.join(folder, "grey.jpg"))
    grey.save(os.path.join(folder, "grey-progressive.jpg"), progressive=True)
    inks = Image.fromarray(scene(channels=4), mode="CMYK")
    inks.save(os.path.join(folder, "cmyk.jpg"))
    inks.save(os.path.join(folder, "cmyk-progressive.jpg"), progressive=True)


def make_ycck(folder: str) -> None:
    """The CMYK picture, said to be YCCK: its Adobe segment's last byte is the transform."""
    with open(os.path.join(folder, "cmyk.jpg"), "rb") as file:
        data = bytearray(file.read())
    data[data.index(b"Adobe") + 11] = 2
    with open(os.path.join(folder, "ycck.jpg"), "wb") as file:
        file.write(data)


def make_pngs(folder: str) -> None:
    random.seed(7)
    for colour, depths in {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}.items():
        for depth in depths:
            chunks = {}
            if colour == 3:
                # Fewer colours than the pixels can name.
                chunks["PLTE"] = random.randbytes(3 * max(2, (1 << depth) * 3 // 4))
                chunks["tRNS"] = random.randbytes(2)
            if colour in (0, 2):
                chunks["tRNS"] = b"\0\1" * CHANNELS[colour]
            for interlaced in (False, True):
                top = (1 << depth) - 1
                rows = [
                    [tuple(random.randint(0, top) for _ in range(CHANNELS[colour])) for _ in range(WIDTH)]
                    for _ in range(HEIGHT)
                ]
                name = "kind-%d-%d-%d.png" % (colour, depth, interlaced)
                write_png(os.path.join(folder, name), rows, colour, depth, interlaced, **chunks)


def make_webps(folder: str) -> None:
    rgb, rgba = Image.fromarray(scene()), Image.fromarray(scene(channels=4))
    for name, picture in (("rgb", rgb), ("rgba", rgba)):
        picture.save(os.path.join(folder, name + "-lossy.webp"), quality=60)
        picture.save(os.path.join(folder, name + "-lossless.webp"), lossless=True)
        more = [Image.fromarray(scene(channels=len(name), seed=seed)) for seed in (2, 3)]
        path = os.path.join(folder, name + "-animated.webp")
        picture.save(path, save_all=True, append_images=more, duration=40)


def make_placed_frame(folder: str) -> None:
    """A WebP whose first frame is a part of the canvas, which Pillow does not write."""
    def chunk(name: bytes, data: bytes) -> bytes:
        return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)

    def three(number: int) -> bytes:
        return struct.pack("<I", number)[:3]

    width, height, left, top = 20, 16, 10, 6
    for channels in (3, 4):
        still = io.BytesIO()
        Image.fromarray(scene(width, height, channels)).save(still, "WEBP", lossless=True)
        # Behind RIFF, its size, WEBP, and where there is alpha the extended header.
        frame = still.getvalue()[12:]
        frame = frame[frame.index(b"VP8L") :]
        place = three(left // 2) + three(top // 2) + three(width - 1) + three(height - 1)
        canvas = struct.pack("<I", 0x12) + three(WIDTH - 1) + three(HEIGHT - 1)
        body = b"WEBP" + chunk(b"VP8X", canvas) + chunk(b"ANIM", b"\x10\x20\x30\xff\0\0")
        body += chunk(b"ANMF", place + three(40) + b"\0" + frame)
        with open(os.path.join(folder, "placed-%d.webp" % channels), "wb") as file:
            file.write(chunk(b"RIFF", body))


def make_turned(folder: str) -> None:
    rgb = Image.fromarray(scene())
    for orientation in range(10):
        exif = Image.Exif()
        exif[0x0112] = orientation
        for kind in ("jpg", "png", "webp"):
            rgb.save(os.path.join(folder, "turned-%d.%s" % (orientation, kind)), exif=exif)
    for orientation in (3, 6):
        xmp = b'<x:xmpmeta><rdf:Description tiff:Orientation="%d"/></x:xmpmeta>' % orientation
        for kind in ("jpg", "webp"):
            rgb.save(os.path.join(folder, "xmp-%d.%s" % (orientation, kind)), xmp=xmp)
        rows = [[tuple(int(v) for v in pixel) for pixel in row] for row in scene()]
        content = b"XML:com.adobe.xmp\0\0\0\0\0" + xmp
        write_png(os.path.join(folder, "xmp-%d.png" % orientation), rows, 2, 8, False, iTXt=content)


def make_damaged(folder: str) -> None:
    random.seed(11)
    for name in ("rgb-420-0.jpg", "rgb-420-1.jpg", "restarts.jpg", "cmyk.jpg", "rgb-lossy.webp", "kind-2-8-0.png"):
        with open(os.path.join(folder, name), "rb") as file:
            data = file.read()
        for cut in (1, 2, 3, 30, len(data) // 2, len(data) - 20):
            with open(os.path.join(folder, "cut-%d-%s" % (cut, name)), "wb") as file:
                file.write(data[:-cut])
        if not name.endswith(".jpg"):
            continue
        for number in range(12):
            changed = bytearray(data)
            # Behind the headers, where libjpeg warns and goes on.
            changed[random.randrange(len(data) * 2 // 3, len(data) - 2)] = random.randrange(255)
            with open(os.path.join(folder, "damaged-%d-%s" % (number, name)), "wb") as file:
                file.write(changed)


def make_pictures(folder: str) -> List[str]:
    os.makedirs(folder, exist_ok=True)
    for make in (make_jpegs, make_ycck, make_pngs, make_webps, make_placed_frame, make_turned, make_damaged):
        make(folder)
    return sorted(os.listdir(folder))
