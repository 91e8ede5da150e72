"""Pictures as the networks of torchvision want them, by Pillow and NumPy."""

from __future__ import annotations

from typing import BinaryIO

import numpy
from PIL import Image

SHORTER, SIDE = 256, 224
MEAN = numpy.array([0.485, 0.456, 0.406], numpy.float32)
DEVIATION = numpy.array([0.229, 0.224, 0.225], numpy.float32)


def normalise(picture: Image.Image) -> numpy.ndarray:
    """ToTensor() and Normalize(): float32 [1, 3, height, width]."""
    values = numpy.asarray(picture, numpy.float32) / numpy.float32(255)
    values = (values - MEAN) / DEVIATION
    return numpy.ascontiguousarray(values.transpose(2, 0, 1))[None]


def prepare(file: BinaryIO) -> numpy.ndarray:
    """Resize(256), CenterCrop(224)"""
    picture = Image.open(file).convert("RGB")
    width, height = picture.size
    if width <= height:
        size = (SHORTER, int(SHORTER * height / width))
    else:
        size = (int(SHORTER * width / height), SHORTER)
    picture = picture.resize(size, Image.Resampling.BILINEAR)
    left, top = round((size[0] - SIDE) / 2), round((size[1] - SIDE) / 2)
    return normalise(picture.crop((left, top, left + SIDE, top + SIDE)))


def squash(file: BinaryIO) -> numpy.ndarray:
    """A bicubic Resize((224, 224))"""
    picture = Image.open(file).convert("RGB").resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    return normalise(picture)


PRESETS = {"torchvision": prepare, "torchvision-squash": squash}
