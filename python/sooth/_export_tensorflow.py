"""Keras models, TensorFlow SavedModels and TensorFlow Lite files, as ONNX.

Keras 3 writes ONNX itself; older Keras, SavedModels and Lite files go through tf2onnx.
"""

from __future__ import annotations

import contextlib
import os
import warnings
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from ._errors import SoothError
from ._kinds import Kind
from ._network import Network, Tensors, as_array, need, seeded
from ._onnx import read_ends

_OPSET = 18
_KERAS = "tf2onnx onnx (and tensorflow, where that is the backend)"


def export(model: Any, kind: Kind, folder: str) -> Network:
    file = os.path.join(folder, "model.onnx")
    if kind is Kind.KERAS_FILE:
        keras = need("keras", "keras tensorflow-cpu", "a file of Keras")
        model = keras.models.load_model(os.fspath(model), compile=False)
    if kind in (Kind.KERAS, Kind.KERAS_FILE):
        return _export_keras(model, file)
    if kind is Kind.TFLITE:
        return _export_lite(os.fspath(model), file)
    tensorflow = need("tensorflow", "tensorflow-cpu", "a SavedModel")
    if kind is Kind.SAVED_MODEL:
        model = tensorflow.saved_model.load(os.fspath(model))
    return _export_saved(tensorflow, model, file)


def _export_keras(model: Any, file: str) -> Network:
    if not getattr(model, "built", True):
        raise SoothError("expected a Keras model that is built: call it once on an example")
    specifications = [(str(each.name), each) for each in model.inputs]
    try:
        with _quietly():
            _save_keras(model, file)
    except ImportError as error:
        raise SoothError(f"a Keras model needs {error.name}: pip install {_KERAS}") from error
    except Exception as error:
        raise SoothError(f"Keras: {type(error).__name__}: {_first_line(error)}") from error
    inputs, outputs = read_ends(file)
    if len(inputs) != len(specifications):
        raise SoothError(
            f"Keras: expected a network of {len(specifications)} inputs to be exported, got "
            f"{len(inputs)}"
        )
    # The exporter names them as Keras does, or else keeps their order.
    own = [name for name, _ in specifications]
    order = own if set(own) == set(inputs) else list(inputs)

    def ask(tensors: Tensors) -> Tensors:
        given = [tensors[name] for name in order]
        answer = model.predict_on_batch(given if len(given) > 1 else given[0])
        return _named(answer, outputs)

    shapes = {
        name: (_dimensions(each.shape), _type_name(each.dtype))
        for name, (_, each) in zip(order, specifications)
    }
    return Network(file, tuple(order), outputs, ask, seeded(shapes))


def _save_keras(model: Any, file: str) -> None:
    keras = need(type(model).__module__.split(".")[0], "keras", "a Keras model")
    if int(str(getattr(keras, "__version__", "2")).split(".")[0]) >= 3:
        # It exports no model that was never called.
        model.predict_on_batch(_zeros(model))
        model.export(file, format="onnx", verbose=False)
        return
    tensorflow = need("tensorflow", "tensorflow-cpu", "a Keras model")
    tf2onnx = need("tf2onnx", "tf2onnx", "a Keras model")
    specification = [
        tensorflow.TensorSpec(each.shape, each.dtype, name=each.name) for each in model.inputs
    ]
    tf2onnx.convert.from_keras(model, specification, opset=_OPSET, output_path=file)


def _zeros(model: Any) -> Any:
    numpy = need("numpy", "numpy", "a Keras model")
    arrays = [
        numpy.zeros([size or 1 for size in _dimensions(each.shape)], _type_name(each.dtype))
        for each in model.inputs
    ]
    return arrays if len(arrays) > 1 else arrays[0]


def _type_name(dtype: Any) -> str:
    return str(getattr(dtype, "name", dtype))


