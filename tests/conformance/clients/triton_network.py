"""tritonclient with a network of tensors (network.py), over HTTP and gRPC."""

import numpy
import tritonclient.grpc
import tritonclient.http
from tritonclient.utils import InferenceServerException

from house import expect_raises, main
from report import expect_equal

X = numpy.array([[1, 2], [3, 4.5]], dtype=numpy.float32)
IDS = numpy.array([2**53 + 1, -7], dtype=numpy.int64)
WORDS = numpy.array(["one".encode(), b"\xff\xd8"], dtype=numpy.object_)
TEXTS = numpy.array(["one".encode(), "zwölf".encode()], dtype=numpy.object_)


def inputs_of(triton, words, **how):
    tensors = []
    for name, values, kind in (("x", X, "FP32"), ("ids", IDS, "INT64"), ("words", words, "BYTES")):
        tensor = triton.InferInput(name, list(values.shape), kind)
        tensor.set_data_from_numpy(values, **how)
        tensors.append(tensor)
    return tensors


def expect_network(answer, words):
    expect_equal(answer.as_numpy("y").tolist(), (X + [10, 20]).tolist(), "y")
    expect_equal(answer.as_numpy("y").dtype, numpy.float32, "type of y")
    expect_equal(answer.as_numpy("same_ids").tolist(), IDS.tolist(), "same_ids")
    got = [each.encode() if isinstance(each, str) else each
           for each in answer.as_numpy("same_words").tolist()]
    expect_equal(got, words.tolist(), "same_words")


def http(client, binary):
    triton = tritonclient.http
    words = WORDS if binary else TEXTS
    names = ("y", "same_ids", "same_words")
    outputs = [triton.InferRequestedOutput(name, binary_data=binary) for name in names]
    expect_network(client.infer("network", inputs_of(triton, words, binary_data=binary),
                                outputs=outputs), words)


def grpc(client):
    expect_network(client.infer("network", inputs_of(tritonclient.grpc, WORDS)), WORDS)


def one_output(client, triton):
    wanted = [triton.InferRequestedOutput("same_ids")]
    answer = client.infer("network", inputs_of(triton, WORDS), outputs=wanted)
    expect_equal(answer.as_numpy("same_ids").tolist(), IDS.tolist(), "same_ids")
    expect_equal(answer.as_numpy("y"), None, "y")


def metadata(client):
    told = client.get_model_metadata("network")
    expect_equal(told["platform"], "onnxruntime_onnx", "platform")
    expect_equal([(each["name"], each["datatype"], each["shape"]) for each in told["inputs"]],
                 [("x", "FP32", [-1, 2]), ("ids", "INT64", [-1]), ("words", "BYTES", [-1])],
                 "inputs")


def another_shape(client, triton):
    tensors = inputs_of(triton, WORDS)
    tensors[0] = triton.InferInput("x", [2, 1], "FP32")
    tensors[0].set_data_from_numpy(X[:, :1].copy())
    return expect_raises(InferenceServerException, "expected FP32[?,2], got FP32[2,1]",
                         client.infer, "network", tensors)


def check_all(report, house):
    host = f"127.0.0.1:{house.network}"
    with tritonclient.http.InferenceServerClient(host) as client:
        report.check("triton network http: in binary", http, client, True)
        report.check("triton network http: in JSON", http, client, False)
        report.check("triton network http: one output", one_output, client, tritonclient.http)
        report.check("triton network http: metadata", metadata, client)
        report.check("triton network http: another shape", another_shape, client,
                     tritonclient.http)
    with tritonclient.grpc.InferenceServerClient(host) as client:
        report.check("triton network grpc: raw", grpc, client)
        report.check("triton network grpc: one output", one_output, client, tritonclient.grpc)
        report.check("triton network grpc: another shape", another_shape, client,
                     tritonclient.grpc)


if __name__ == "__main__":
    main(check_all)
