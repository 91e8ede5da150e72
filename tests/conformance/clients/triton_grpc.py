"""tritonclient over gRPC: plain, asyncio, and the stream."""

import asyncio
import json
import queue

import grpc
import numpy
import tritonclient.grpc as triton
import tritonclient.grpc.aio as triton_aio
from tritonclient.utils import InferenceServerException

from house import expect_raises, main
from report import Skip, expect, expect_equal

SECONDS_MAX = 30


def inputs_of(model):
    tensors = []
    for name, values in model.columns().items():
        text = model.is_text(name)
        tensor = triton.InferInput(name, [len(values)], "BYTES" if text else "FP64")
        tensor.set_data_from_numpy(
            numpy.array(values, dtype=numpy.object_ if text else numpy.float64))
        tensors.append(tensor)
    return tensors


def expect_scores(model, answer):
    for method in model.expected:
        model.expect_answer(method, [each.decode() if isinstance(each, bytes) else each
                                     for each in answer.as_numpy(method).tolist()])


def metadata(model, client):
    expect(client.is_server_live() and client.is_server_ready(), "expected live and ready")
    expect(client.is_model_ready(model.name), "expected the model to be ready")
    server = client.get_server_metadata(as_json=True)
    described = client.get_model_metadata(model.name, as_json=True)
    expect_equal([each["name"] for each in described["inputs"]], list(model.rows[0]), "inputs")
    return f"{server['name']} {server['version']}"


def index(model, client):
    models = client.get_model_repository_index(as_json=True)["models"]
    expect(model.name in [each["name"] for each in models], f"expected the model in {models}")


def statistics(model, client):
    def counted():
        told = client.get_inference_statistics(model.name, as_json=True)["model_stats"][0]
        return int(told.get("inference_count", 0))
    before = counted()
    client.infer(model.name, inputs_of(model))
    expect_equal(counted() - before, len(model.rows), "rows counted")


def infer(model, client):
    answer = client.infer(model.name, inputs_of(model), request_id="7")
    expect_equal(answer.get_response().id, "7", "id")
    expect_scores(model, answer)


def compressed(model, client, algorithm):
    expect_scores(model, client.infer(model.name, inputs_of(model),
                                      compression_algorithm=algorithm))


def one_output(model, client):
    wanted = triton.InferRequestedOutput("predict_proba")
    answer = client.infer(model.name, inputs_of(model), outputs=[wanted])
    expect_equal([each.name for each in answer.get_response().outputs], ["predict_proba"],
                 "outputs")
    model.expect_answer("predict_proba", answer.as_numpy("predict_proba").tolist())


def async_infer(model, client):
    answers = queue.Queue()
    for _ in range(8):
        client.async_infer(model.name, inputs_of(model),
                           callback=lambda result, error: answers.put((result, error)))
    for _ in range(8):
        result, error = answers.get(timeout=SECONDS_MAX)
        expect(error is None, f"got {error}")
        expect_scores(model, result)


def stream(model, client):
    answers = queue.Queue()
    client.start_stream(callback=lambda result, error: answers.put((result, error)))
    try:
        for at in range(4):
            client.async_stream_infer(model.name, inputs_of(model), request_id=str(at))
        for at in range(4):
            result, error = answers.get(timeout=SECONDS_MAX)
            expect(error is None, f"got {error}")
            expect_equal(result.get_response().id, str(at), "id")
            expect_scores(model, result)
    finally:
        client.stop_stream()


def final_responses(model, client):
    """As decoupled models are called: each request's answers end with one that says so."""
    answers = queue.Queue()
    client.start_stream(callback=lambda result, error: answers.put((result, error)))
    try:
        for at in range(3):
            client.async_stream_infer(model.name, inputs_of(model), request_id=str(at),
                                      enable_empty_final_response=True)
        for _ in range(3):
            result, error = answers.get(timeout=SECONDS_MAX)
            expect(error is None, f"got {error}")
            last = result.get_response().parameters["triton_final_response"]
            expect(last.bool_param, "expected the answer to be the last of its request")
            expect_scores(model, result)
    finally:
        client.stop_stream()


