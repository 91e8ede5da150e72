"""tensorflow-serving-api: TensorFlow Serving over gRPC, by the stubs that TensorFlow generates."""

import contextlib

import grpc
import numpy
import tensorflow
from tensorflow_serving.apis import (classification_pb2, get_model_metadata_pb2,
                                     get_model_status_pb2, inference_pb2, model_service_pb2_grpc,
                                     predict_pb2, prediction_service_pb2_grpc, regression_pb2)

from house import main
from report import Failure, Skip, expect, expect_equal

SECONDS_MAX = 30
# What float32, which Examples and their answers have, leaves of a number.
TOLERANCE = 1e-5


@contextlib.contextmanager
def stubs(model):
    if not model.http2:
        raise Skip("the server does not speak HTTP/2")
    with grpc.insecure_channel(model.host) as channel:
        yield (prediction_service_pb2_grpc.PredictionServiceStub(channel),
               model_service_pb2_grpc.ModelServiceStub(channel))


def set_model(spec, model, signature="", version=None, label=None):
    spec.name = model.name
    spec.signature_name = signature
    if version is not None:
        spec.version.value = version
    if label is not None:
        spec.version_label = label


def columns_of(model):
    """TensorFlow has no missing number but NaN."""
    columns = {}
    for name, values in model.columns().items():
        text = model.is_text(name)
        columns[name] = values if text else [numpy.nan if each is None else each
                                             for each in values]
    return columns


def predict_request(model, dtype=None, **spec):
    request = predict_pb2.PredictRequest()
    set_model(request.model_spec, model, **spec)
    for name, values in columns_of(model).items():
        kind = None if model.is_text(name) else dtype or tensorflow.float64
        request.inputs[name].CopyFrom(tensorflow.make_tensor_proto(values, dtype=kind))
    return request


def array_of(tensor):
    return [each.decode() if isinstance(each, bytes) else each
            for each in tensorflow.make_ndarray(tensor).tolist()]


def predict(model, **spec):
    with stubs(model) as (prediction, _):
        answer = prediction.Predict(predict_request(model, **spec), timeout=SECONDS_MAX)
    expect_equal(answer.model_spec.name, model.name, "name of the model")
    expect_equal(list(answer.outputs), ["predict"], "outputs")
    model.expect_answer("predict", array_of(answer.outputs["predict"]))


def signature(model):
    with stubs(model) as (prediction, _):
        answer = prediction.Predict(predict_request(model, signature="predict_proba"),
                                    timeout=SECONDS_MAX)
    model.expect_answer("predict_proba", array_of(answer.outputs["predict_proba"]))


def output_filter(model):
    request = predict_request(model)
    request.output_filter.extend(["predict_proba", "predict"])
    with stubs(model) as (prediction, _):
        answer = prediction.Predict(request, timeout=SECONDS_MAX)
    for method in ("predict", "predict_proba"):
        model.expect_answer(method, array_of(answer.outputs[method]))


def kinds(model):
    """Numbers of every width that holds these; whole ones as integers."""
    for dtype in (tensorflow.float32, tensorflow.float64):
        predict(model, dtype=dtype)
    request = predict_request(model)
    with stubs(model) as (prediction, _):
        for dtype in (tensorflow.int8, tensorflow.int16, tensorflow.int32, tensorflow.int64,
                      tensorflow.uint8, tensorflow.uint32, tensorflow.uint64, tensorflow.float16,
                      tensorflow.bfloat16, tensorflow.bool):
            for name in request.inputs:
                ones = numpy.ones(len(model.rows))
                request.inputs[name].CopyFrom(tensorflow.make_tensor_proto(
                    tensorflow.cast(ones, dtype).numpy()))
            answer = prediction.Predict(request, timeout=SECONDS_MAX)
            expect_equal(len(set(array_of(answer.outputs["predict"]))), 1, f"answers to {dtype}")


def one_value_for_all(model):
    """TensorFlow writes a constant tensor as one value."""
    request = predict_request(model)
    for name, values in columns_of(model).items():
        filled = tensorflow.make_tensor_proto(values[0], shape=[3])
        request.inputs[name].CopyFrom(filled)
    with stubs(model) as (prediction, _):
        answer = prediction.Predict(request, timeout=SECONDS_MAX)
    expect_equal(array_of(answer.outputs["predict"]), [model.expected["predict"][0]] * 3,
                 "predict")


