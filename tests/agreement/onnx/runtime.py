"""ONNX Runtime by its own Python: the same cases, as it takes them there."""

import ctypes
from typing import Any, List

import ml_dtypes
import numpy
import onnx
import onnxruntime

# What NumPy has no type of its own for, by the numbers of onnx.TensorProto: of one byte or more,
# since the Python of the runtime hands over whole ones.
OTHERS = {
    onnx.TensorProto.BFLOAT16: ml_dtypes.bfloat16,
    onnx.TensorProto.FLOAT8E4M3FN: ml_dtypes.float8_e4m3fn,
    onnx.TensorProto.FLOAT8E4M3FNUZ: ml_dtypes.float8_e4m3fnuz,
    onnx.TensorProto.FLOAT8E5M2: ml_dtypes.float8_e5m2,
    onnx.TensorProto.FLOAT8E5M2FNUZ: ml_dtypes.float8_e5m2fnuz,
}
OTHER_ENDS = {"tensor(%s)" % onnx.TensorProto.DataType.Name(number).lower() for number in OTHERS}
NUMBERS = {numpy.dtype(dtype): number for number, dtype in OTHERS.items()}


def make_session(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def is_other(value: Any) -> bool:
    return isinstance(value, numpy.ndarray) and value.dtype in NUMBERS


def make_value(array: numpy.ndarray) -> onnxruntime.OrtValue:
    if not is_other(array):
        return onnxruntime.OrtValue.ortvalue_from_numpy(array)
    bits = numpy.asarray(array, order="C").view("uint%d" % (8 * array.dtype.itemsize))
    return onnxruntime.OrtValue.ortvalue_from_numpy_with_onnx_type(bits, NUMBERS[array.dtype])


def read_value(value: onnxruntime.OrtValue) -> Any:
    dtype = OTHERS.get(value.element_type()) if value.is_tensor() else None
    if dtype is None:
        return value.numpy()
    count = int(numpy.prod(value.shape()))
    data = ctypes.string_at(value.data_ptr(), count * numpy.dtype(dtype).itemsize)
    return numpy.frombuffer(data, dtype).reshape(value.shape())


def ask(model: onnx.ModelProto, inputs: List[Any]) -> List[Any]:
    """Its answers; raises what the runtime raises."""
    session = make_session(model)
    given = {end.name: value for end, value in zip(model.graph.input, inputs)}
    outputs = session.get_outputs()
    if not any(map(is_other, inputs)) and not any(end.type in OTHER_ENDS for end in outputs):
        return session.run(None, given)
    values = {name: make_value(value) for name, value in given.items()}
    names = [end.name for end in outputs]
    return [read_value(value) for value in session.run_with_ort_values(names, values)]