def stream_over_asyncio(model):
    async def requests():
        for at in range(3):
            yield {"model_name": model.name, "inputs": inputs_of(model), "request_id": str(at)}

    async def ask():
        async with triton_aio.InferenceServerClient(model.host) as client:
            ids = []
            async for result, error in client.stream_infer(requests()):
                expect(error is None, f"got {error}")
                expect_scores(model, result)
                ids.append(result.get_response().id)
            return ids
    expect_equal(asyncio.run(ask()), ["0", "1", "2"], "ids")


def stream_errors(model, client):
    """One wrong request is told so, and the stream goes on."""
    answers = queue.Queue()
    client.start_stream(callback=lambda result, error: answers.put((result, error)))
    try:
        client.async_stream_infer(model.name, inputs_of(model)[:1])
        _, error = answers.get(timeout=SECONDS_MAX)
        expect(error is not None and "expected this column" in str(error), f"got {error}")
        client.async_stream_infer(model.name, inputs_of(model))
        result, error = answers.get(timeout=SECONDS_MAX)
        expect(error is None, f"got {error}")
        expect_scores(model, result)
    finally:
        client.stop_stream()


def configuration(model, client):
    told = client.get_model_config(model.name, as_json=True)["config"]
    expect_equal([each["name"] for each in told["input"]], list(model.rows[0]), "inputs")
    return f"{told['platform']}, outputs {', '.join(each['name'] for each in told['output'])}"


def not_offered(model, client):
    for ask in (client.get_system_shared_memory_status, client.get_cuda_shared_memory_status):
        expect_raises(InferenceServerException, "shared memory: there is none here", ask)
    ranked = triton.InferRequestedOutput("predict_proba", class_count=2)
    expect_raises(InferenceServerException, "ask for the output itself", client.infer, model.name,
                  inputs_of(model), outputs=[ranked])
    inputs = inputs_of(model)
    inputs[0].set_shared_memory("a", 8)
    return expect_raises(InferenceServerException, "there is no shared memory here", client.infer,
                         model.name, inputs)


def over_asyncio(model):
    async def ask():
        client = triton_aio.InferenceServerClient(model.host)
        try:
            return await client.infer(model.name, inputs_of(model))
        finally:
            await client.close()
    expect_scores(model, asyncio.run(ask()))


def match(model, client):
    answer = client.infer(model.name, inputs_of(model), parameters={"top_k": 3})
    for output in ("id", "answer_id", "probability"):
        model.expect_answer(output, answer.as_numpy(output).tolist())


def errors(model, client):
    tensor = triton.InferInput("age", [1], "FP64")
    tensor.set_data_from_numpy(numpy.zeros(1))
    told = expect_raises(InferenceServerException, "StatusCode.INVALID_ARGUMENT", client.infer,
                         model.name, [tensor])
    expect_raises(InferenceServerException, "StatusCode.NOT_FOUND", client.infer, "nobody",
                  [tensor])
    return told


def raw_call(model, method, message):
    """The bytes of the answer, or the status."""
    with grpc.insecure_channel(model.host) as channel:
        call = channel.unary_unary(method, request_serializer=None, response_deserializer=None)
        try:
            return call(message, timeout=SECONDS_MAX)
        except grpc.RpcError as error:
            return error.code()


def health(model, _):
    """What grpc.health.v1 says of the server, and of a service that it has or has not."""
    check = "/grpc.health.v1.Health/Check"
    serving = b"\x08\x01"
    expect_equal(raw_call(model, check, b""), serving, "health of the server")
    service = b"inference.GRPCInferenceService"
    asked = b"\x0a" + bytes([len(service)]) + service
    expect_equal(raw_call(model, check, asked), serving, "health of the service")
    expect_equal(raw_call(model, check, b"\x0a\x06nobody"), grpc.StatusCode.NOT_FOUND,
                 "health of what is not there")


def watched(model, message, count):
    """The first answers of a Watch, and how it ended once it was cancelled."""
    with grpc.insecure_channel(model.host) as channel:
        call = channel.unary_stream("/grpc.health.v1.Health/Watch")(message, timeout=SECONDS_MAX)
        answers = [next(call) for _ in range(count)]
        call.cancel()
        return answers, call.code()


