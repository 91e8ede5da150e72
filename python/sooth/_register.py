"""Registers a model: writes what the program reads, with the original's answers, and runs it."""

from __future__ import annotations

import os
import shutil
import tempfile
from typing import Any, Dict, List, Mapping, Optional

from . import _estimator, _export_tensorflow, _export_torch
from ._errors import SoothError
from ._image import Image, write_recipe
from ._kinds import Kind, kind_of
from ._network import Network, by_name, is_several, need, write_npz
from ._onnx import read_ends, read_weight_files
from ._prepare import can_prepare, prepare, settings_of
from ._program import run
from ._results import Registered
from ._rows import write_answers

_TORCH = (Kind.TORCH, Kind.TORCH_PROGRAM, Kind.TORCHSCRIPT_FILE, Kind.TORCH_PROGRAM_FILE)


def register(
    model: Any,
    name: Optional[str] = None,
    *,
    example: Any = None,
    expected: Any = None,
    image: Optional[Image] = None,
    tolerance: Optional[float] = None,
    labels: Optional[Mapping[str, str]] = None,
    alias: Optional[str] = None,
    workspace: Optional[str] = None,
) -> Registered:
    """Proves that Sooth answers as the model does, and keeps it as a version.

    model: a fitted estimator of scikit-learn or LightGBM, a Keras model, a PyTorch module, an
        exported PyTorch program, a loaded SavedModel; or the path of an ONNX file, a SavedModel, a
        .keras, .h5, .tflite, .pt2 or TorchScript file, or of what `sooth register` takes itself.
    name: what the model is called; without it, what the path says.
    example: what the original is asked, and the version must answer alike. Of an estimator, rows:
        a data frame, an array, texts. Of a network, tensors: one, a tuple, or a mapping by input;
        PyTorch needs them to export a module. Of a network with an `image` recipe, the path or the
        bytes of a picture. Left out, numbers are made up where their meaning does not matter.
        Of a path that the program takes itself, the path of a file that `--example` takes.
    expected: the answers to the example, where they are not to be asked of the model.
    image: how a picture becomes the network's input, and its output categories.
    tolerance: the largest relative error that passes; labels, alias: as the program's options.
    workspace: the folder of the workspace; without it, SOOTH_WORKSPACE or the user's own.

    Raises SoothError where the model cannot be exported or run, or answers otherwise; then nothing
    is registered.
    """
    kind = kind_of(model)
    if image is not None and kind in (Kind.ESTIMATOR, Kind.AS_IT_IS):
        raise SoothError(f"image: expected a network, got {kind.value}")
    with tempfile.TemporaryDirectory(prefix="sooth-") as folder:
        inner = os.path.join(folder, "model")
        os.mkdir(inner)
        try:
            if kind is Kind.AS_IT_IS:
                arguments = [os.fspath(model), *_files(example, expected)]
            elif kind is Kind.ESTIMATOR:
                arguments = _write_estimator(model, name, inner, folder, example, expected)
            else:
                given = (example, expected, image)
                arguments = _write_network(model, kind, name, inner, folder, given)
            options = _options(name, tolerance, labels, alias)
            return Registered.parse(run(["register", *arguments, *options], workspace))
        except SoothError as error:
            raise error.without(inner) from error.__cause__


def _options(
    name: Optional[str],
    tolerance: Optional[float],
    labels: Optional[Mapping[str, str]],
    alias: Optional[str],
) -> List[str]:
    options: List[str] = []
    if name is not None:
        options += ["--name", name]
    if tolerance is not None:
        options += ["--tolerance", repr(float(tolerance))]
    for key, value in (labels or {}).items():
        options += ["--label", f"{key}={value}"]
    if alias is not None:
        options += ["--alias", alias]
    return options


def _files(example: Any, expected: Any) -> List[str]:
    arguments: List[str] = []
    for option, path in (("--example", example), ("--expected", expected)):
        if path is None:
            continue
        if not isinstance(path, (str, os.PathLike)):
            raise SoothError(f"{option[2:]}: expected the path of a file, since the model is one")
        arguments += [option, os.fspath(path)]
    return arguments


def _write_estimator(
    model: Any, name: Optional[str], inner: str, folder: str, example: Any, expected: Any
) -> List[str]:
    file = _estimator.export(model, inner, name)
    if example is None:
        return [inner]
    return [inner, *_estimator.write_example(model, file, example, folder, expected)]