def metadata(model):
    request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
    set_model(request.model_spec, model)
    with stubs(model) as (prediction, _):
        answer = prediction.GetModelMetadata(request, timeout=SECONDS_MAX)
    expect_equal(answer.model_spec.version.value, 1, "version")
    signatures = get_model_metadata_pb2.SignatureDefMap()
    expect(answer.metadata["signature_def"].Unpack(signatures), "expected a SignatureDefMap")
    usual = signatures.signature_def["serving_default"]
    expect_equal(sorted(usual.inputs), sorted(model.rows[0]), "inputs")
    return f"{usual.method_name}, outputs {', '.join(usual.outputs)}"


def status(model):
    request = get_model_status_pb2.GetModelStatusRequest()
    set_model(request.model_spec, model)
    with stubs(model) as (_, models):
        answer = models.GetModelStatus(request, timeout=SECONDS_MAX)
    told = [(each.version, each.state) for each in answer.model_version_status]
    expect_equal(told, [(1, get_model_status_pb2.ModelVersionStatus.AVAILABLE)], "status")


def fill_examples(model, into):
    for row in model.rows:
        features = into.example_list.examples.add().features.feature
        for name, value in row.items():
            if value is None:
                features[name].SetInParent()
            elif isinstance(value, str):
                features[name].bytes_list.value.append(value.encode())
            else:
                features[name].float_list.value.append(value)


def expect_classes(model, result):
    got = [[each.score for each in row.classes] for row in result.classifications]
    expect(numpy.allclose(got, model.expected["predict_proba"], atol=TOLERANCE),
           f"expected {model.expected['predict_proba']}, got {got}")
    best = [max(row.classes, key=lambda each: each.score).label for row in result.classifications]
    expect_equal(best, [str(each) for each in model.expected["predict"]], "labels")


def classify(model):
    request = classification_pb2.ClassificationRequest()
    set_model(request.model_spec, model)
    fill_examples(model, request.input)
    with stubs(model) as (prediction, _):
        expect_classes(model, prediction.Classify(request, timeout=SECONDS_MAX).result)


def multi_inference(model):
    request = inference_pb2.MultiInferenceRequest()
    task = request.tasks.add(method_name="tensorflow/serving/classify")
    set_model(task.model_spec, model)
    fill_examples(model, request.input)
    with stubs(model) as (prediction, _):
        answer = prediction.MultiInference(request, timeout=SECONDS_MAX)
    expect_equal(len(answer.results), 1, "results")
    expect_classes(model, answer.results[0].classification_result)


def refused(call, request, code):
    try:
        got = call(request, timeout=SECONDS_MAX)
    except grpc.RpcError as error:
        expect_equal(error.code(), code, f"status of {error.details()!r}")
        return error.details()
    raise Failure(f"expected {code}, got {got}")


def errors(house):
    codes = grpc.StatusCode
    model = house.passengers
    with stubs(model) as (prediction, models):
        missing = predict_request(model)
        del missing.inputs["age"]
        told = refused(prediction.Predict, missing, codes.INVALID_ARGUMENT)
        unknown = predict_request(model)
        unknown.model_spec.name = "nobody"
        refused(prediction.Predict, unknown, codes.NOT_FOUND)
        refused(prediction.Predict, predict_request(model, version=9), codes.NOT_FOUND)
        refused(prediction.Predict, predict_request(model, label="stable"), codes.NOT_FOUND)
        refused(prediction.Predict, predict_request(model, signature="predictt"),
                codes.INVALID_ARGUMENT)
        regress = regression_pb2.RegressionRequest()
        set_model(regress.model_spec, model)
        fill_examples(model, regress.input)
        refused(prediction.Regress, regress, codes.INVALID_ARGUMENT)
        status_request = get_model_status_pb2.GetModelStatusRequest()
        status_request.model_spec.name = "nobody"
        refused(models.GetModelStatus, status_request, codes.NOT_FOUND)
    return told


def check_all(report, house):
    say = "tfserving grpc: "
    for model in house.models:
        report.check(say + f"Predict, {model.name}", predict, model)
        report.check(say + f"Predict, version 1, {model.name}",
                     lambda m=model: predict(m, version=1))
        report.check(say + f"Predict, a signature, {model.name}", signature, model)
        report.check(say + f"Predict, output_filter, {model.name}", output_filter, model)
        report.check(say + f"Predict, one value for all, {model.name}", one_value_for_all, model)
        report.check(say + f"Classify, {model.name}", classify, model)
        report.check(say + f"MultiInference, {model.name}", multi_inference, model)
        report.check(say + f"GetModelMetadata, {model.name}", metadata, model)
        report.check(say + f"GetModelStatus, {model.name}", status, model)
    report.check(say + "Predict, every kind of number", kinds, house.flowers)
    report.check(say + "errors", errors, house)


if __name__ == "__main__":
    main(check_all)