def _export_saved(tensorflow: Any, model: Any, file: str) -> Network:
    signatures: Mapping[str, Any] = model.signatures
    name = "serving_default" if "serving_default" in signatures else next(iter(signatures), "")
    if not name:
        raise SoothError(
            "SavedModel: expected a signature such as serving_default, got none; save it with "
            "tf.saved_model.save(model, path, signatures=...)"
        )
    tf2onnx = need("tf2onnx.convert", "tf2onnx onnx", "a SavedModel")
    signature = signatures[name]
    taken: Dict[str, Any] = dict(signature.structured_input_signature[1])
    given = list(signature.structured_outputs)

    def call(*tensors: Any) -> Any:
        return signature(**dict(zip(taken, tensors)))

    specification = [
        tensorflow.TensorSpec(each.shape, each.dtype, name=key) for key, each in taken.items()
    ]
    try:
        with _quietly():
            tf2onnx.from_function(
                tensorflow.function(call, input_signature=specification),
                input_signature=specification,
                opset=_OPSET,
                output_path=file,
            )
    except Exception as error:
        raise SoothError(f"tf2onnx: {type(error).__name__}: {_first_line(error)}") from error
    inputs, outputs = read_ends(file)
    own = dict(zip(inputs, _match(inputs, list(taken))))
    names = dict(zip(outputs, _match(outputs, given)))

    def ask(tensors: Tensors) -> Tensors:
        with_types = {
            own[each]: tensorflow.constant(array, dtype=taken[own[each]].dtype)
            for each, array in tensors.items()
        }
        answers = signature(**with_types)
        return {each: as_array(answers[names[each]].numpy()) for each in outputs}

    shapes = {
        each: (_dimensions(taken[own[each]].shape), str(taken[own[each]].dtype.name))
        for each in inputs
    }
    return Network(file, inputs, outputs, ask, seeded(shapes))


def _export_lite(path: str, file: str) -> Network:
    tensorflow = need("tensorflow", "tensorflow-cpu", "a TensorFlow Lite file")
    tf2onnx = need("tf2onnx.convert", "tf2onnx onnx", "a TensorFlow Lite file")
    try:
        with _quietly():
            tf2onnx.from_tflite(path, opset=_OPSET, output_path=file)
            interpreter = tensorflow.lite.Interpreter(model_path=path)
    except Exception as error:
        raise SoothError(f"tf2onnx: {type(error).__name__}: {_first_line(error)}") from error
    inputs, outputs = read_ends(file)
    taken, given = interpreter.get_input_details(), interpreter.get_output_details()

    def ask(tensors: Tensors) -> Tensors:
        for each, (_, array) in zip(taken, tensors.items()):
            interpreter.resize_tensor_input(each["index"], array.shape)
        interpreter.allocate_tensors()
        for each, array in zip(taken, tensors.values()):
            interpreter.set_tensor(each["index"], array)
        interpreter.invoke()
        return {
            name: interpreter.get_tensor(each["index"]).copy()
            for name, each in zip(outputs, given)
        }

    shapes = {
        name: ([int(size) for size in each["shape"]], each["dtype"].__name__)
        for name, each in zip(inputs, taken)
    }
    return Network(file, inputs, outputs, ask, seeded(shapes))


def _match(exported: Sequence[str], own: Sequence[str]) -> List[str]:
    """Which of its own names each exported one is: the same but for ":0", or else by the order."""
    plain = [name.split(":")[0] for name in exported]
    return plain if set(plain) == set(own) else list(own)


def _named(answer: Any, outputs: Sequence[str]) -> Tensors:
    if isinstance(answer, Mapping):
        several = [answer[key] for key in sorted(answer)]
    else:
        several = list(answer) if isinstance(answer, (list, tuple)) else [answer]
    return {name: as_array(each) for name, each in zip(outputs, several)}


def _dimensions(shape: Any) -> List[Optional[int]]:
    if getattr(shape, "rank", 0) is None:
        return [None, None]  # Not even known how many.
    return [None if size is None else int(size) for size in tuple(shape)]


def _first_line(error: BaseException) -> str:
    lines: Tuple[str, ...] = tuple(each for each in str(error).splitlines() if each.strip())
    return lines[0].strip() if lines else "no reason given"


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    with open(os.devnull, "w", encoding="utf-8") as nothing, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with contextlib.redirect_stdout(nothing), contextlib.redirect_stderr(nothing):
            yield
