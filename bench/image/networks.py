"""The networks and pictures that are measured, made once: networks.py FOLDER MATERIAL

ResNet-152 has seeded weights: how fast it is does not depend on them. SqueezeNet and the photographs
come from MATERIAL, where they are; without them the pictures are made up.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import sys
from pathlib import Path

import numpy
import onnx
from PIL import Image, ImageOps

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "demos/image"))
sys.path.insert(0, str(Path(__file__).resolve().parent / "peers"))

import resnet152  # noqa: E402

SIZE = (640, 480)
PICTURES = 8
QUALITY = 90
# What smaller tensors take is not worth a file.
EXTERNAL_BYTES_MIN = 1024
RECIPE = """\
model: model.onnx
image:
  preset: torchvision
  labels: {labels}
  top_k: 3
"""


def make_resnet(folder: Path) -> None:
    """ResNet-152 three times: with its weights inside, in a file of their own, and for torch."""
    weights: dict[str, numpy.ndarray] = {}
    find = resnet152.seeded()

    def recorded(name: str, shape: tuple[int, ...]) -> numpy.ndarray:
        weights[name] = find(name, shape)
        return weights[name]

    network = resnet152.network_of(recorded)
    labels = "".join(f"category {i}\n" for i in range(resnet152.CATEGORIES))
    for name in ("resnet152", "resnet152-external"):
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name / "labels.txt").write_text(labels)
        (folder / name / "sooth.yaml").write_text(RECIPE.format(labels="labels.txt"))
    onnx.save(network, folder / "resnet152/model.onnx")
    numpy.savez(folder / "resnet152.npz", **weights)
    onnx.save(
        network,
        folder / "resnet152-external/model.onnx",
        save_as_external_data=True,
        location="weights.bin",
        size_threshold=EXTERNAL_BYTES_MIN,
    )


def take_squeezenet(folder: Path, material: Path) -> None:
    source = material / "imagenet"
    if not source.is_dir():
        return
    to = folder / "squeezenet"
    to.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source / "squeezenet1.1_fp32.onnx", to / "model.onnx")
    shutil.copyfile(source / "labels/imagenet_classes.txt", to / "labels.txt")
    (to / "sooth.yaml").write_text(RECIPE.format(labels="labels.txt"))


def made_up(seed: int) -> Image.Image:
    """Something smooth with edges in it."""
    chance = numpy.random.default_rng(seed)
    coarse = chance.integers(0, 256, (12, 16, 3), numpy.uint8)
    return Image.fromarray(coarse).resize(SIZE, Image.Resampling.BICUBIC)


def make_pictures(folder: Path, material: Path) -> None:
    photographs = sorted((material / "imagenet/images").glob("*"))
    # From all over the alphabet of classes.
    chosen = photographs[:: max(1, len(photographs) // PICTURES)][:PICTURES]
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(PICTURES):
        if chosen:
            with Image.open(chosen[number]) as photograph:
                picture = ImageOps.fit(photograph.convert("RGB"), SIZE)
        else:
            picture = made_up(number)
        data = io.BytesIO()
        picture.save(data, "JPEG", quality=QUALITY)
        (folder / f"{number}.jpg").write_bytes(data.getvalue())


def digest() -> str:
    """Of what makes them."""
    scripts = (Path(__file__), Path(resnet152.__file__))
    return hashlib.sha256(b"".join(script.read_bytes() for script in scripts)).hexdigest()


def main() -> None:
    folder, material = map(Path, sys.argv[1:])
    mark = folder / "complete"
    if mark.exists() and mark.read_text() == digest():
        return
    shutil.rmtree(folder, ignore_errors=True)
    make_resnet(folder)
    take_squeezenet(folder, material)
    make_pictures(folder / "pictures", material)
    mark.write_text(digest())


if __name__ == "__main__":
    main()
