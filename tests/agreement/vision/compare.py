"""Asks vision_probe and Pillow the same: compare.py PROBE WORK PHOTOGRAPHS

Pillow decodes, turns and resizes. The arithmetic of torchvision's ToTensor, Normalize, Resize and
CenterCrop and of Keras' preprocess_input is written here in NumPy's float32, operation for
operation, since those packages are too large to install for it.
"""

import hashlib
import os
import subprocess
import sys
import warnings
from typing import Callable, Dict, List, Optional, Tuple

import numpy
from PIL import Image, ImageOps

from pictures import make_pictures

FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}
MEAN, DEVIATION = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
# What differs from Pillow on purpose: grey of 16 bits, which Pillow cuts off at 255.
REFUSED = {"kind-0-16-0.png", "kind-0-16-1.png"}

Case = Tuple[str, Callable[[], str]]


def answer(width: int, height: int, data: bytes) -> str:
    return "%d %d %s" % (width, height, hashlib.sha256(data).hexdigest())


def of_picture(picture: Image.Image) -> str:
    return answer(picture.width, picture.height, picture.tobytes())


def opened(path: str, orient: bool = False) -> Image.Image:
    with Image.open(path) as picture:
        picture.load()
        return (ImageOps.exif_transpose(picture) if orient else picture).convert("RGB")


def resize_shorter(picture: Image.Image, size: int, resample: int) -> Image.Image:
    """torchvision.transforms.Resize(size)"""
    width, height = picture.size
    short, long = (width, height) if width <= height else (height, width)
    new_short, new_long = size, int(size * long / short)
    return picture.resize((new_short, new_long) if width <= height else (new_long, new_short), resample)


