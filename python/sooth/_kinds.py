"""Tells what somebody wants registered, without importing a framework for it.

An object is told by the packages that its classes come from: whoever holds it has imported them. A
file is told by its first bytes, or by what a folder or an archive holds, never by its name.
"""

from __future__ import annotations

import enum
import os
import zipfile
from typing import Any

from ._errors import SoothError


class Kind(enum.Enum):
    AS_IT_IS = "a file or folder that the program reads itself"
    ONNX = "an ONNX file"
    ESTIMATOR = "a fitted estimator"
    BOOSTER = "a booster"
    KERAS = "a Keras model"
    KERAS_FILE = "a file of a Keras model"
    SAVED_MODEL = "a TensorFlow SavedModel"
    LOADED_SAVED_MODEL = "a loaded TensorFlow SavedModel"
    TFLITE = "a TensorFlow Lite file"
    TORCH = "a PyTorch module"
    TORCH_PROGRAM = "an exported PyTorch program"
    TORCHSCRIPT_FILE = "a TorchScript file"
    TORCH_PROGRAM_FILE = "a .pt2 file"


_ONNX_NEXT = (b"\x12", b"\x1a", b"\x22", b"\x3a")  # Of the field behind the first.
_HDF5 = b"\x89HDF\r\n\x1a\n"
_KERAS_PACKAGES = ("keras", "tf_keras", "tensorflow.python.keras")


def kind_of(model: Any) -> Kind:
    if isinstance(model, (str, os.PathLike)):
        return _kind_of_path(os.fspath(model))
    return _kind_of_object(model)


def _kind_of_object(model: Any) -> Kind:
    ancestry = [(each.__module__ or "", each.__name__) for each in type(model).__mro__]

    def comes_from(package: str) -> bool:
        return any(module == package or module.startswith(package + ".") for module, _ in ancestry)

    if any(comes_from(package) for package in _KERAS_PACKAGES) and hasattr(model, "layers"):
        return Kind.KERAS
    if ("torch.export.exported_program", "ExportedProgram") in ancestry:
        return Kind.TORCH_PROGRAM
    if ("torch.nn.modules.module", "Module") in ancestry:
        return Kind.TORCH
    if comes_from("tensorflow") and hasattr(model, "signatures"):
        return Kind.LOADED_SAVED_MODEL
    if ("xgboost.core", "Booster") in ancestry:
        return Kind.BOOSTER
    if comes_from("sklearn") or comes_from("lightgbm"):
        return Kind.ESTIMATOR
    if hasattr(model, "get_params") and (hasattr(model, "predict") or hasattr(model, "transform")):
        return Kind.ESTIMATOR
    raise SoothError(
        "expected an estimator of scikit-learn, LightGBM, XGBoost or CatBoost, a Keras model, a PyTorch module, a "
        f"TensorFlow SavedModel or a path, got {type(model).__module__}.{type(model).__qualname__}"
    )


def _kind_of_path(path: str) -> Kind:
    if os.path.isdir(path):
        own = any(os.path.exists(os.path.join(path, each)) for each in ("sooth.yaml", "MLmodel"))
        names = ("saved_model.pb", "saved_model.pbtxt")
        saved = any(os.path.exists(os.path.join(path, each)) for each in names)
        return Kind.SAVED_MODEL if saved and not own else Kind.AS_IT_IS
    try:
        with open(path, "rb") as file:
            start = file.read(16)
    except OSError as error:
        raise SoothError(f'"{path}": expected a file or a folder: {error.strerror}') from None
    if start.startswith(_HDF5):
        return Kind.KERAS_FILE
    if start[4:8] == b"TFL3":
        return Kind.TFLITE
    if start.startswith(b"PK"):
        return _kind_of_archive(path)
    # A model of ONNX begins with its ir_version, field 1 of a message, in nearly every writer;
    # the name decides where another field comes first.
    if path.lower().endswith(".onnx") or (start[:1] == b"\x08" and start[2:3] in _ONNX_NEXT):
        return Kind.ONNX
    return Kind.AS_IT_IS


def _kind_of_archive(path: str) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return Kind.AS_IT_IS
    if "config.json" in names and any(name.endswith(".weights.h5") for name in names):
        return Kind.KERAS_FILE
    ends = {name.split("/", 1)[-1] for name in names}
    if "archive_format" in ends or "serialized_exported_program.json" in ends:
        return Kind.TORCH_PROGRAM_FILE
    if "data.pkl" in ends and any(name.startswith("code/") for name in ends):
        return Kind.TORCHSCRIPT_FILE
    if "data.pkl" in ends:
        raise SoothError(
            f'"{path}": expected a whole network, got what torch.save wrote, which is read by '
            "Python code of yours alone: load it there and register the module"
        )
    return Kind.AS_IT_IS