def health_is_watched(model, _):
    cancelled = grpc.StatusCode.CANCELLED
    expect_equal(watched(model, b"", 1), ([b"\x08\x01"], cancelled), "watch of the server")
    expect_equal(watched(model, b"\x0a\x06nobody", 1), ([b"\x08\x03"], cancelled),
                 "watch of what is not there yet")
    listed = raw_call(model, "/grpc.health.v1.Health/List", b"")
    expect(b"inference.GRPCInferenceService" in listed, f"got the list {listed}")
    with grpc.insecure_channel(model.host) as channel:
        call = channel.unary_stream("/grpc.health.v1.Health/Watch")(b"", timeout=1)
        answers = []
        try:
            answers.extend(call)
        except grpc.RpcError as error:
            expect_equal(error.code(), grpc.StatusCode.DEADLINE_EXCEEDED, "end at the deadline")
        expect_equal(answers, [b"\x08\x01"], "watch for a second")


def balanced_by_health(model, _):
    """A channel that connects to servers alone that say by Watch that they serve."""
    def connects(service):
        config = json.dumps({"loadBalancingConfig": [{"round_robin": {}}],
                             "healthCheckConfig": {"serviceName": service}})
        options = [("grpc.service_config", config)]
        with grpc.insecure_channel(model.host, options=options) as channel:
            try:
                grpc.channel_ready_future(channel).result(timeout=5)
                return True
            except grpc.FutureTimeoutError:
                return False
    expect(connects(""), "expected a channel to a server that serves")
    expect(connects("inference.GRPCInferenceService"), "expected a channel to a service of it")
    expect(not connects("nobody"), "expected no channel to a service that is not there")


def refusals(model, _):
    inference = "/inference.GRPCInferenceService/"
    codes = grpc.StatusCode
    for method, message, wanted in (
            (inference + "NoSuchMethod", b"", (codes.UNIMPLEMENTED,)),
            ("/no.such.Service/Method", b"", (codes.UNIMPLEMENTED,)),
            (inference + "ModelInfer", b"\xff\xff\xff", (codes.INVALID_ARGUMENT, codes.INTERNAL)),
            (inference + "ModelInfer", b"", (codes.NOT_FOUND, codes.INVALID_ARGUMENT)),
            (inference + "ModelInfer", b"\x1a\x80\x80\x80\x10" + bytes(32 << 20),
             (codes.RESOURCE_EXHAUSTED,)),
    ):
        got = raw_call(model, method, message)
        expect(got in wanted, f"{method} with {len(message)} bytes: expected {wanted}, got {got}")


def check_all(report, house):
    def check(name, model, function, *arguments):
        def made():
            if not model.http2:
                raise Skip("the server does not speak HTTP/2")
            client = triton.InferenceServerClient(model.host)
            try:
                return function(model, client, *arguments)
            finally:
                client.close()
        report.check(f"triton grpc: {name}, {model.name}", made)
    for model in house.models:
        check("metadata, live, ready", model, metadata)
        check("index", model, index)
        check("statistics", model, statistics)
        check("infer", model, infer)
        check("one output", model, one_output)
        check("async_infer", model, async_infer)
        check("stream", model, stream)
        check("stream, final responses", model, final_responses)
        check("stream by asyncio", model, lambda model, _: stream_over_asyncio(model))
        check("configuration", model, configuration)
        check("asyncio", model, lambda model, _: over_asyncio(model))
    for algorithm in ("gzip", "deflate"):
        check(f"infer by {algorithm}", house.passengers, compressed, algorithm)
    check("a match", house.similarity, match)
    check("errors", house.passengers, errors)
    check("errors in a stream", house.passengers, stream_errors)
    check("what is not offered", house.passengers, not_offered)
    check("health", house.passengers, health)
    check("health, watched", house.passengers, health_is_watched)
    check("a channel that checks health", house.passengers, balanced_by_health)
    check("refusals", house.passengers, refusals)


if __name__ == "__main__":
    main(check_all)
