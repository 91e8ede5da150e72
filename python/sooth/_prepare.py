"""A picture as a recipe says, by Pillow and NumPy: what a version's own preparation is compared
with where the user gives no function for it."""

from __future__ import annotations

import importlib.util
from typing import Any, Dict

from ._errors import SoothError
from ._image import Image
from ._network import need

_CROP = {"width": 224, "height": 224, "geometry": "crop", "shorter": 256, "filter": "bilinear"}
_FIT = {"width": 224, "height": 224, "geometry": "fit", "filter": "lanczos", "layout": "nhwc"}
_IMAGENET = {
    "divisor": 255,
    "mean": (0.485, 0.456, 0.406),
    "deviation": (0.229, 0.224, 0.225),
}
_PLAIN: Dict[str, Any] = {
    **_CROP,
    "channels": "rgb",
    "divisor": 1,
    "mean": (0, 0, 0),
    "deviation": (1, 1, 1),
    "layout": "nchw",
    "type": "float32",
    "orient": True,
}
_PRESETS: Dict[str, Dict[str, Any]] = {
    "torchvision": _IMAGENET,
    "torchvision-squash": {**_IMAGENET, "geometry": "squash", "filter": "bicubic"},
    "keras-caffe": {**_FIT, "channels": "bgr", "mean": (103.939, 116.779, 123.68)},
    "keras-tf": {**_FIT, "divisor": 127.5, "mean": (1, 1, 1)},
    "keras-torch": {**_FIT, **_IMAGENET},
}


def can_prepare() -> bool:
    return all(importlib.util.find_spec(each) is not None for each in ("PIL", "numpy"))


def settings_of(image: Image) -> Dict[str, Any]:
    """Every key of the recipe, with what the preset and the defaults say for those not given."""
    if image.preset is not None and image.preset not in _PRESETS:
        raise SoothError(
            f'preset: expected one of {", ".join(_PRESETS)}, got "{image.preset}"'
        )
    preset = _PRESETS[image.preset] if image.preset else {}
    own = {name: value for name, value in image.keys().items() if name in _PLAIN}
    return {**_PLAIN, **preset, **own}


def prepare(path: str, image: Image) -> Any:
    """The network's input, a batch of one."""
    numpy = need("numpy", "numpy", "a proof of pictures")
    Pillow = need("PIL.Image", "pillow", "a proof of pictures")
    ImageOps = need("PIL.ImageOps", "pillow", "a proof of pictures")
    keys = settings_of(image)
    size = (int(keys["width"]), int(keys["height"]))
    resampling = getattr(Pillow, "Resampling", Pillow)
    method = getattr(resampling, str(keys["filter"]).upper())
    with Pillow.open(path) as opened:
        picture = ImageOps.exif_transpose(opened) if keys["orient"] else opened
        picture = picture.convert("RGB")
    if keys["geometry"] == "squash":
        picture = picture.resize(size, method)
    elif keys["geometry"] == "fit":
        picture = ImageOps.fit(picture, size, method)
    else:
        picture = _crop(picture, size, int(keys["shorter"]), method)
    pixels = numpy.asarray(picture)
    if keys["channels"] == "bgr":
        pixels = pixels[:, :, ::-1]
    if keys["type"] == "float32":
        scaled = pixels.astype(numpy.float32) / numpy.float32(keys["divisor"])
        centred = scaled - numpy.asarray(keys["mean"], numpy.float32)
        pixels = centred / numpy.asarray(keys["deviation"], numpy.float32)
    if keys["layout"] == "nchw":
        pixels = pixels.transpose(2, 0, 1)
    return numpy.ascontiguousarray(pixels[None])


def _crop(picture: Any, size: Any, shorter: int, method: Any) -> Any:
    """torchvision's Resize of the shorter side, and CenterCrop."""
    width, height = picture.size
    if width <= height:
        resized = (shorter, int(shorter * height / width))
    else:
        resized = (int(shorter * width / height), shorter)
    if resized != (width, height):
        picture = picture.resize(resized, method)
    left = int(round((resized[0] - size[0]) / 2.0))
    top = int(round((resized[1] - size[1]) / 2.0))
    return picture.crop((left, top, left + size[0], top + size[1]))
