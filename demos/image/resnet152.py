"""Writes the folder of a ResNet-152, ready to register: the network in ONNX, labels, sooth.yaml.

Usage:
    python resnet152.py                       torchvision's weights; where it is not installed, or
                                              they cannot be fetched, seeded ones, and it says so
    python resnet152.py --weights imagenet    torchvision's weights or none
    python resnet152.py --weights seeded      random weights: for how fast it is, not what it sees
    python resnet152.py --labels index.json   with a file of labels of your own

The graph is built here, from the names that torchvision's weights have, with each batch
normalisation within its convolution: `numpy` and `onnx` are enough for it, and `torchvision` is
needed for its weights alone.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

HERE = Path(__file__).resolve().parent
SEED = 152
BLOCKS = (3, 8, 36, 3)
CATEGORIES = 1000
SIDE = 224
EPSILON = 1e-5  # Of torch.nn.BatchNorm2d.
OPSET = 17
IR_VERSION = 8

RECIPE = """\
# ResNet-152, by resnet152.py, with {origin}.
name: resnet152
model: model.onnx
image:
  preset: torchvision
  shorter: {shorter}
  labels: {labels}
"""

# The weights of that name, of that shape.
Weights = Callable[[str, tuple[int, ...]], np.ndarray]


def seeded() -> Weights:
    """Returns weights by chance, the same each time, under which numbers stay of one size."""
    chance = np.random.default_rng(SEED)

    def find(name: str, shape: tuple[int, ...]) -> np.ndarray:
        if name.endswith(("bias", "running_mean")):
            return np.zeros(shape, np.float32)
        if len(shape) == 1:
            # What a block adds to its input is small, so that fifty of them do not run away.
            return np.full(shape, 0.2 if name.endswith("bn3.weight") else 1.0, np.float32)
        spread = np.sqrt(2 / np.prod(shape[1:]))
        return chance.standard_normal(shape, np.float32) * np.float32(spread)

    return find


def trained() -> tuple[Weights, list[str], int]:
    """Returns torchvision's weights, the categories' names, and the size to resize to."""
    from torchvision.models import ResNet152_Weights

    chosen = ResNet152_Weights.IMAGENET1K_V2
    state = chosen.get_state_dict(progress=True)

    def find(name: str, shape: tuple[int, ...]) -> np.ndarray:
        values = state[name].numpy()
        if values.shape != shape:
            raise SystemExit(f"{name}: expected the shape {shape}, got {values.shape}")
        return values

    return find, chosen.meta["categories"], chosen.transforms().resize_size[0]


class Graph:
    """The nodes and constants of a network as they come."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, kind: str, inputs: list[str], output: str, **attributes: object) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def constant(self, name: str, values: np.ndarray) -> str:
        self.constants.append(numpy_helper.from_array(values.astype(np.float32), name))
        return name

    def convolve(self, x: str, names: tuple[str, str], shape: tuple[int, ...], stride: int) -> str:
        """Adds a convolution with the batch normalisation that follows it."""
        conv, norm = names
        scale, bias, mean, variance = (
            self.weights(f"{norm}.{part}", shape[:1]).astype(np.float64)
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        scale /= np.sqrt(variance + EPSILON)
        kernel = self.weights(f"{conv}.weight", shape) * scale.reshape(-1, 1, 1, 1)
        inputs = [
            x,
            self.constant(f"{conv}.weight", kernel),
            self.constant(f"{conv}.bias", bias - mean * scale),
        ]
        pad = shape[-1] // 2
        return self.add("Conv", inputs, conv, strides=[stride] * 2, pads=[pad] * 4)

    def relu(self, x: str) -> str:
        return self.add("Relu", [x], f"{x}.relu")

    def block(self, x: str, name: str, channels: int, width: int, stride: int) -> str:
        """Adds a bottleneck: `channels` in, `width` within, four times as many out."""
        out = 4 * width

        def layer(y: str, number: int, shape: tuple[int, ...], step: int) -> str:
            return self.convolve(y, (f"{name}.conv{number}", f"{name}.bn{number}"), shape, step)

        y = self.relu(layer(x, 1, (width, channels, 1, 1), 1))
        y = self.relu(layer(y, 2, (width, width, 3, 3), stride))
        y = layer(y, 3, (out, width, 1, 1), 1)
        if channels != out:
            names = (f"{name}.downsample.0", f"{name}.downsample.1")
            x = self.convolve(x, names, (out, channels, 1, 1), stride)
        return self.relu(self.add("Add", [y, x], name))


def network_of(weights: Weights) -> onnx.ModelProto:
    """Returns ResNet-152 in ONNX: float32 [n, 3, 224, 224] to 1,000 logits."""
    graph = Graph(weights)
    x = graph.relu(graph.convolve("picture", ("conv1", "bn1"), (64, 3, 7, 7), 2))
    x = graph.add("MaxPool", [x], "pooled", kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    channels = 64
    for stage, blocks in enumerate(BLOCKS, start=1):
        width = 64 << (stage - 1)
        for i in range(blocks):
            stride = 2 if stage > 1 and i == 0 else 1
            x = graph.block(x, f"layer{stage}.{i}", channels, width, stride)
            channels = 4 * width
    x = graph.add("Flatten", [graph.add("GlobalAveragePool", [x], "averages")], "features")
    fc = graph.constant("fc.weight", weights("fc.weight", (CATEGORIES, channels)))
    bias = graph.constant("fc.bias", weights("fc.bias", (CATEGORIES,)))
    graph.add("Gemm", [x, fc, bias], "logits", transB=1)
    ends = (["n", 3, SIDE, SIDE], ["n", CATEGORIES])
    made = helper.make_graph(
        graph.nodes,
        "resnet152",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, ends[0])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ends[1])],
        graph.constants,
    )
    opset = helper.make_opsetid("", OPSET)
    return helper.make_model(made, opset_imports=[opset], ir_version=IR_VERSION)


