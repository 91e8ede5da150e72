"""Trains a small network on scikit-learn's handwritten digits and writes what is served.

Usage:
    python train_digits.py                     write into this folder
    python train_digits.py --out /tmp/digits   write elsewhere
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

HERE = Path(__file__).resolve().parent
SEED = 7
HELD_OUT = 360
HIDDEN = 64
# What sooth.yaml says of the preparation: `width`, `height`, and a squash by `filter`.
PREPARED = (8, 8)
FILTER = Image.Resampling.BILINEAR
# Of the pictures that are made of the data's 8 x 8 numbers.
SIDE = 64
NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
# The sample whose probabilities are in expected.csv.
EXPECTED_OF = 7
# Of ONNX: what every ONNX Runtime that Sooth takes knows.
OPSET = 17
IR_VERSION = 8


def picture_of(digit: np.ndarray) -> Image.Image:
    """Returns the picture of 8 x 8 numbers from 0 to 16: white on black, smooth, SIDE x SIDE."""
    grey = np.rint(digit * (255 / 16)).astype(np.uint8)
    return Image.fromarray(grey).resize((SIDE, SIDE), Image.Resampling.BICUBIC)


def prepared(picture: Image.Image) -> np.ndarray:
    """Returns what the server gives the network of a picture: float32 [3, 8, 8] from 0 to 1."""
    pixels = np.asarray(picture.convert("RGB").resize(PREPARED, FILTER), dtype=np.float32)
    return np.moveaxis(pixels, -1, 0) / np.float32(255)


def grey_of(pictures: list[Image.Image]) -> np.ndarray:
    """Returns what the network's first step makes of the pictures: a row of 64 numbers each."""
    return np.stack([prepared(each).mean(axis=0).reshape(-1) for each in pictures])


def network_of(model: MLPClassifier) -> onnx.ModelProto:
    """Returns the network in ONNX: the average of the channels, then the layers; logits."""
    (weights1, weights2), (bias1, bias2) = model.coefs_, model.intercepts_
    constants = {"weights1": weights1, "bias1": bias1, "weights2": weights2, "bias2": bias2}
    nodes = [
        helper.make_node("ReduceMean", ["picture"], ["grey"], axes=[1], keepdims=0),
        helper.make_node("Flatten", ["grey"], ["pixels"], axis=1),
        helper.make_node("Gemm", ["pixels", "weights1", "bias1"], ["sums"]),
        helper.make_node("Relu", ["sums"], ["hidden"]),
        helper.make_node("Gemm", ["hidden", "weights2", "bias2"], ["logits"]),
    ]
    graph = helper.make_graph(
        nodes,
        "digits",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, ["n", 3, *PREPARED])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", len(NAMES)])],
        [numpy_helper.from_array(v.astype(np.float32), k) for k, v in constants.items()],
    )
    made = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION
    )
    onnx.checker.check_model(made, full_check=True)
    return made


def write(out: Path, model: MLPClassifier, samples: list[Image.Image]) -> None:
    """Writes the network, its labels, the samples and the probabilities of one of them."""
    (out / "samples").mkdir(parents=True, exist_ok=True)
    (out / "digits.onnx").write_bytes(network_of(model).SerializeToString(deterministic=True))
    (out / "labels.txt").write_text("".join(f"{name}\n" for name in NAMES), encoding="utf-8")
    for digit, picture in enumerate(samples):
        picture.save(out / "samples" / f"{digit}.png", optimize=True)
    probabilities = model.predict_proba(grey_of([samples[EXPECTED_OF]]))[0]
    rows = [",".join(map(str, range(len(NAMES)))), ",".join(repr(float(p)) for p in probabilities)]
    (out / "expected.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write into")
    out = parser.parse_args().out

    digits = load_digits()
    pictures = [picture_of(each) for each in digits.images]
    rows = np.arange(len(pictures))
    train, test = train_test_split(
        rows, test_size=HELD_OUT, random_state=SEED, stratify=digits.target
    )
    pixels = grey_of(pictures)
    started = time.process_time()
    model = MLPClassifier((HIDDEN,), alpha=1e-3, max_iter=1000, random_state=SEED)
    model.fit(pixels[train], digits.target[train])
    seconds = time.process_time() - started
    right = int((model.predict(pixels[test]) == digits.target[test]).sum())
    print(f"{len(train)} digits learned in {seconds:.1f} s of a core, {model.n_iter_} passes")
    print(f"held out: {right} of {len(test)} right, {right / len(test):.1%}")
    # The first held-out picture of each digit.
    samples = [pictures[test[digits.target[test] == each][0]] for each in range(len(NAMES))]
    write(out, model, samples)
    print(f"digits.onnx has {(out / 'digits.onnx').stat().st_size} bytes, in {out}")


if __name__ == "__main__":
    main()