def _write_network(
    model: Any, kind: Kind, name: Optional[str], inner: str, folder: str, given: Any
) -> List[str]:
    example, expected, image = given
    network = _export(model, kind, inner, example, image)
    lies_elsewhere = os.path.dirname(network.file) != inner
    if image is not None:
        write_recipe(image, inner, name, os.path.basename(network.file))
        proof = _picture(network, image, folder, example, expected)
    else:
        if not lies_elsewhere:
            _write_plain_recipe(inner, name)
        proof = _tensors(network, folder, example, expected)
    if lies_elsewhere:
        # An ONNX file stays where it is, with its weights beside it.
        recipe = os.path.join(inner, "sooth.yaml")
        if image is not None:
            return [_linked(network.file, inner), *proof]
        return [network.file, *(["--recipe", recipe] if os.path.exists(recipe) else []), *proof]
    return [inner, *proof]


def _linked(file: str, inner: str) -> str:
    """The folder, with the network and its weights too."""
    folder, name = os.path.split(file)
    for each in (name, *read_weight_files(file)):
        source, target = os.path.join(folder, each), os.path.normpath(os.path.join(inner, each))
        if not target.startswith(inner + os.sep):
            raise SoothError(f'"{file}": expected weights beneath its folder, got "{each}"')
        os.makedirs(os.path.dirname(target), exist_ok=True)
        try:
            os.link(source, target)
        except OSError:  # On another disk, or not to be linked.
            try:
                shutil.copyfile(source, target)
            except OSError as error:
                raise SoothError(f'"{source}": {error.strerror}') from None
    return inner


def _export(model: Any, kind: Kind, inner: str, example: Any, image: Optional[Image]) -> Network:
    if kind is Kind.ONNX:
        file = os.path.abspath(os.fspath(model))
        return Network(file, *read_ends(file))
    if kind in _TORCH:
        return _export_torch.export(model, kind, inner, _blank(image) if image else example)
    return _export_tensorflow.export(model, kind, inner)


def _blank(image: Image) -> Any:
    """A picture's tensor without a picture, to export a module with."""
    numpy = need("numpy", "numpy", "an example of tensors")
    keys = settings_of(image)
    size = (int(keys["height"]), int(keys["width"]))
    shape = (1, 3, *size) if keys["layout"] == "nchw" else (1, *size, 3)
    return numpy.zeros(shape, keys["type"])


def _write_plain_recipe(inner: str, name: Optional[str]) -> None:
    with open(os.path.join(inner, "sooth.yaml"), "w", encoding="utf-8") as file:
        if name is not None:
            file.write(f'name: "{name}"\n')
        file.write("model: model.onnx\n")


def _tensors(network: Network, folder: str, example: Any, expected: Any) -> List[str]:
    if isinstance(example, (str, os.PathLike)):
        return _files(example, expected)
    given = network.sample if example is None else by_name(example, network.inputs, "example")
    if given is None:
        return []
    path = os.path.join(folder, "example.npz")
    write_npz(path, given)
    arguments = ["--example", path]
    if expected is not None:
        answers: Optional[Dict[str, Any]] = by_name(expected, network.outputs, "expected")
    else:
        answers = network.ask(given) if network.ask else None
    if answers is not None:
        path = os.path.join(folder, "expected.npz")
        write_npz(path, answers)
        arguments += ["--expected", path]
    return arguments


def _picture(
    network: Network, image: Image, folder: str, example: Any, expected: Any
) -> List[str]:
    if example is None:
        return []
    if isinstance(example, (bytes, bytearray)):
        path = os.path.join(folder, "example.picture")
        with open(path, "wb") as file:
            file.write(example)
    elif isinstance(example, (str, os.PathLike)):
        path = os.fspath(example)
    else:
        raise SoothError("example: expected the path or the bytes of a picture")
    if expected is None:
        expected = _probabilities(network, image, path)
    if expected is None:
        return ["--example", path]
    if isinstance(expected, (str, os.PathLike)):
        return ["--example", path, "--expected", os.fspath(expected)]
    rows = [list(expected.tolist() if hasattr(expected, "tolist") else expected)]
    table = os.path.join(folder, "expected.csv")
    write_answers(table, rows, image.ids())
    return ["--example", path, "--expected", table]


def _probabilities(network: Network, image: Image, path: str) -> Any:
    """What the original says to the picture; None where it cannot be asked."""
    if network.ask is None or (image.prepare is None and not can_prepare()):
        return None
    prepared = image.prepare(path) if image.prepare is not None else prepare(path, image)
    if len(network.inputs) != 1 and image.input is None:
        raise SoothError("image: expected a network of one input, or `input` to name it")
    single = prepared[0] if is_several(prepared) else prepared
    answers = network.ask(by_name({image.input or network.inputs[0]: single}, network.inputs, "prepare"))
    if image.output is None and len(answers) != 1:
        raise SoothError("image: expected a network of one output, or `output` to name it")
    numpy = need("numpy", "numpy", "a proof")
    scores = numpy.asarray(answers[image.output or network.outputs[0]], numpy.float64).reshape(-1)
    if image.scores == "probabilities":
        return scores
    powers = numpy.exp(scores - scores.max())
    return powers / powers.sum()