def centre_crop(picture: Image.Image, width: int, height: int) -> Image.Image:
    """torchvision.transforms.CenterCrop((height, width))"""
    if width > picture.width or height > picture.height:
        across, down = max(width - picture.width, 0), max(height - picture.height, 0)
        border = (across // 2, down // 2, (across + 1) // 2, (down + 1) // 2)
        picture = ImageOps.expand(picture, border=border, fill=0)
    top = int(round((picture.height - height) / 2.0))
    left = int(round((picture.width - width) / 2.0))
    return picture.crop((left, top, left + width, top + height))


def to_tensor_and_normalize(picture: Image.Image) -> numpy.ndarray:
    """torchvision's ToTensor() and Normalize(mean, std)"""
    values = numpy.asarray(picture).transpose(2, 0, 1).astype(numpy.float32) / numpy.float32(255)
    mean = numpy.asarray(MEAN, numpy.float32)[:, None, None]
    deviation = numpy.asarray(DEVIATION, numpy.float32)[:, None, None]
    return (values - mean) / deviation


def preprocess_input(picture: Image.Image, mode: str) -> numpy.ndarray:
    """keras.applications.imagenet_utils.preprocess_input of an array, channels last"""
    x = numpy.asarray(picture).astype(numpy.float32)
    if mode == "tf":
        x /= 127.5
        x -= 1.0
        return x
    if mode == "torch":
        x /= 255.0
        mean, deviation = MEAN, DEVIATION
    else:
        x = numpy.ascontiguousarray(x[..., ::-1])
        mean, deviation = [103.939, 116.779, 123.68], None
    for channel in range(3):
        x[..., channel] -= mean[channel]
        if deviation is not None:
            x[..., channel] /= deviation[channel]
    return x


def of_tensor(tensor: numpy.ndarray, width: int = 224, height: int = 224) -> str:
    return answer(width, height, numpy.ascontiguousarray(tensor).tobytes())


def decode_case(path: str, orient: bool) -> Case:
    return "\t".join(("decode", path, str(int(orient)))), lambda: of_picture(opened(path, orient))


def resize_case(path: str, picture: Image.Image, name: str, size: Tuple[int, int], box: Optional[Tuple[float, ...]]) -> Case:
    words = ["resize", path, name, str(size[0]), str(size[1])]
    words += [repr(side) for side in box or ()]
    return "\t".join(words), lambda: of_picture(picture.resize(size, FILTERS[name], box))


def prepare_case(path: str, preset: str, make: Callable[[], str], **changes: object) -> Case:
    words = ["prepare", path, preset] + ["%s=%s" % change for change in changes.items()]
    return "\t".join(words), make


def geometry_cases(path: str, picture: Image.Image) -> List[Case]:
    cases = []
    for name, resample in FILTERS.items():
        cases.append(resize_case(path, picture, name, (224, 224), None))
        for size, shorter in (((224, 224), 256), ((97, 150), 131)):
            bytes_as_they_are = dict(
                filter=name, type="uint8", layout="nhwc", width=size[0], height=size[1], shorter=shorter
            )
            crop = lambda f=resample, s=size, n=shorter: of_picture(centre_crop(resize_shorter(picture, n, f), *s))
            fit = lambda f=resample, s=size: of_picture(ImageOps.fit(picture, s, f))
            cases.append(prepare_case(path, "torchvision", crop, geometry="crop", **bytes_as_they_are))
            cases.append(prepare_case(path, "torchvision", fit, geometry="fit", **bytes_as_they_are))
    return cases


def preset_cases(path: str, picture: Image.Image) -> List[Case]:
    def cropped() -> Image.Image:
        return centre_crop(resize_shorter(picture, 256, FILTERS["bilinear"]), 224, 224)

    def squashed() -> Image.Image:
        return picture.resize((224, 224), FILTERS["bicubic"])

    def fitted() -> Image.Image:
        return ImageOps.fit(picture, (224, 224), FILTERS["lanczos"])

    cases = [
        prepare_case(path, "torchvision", lambda: of_tensor(to_tensor_and_normalize(cropped()))),
        prepare_case(path, "torchvision-squash", lambda: of_tensor(to_tensor_and_normalize(squashed()))),
    ]
    for mode in ("caffe", "tf", "torch"):
        cases.append(prepare_case(path, "keras-" + mode, lambda m=mode: of_tensor(preprocess_input(fitted(), m))))
    return cases


def odd_cases(path: str) -> List[Case]:
    """Sizes and boxes at their edges, of a small picture."""
    picture = opened(path)
    width, height = picture.size
    cases = []
    for name, resample in FILTERS.items():
        for size in ((1, 1), (1, 90), (90, 1), (7, 5), (61, 43), (60, 43), (61, 42), (300, 200), (3, 200)):
            cases.append(resize_case(path, picture, name, size, None))
            for box in ((0, 0, 30, 20), (3, 5, 60, 40), (0.5, 0.25, 60.125, 42.75), (10.3, 7.7, 20.9, 42.1)):
                cases.append(resize_case(path, picture, name, size, box))
        cases.append(resize_case(path, picture, name, (20, 30), (5, 6, 25, 36)))
        for size, shorter in (((50, 20), 30), ((20, 50), 31), ((99, 98), 33), ((33, 47), 33)):
            changes = dict(
                filter=name, type="uint8", layout="nhwc", width=size[0], height=size[1], shorter=shorter
            )
            crop = lambda f=resample, s=size, n=shorter: of_picture(centre_crop(resize_shorter(picture, n, f), *s))
            cases.append(prepare_case(path, "torchvision", crop, geometry="crop", **changes))
    return cases


def ask(probe: str, cases: List[Case]) -> List[str]:
    lines = "".join(line + "\n" for line, _ in cases)
    done = subprocess.run([probe], input=lines, stdout=subprocess.PIPE, check=True, universal_newlines=True)
    return done.stdout.splitlines()


def expected_of(make: Callable[[], str]) -> str:
    try:
        return make()
    except Exception as error:  # pylint: disable=broad-except
        return "refused: %r" % error


def count_differences(probe: str, cases: List[Case]) -> int:
    failures = 0
    for (line, make), given in zip(cases, ask(probe, cases)):
        expected = expected_of(make)
        both_refuse = given.startswith("refused: ") and expected.startswith("refused: ")
        on_purpose = given.startswith("refused: ") and os.path.basename(line.split("\t")[1]) in REFUSED
        if given != expected and not both_refuse and not on_purpose:
            failures += 1
            print("%s\n  expected %s\n  got      %s" % (line.replace("\t", " "), expected, given))
    return failures


def main() -> int:
    probe, work, photographs = sys.argv[1:]
    warnings.simplefilter("ignore")
    groups: Dict[str, List[Case]] = {"kinds": [], "sizes and boxes": []}
    folder = os.path.join(work, "pictures")
    for name in make_pictures(folder):
        for orient in (False, True):
            groups["kinds"].append(decode_case(os.path.join(folder, name), orient))
    groups["sizes and boxes"] = odd_cases(os.path.join(folder, "kind-2-8-0.png"))
    if os.path.isdir(photographs):
        groups["photographs"] = []
        for name in sorted(os.listdir(photographs)):
            path = os.path.join(photographs, name)
            picture = opened(path)
            groups["photographs"].append(decode_case(path, False))
            groups["photographs"] += geometry_cases(path, picture) + preset_cases(path, picture)
    else:
        print("photographs: skipped, no %s" % photographs)
    failures = 0
    for name, cases in groups.items():
        different = count_differences(probe, cases)
        print("%s: %d compared with Pillow %s, %d differ" % (name, len(cases), Image.__version__, different))
        failures += different
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