def choose(wanted: str | None) -> tuple[Weights, list[str], int, str]:
    """Returns weights, names, the size to resize to, and what the weights are."""
    reason = "asked for"
    if wanted != "seeded":
        try:
            return *trained(), "torchvision's weights (IMAGENET1K_V2)"
        except (ImportError, OSError) as problem:
            reason = f"torchvision's weights cannot be had: {problem}"
    if wanted == "imagenet":
        raise SystemExit(reason)
    print(f"SEEDED WEIGHTS ({reason}): the answers mean nothing", file=sys.stderr)
    return seeded(), [f"category {i}" for i in range(CATEGORIES)], 256, "seeded weights"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=HERE / "resnet152", help="folder to write")
    parser.add_argument("--weights", choices=("imagenet", "seeded"), help="else whichever there is")
    parser.add_argument("--labels", type=Path, help="labels to take in place of torchvision's")
    options = parser.parse_args()
    if options.labels and not options.labels.is_file():
        parser.error(f"{options.labels}: expected a file of labels, got none")

    weights, names, shorter, origin = choose(options.weights)
    options.out.mkdir(parents=True, exist_ok=True)
    network = network_of(weights)
    onnx.save(network, options.out / "model.onnx")
    labels = options.labels.name if options.labels else "labels.txt"
    if options.labels:
        (options.out / labels).write_bytes(options.labels.read_bytes())
    else:
        (options.out / labels).write_text("".join(f"{name}\n" for name in names), encoding="utf-8")
    recipe = RECIPE.format(origin=origin, shorter=shorter, labels=labels)
    (options.out / "sooth.yaml").write_text(recipe, encoding="utf-8")
    count = sum(np.prod(each.dims) for each in network.graph.initializer)
    print(f"ResNet-152 with {origin}: {count / 1e6:.1f} million numbers, in {options.out}")


if __name__ == "__main__":
    main()
