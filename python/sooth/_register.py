"""Registers a model: writes what the program reads, with the original's answers, and runs it."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from typing import Any, List, Mapping, Optional

from . import _booster, _estimator, _export_tensorflow, _export_torch, _proof
from ._errors import SoothError
from ._image import Image, write_recipe
from ._kinds import Kind, kind_of
from ._network import Network, need
from ._onnx import read_ends, read_weight_files
from ._prepare import settings_of
from ._program import run
from ._results import Registered

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

    model: a fitted estimator of scikit-learn, LightGBM, XGBoost or CatBoost, a booster of the latter three, a
        Keras model, a PyTorch module, an exported PyTorch program, a loaded SavedModel; or the path of an ONNX file, a SavedModel, a
        .keras, .h5, .tflite, .pt2 or TorchScript file, or of what `sooth register` takes itself.
    name: what the model is called; without it, what the path says.
    example: what the original is asked, and the version must answer alike. Of an estimator, rows:
        a data frame, an array, texts. Of a network, tensors: one, a tuple, or a mapping by input;
        PyTorch needs them to export a module. Of a network with an `image` recipe, the path or the
        bytes of a picture, or a list of them. Of a path that the program takes itself, the path
        of a file that `--example` takes. Left out, rows and numbers are made up, where their
        meaning does not matter.
    expected: the answers to the example, where they are not to be asked of the model.
    image: how a picture becomes the network's input, and its output categories.
    tolerance: the largest relative error that passes; labels, alias: as the program's options.
    workspace: the folder of the workspace; without it, SOOTH_WORKSPACE or the user's own.

    Raises SoothError where the model cannot be exported or run, or answers otherwise; then nothing
    is registered.
    """
    kind = kind_of(model)
    if image is not None and kind in (Kind.ESTIMATOR, Kind.BOOSTER, Kind.AS_IT_IS):
        raise SoothError(f"image: expected a network, got {kind.value}")
    with tempfile.TemporaryDirectory(prefix="sooth-") as folder:
        inner = os.path.join(folder, "model")
        os.mkdir(inner)
        try:
            if kind is Kind.AS_IT_IS:
                arguments = [os.fspath(model), *_proof.as_given(example, expected)]
            elif kind is Kind.ESTIMATOR:
                arguments = _write_estimator(model, name, inner, folder, example, expected)
            elif kind is Kind.BOOSTER:
                file = _booster.export(model, inner, name)
                proof = _booster.write_example(model, file, example, folder, expected)
                arguments = [inner, *proof]
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


def _write_estimator(
    model: Any, name: Optional[str], inner: str, folder: str, example: Any, expected: Any
) -> List[str]:
    file = _estimator.export(model, inner, name)
    if example is None:
        # Rows that the program makes up, and the same model's answers in another process.
        return [inner, *(["--verify-with", sys.executable] if sys.executable else [])]
    return [inner, *_estimator.write_example(model, file, example, folder, expected)]


def _write_network(
    model: Any, kind: Kind, name: Optional[str], inner: str, folder: str, given: Any
) -> List[str]:
    example, expected, image = given
    network = _export(model, kind, inner, example, image)
    lies_elsewhere = os.path.dirname(network.file) != inner
    if image is not None:
        write_recipe(image, inner, name, os.path.basename(network.file))
        proof = _proof.pictures(network, image, folder, example, expected)
    else:
        if not lies_elsewhere:
            _write_plain_recipe(inner, name)
        proof = _proof.tensors(network, folder, example, expected)
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
