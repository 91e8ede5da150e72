"""The SDK of KServe: its clients of protocol V1 and V2."""

import asyncio

import httpx
import numpy
from kserve import InferInput, InferRequest, InferenceGRPCClient, InferenceRESTClient, RESTConfig
from kserve.protocol.infer_type import RequestedOutput

from house import expect_raises, main
from report import Skip, expect, expect_equal


def client(protocol):
    return InferenceRESTClient(config=RESTConfig(protocol=protocol, retries=0, timeout=30))


def run(work):
    return asyncio.run(work)


def request_of(model, binary, **options):
    inputs = []
    for name, values in model.columns().items():
        text = model.is_text(name)
        tensor = InferInput(name, [len(values)], "BYTES" if text else "FP64")
        cells = numpy.array(values, dtype=numpy.object_ if text else numpy.float64)
        tensor.set_data_from_numpy(cells, binary_data=binary)
        inputs.append(tensor)
    return InferRequest(model_name=model.name, infer_inputs=inputs, **options)


async def health(model, protocol):
    asked = client(protocol)
    try:
        if protocol == "v2":
            expect(await asked.is_server_live(model.url), "expected live")
            expect(await asked.is_server_ready(model.url), "expected ready")
            expect(not await asked.is_model_ready(model.url, "nobody"), "expected no such model")
        expect(await asked.is_model_ready(model.url, model.name), "expected the model to be ready")
    finally:
        await asked.close()


async def live_v1(model):
    """Asks for / and takes {"status": "alive"}."""
    asked = client("v1")
    try:
        expect(await asked.is_server_live(model.url), "expected live")
    finally:
        await asked.close()


async def predict_v1(model):
    asked = client("v1")
    try:
        answer = await asked.infer(model.url, {"instances": model.rows}, model_name=model.name)
    finally:
        await asked.close()
    model.expect_answer("predict", answer["predictions"])


async def infer_v2(model, binary, binary_out):
    asked = client("v2")
    outputs = [RequestedOutput(method, {"binary_data": binary_out})
               for method in model.expected]
    request = request_of(model, binary, request_id="7", request_outputs=outputs)
    try:
        answer = await asked.infer(model.url, request, model_name=model.name)
    finally:
        await asked.close()
    expect_equal(answer.id, "7", "id")
    for output in answer.outputs:
        got = output.as_numpy().tolist()
        model.expect_answer(output.name, [each.decode() if isinstance(each, bytes) else each
                                          for each in got])


async def no_id(model):
    """Its answer is a type whose id has to be there."""
    asked = client("v2")
    try:
        answer = await asked.infer(model.url, request_of(model, True), model_name=model.name)
    finally:
        await asked.close()
    return f"id {answer.id!r}"


async def wrong_request(model):
    asked = client("v2")
    tensor = InferInput("age", [1], "FP64", [1.0])
    try:
        await asked.infer(model.url, InferRequest(model.name, [tensor]), model_name=model.name)
    finally:
        await asked.close()


def errors(model):
    return expect_raises(httpx.HTTPStatusError, "expected this column, got none", run,
                         wrong_request(model))


def grpc(model, binary):
    """In binary, or in the typed fields of the message."""
    if not model.http2:
        raise Skip("the server does not speak HTTP/2")

    async def ask():
        asked = InferenceGRPCClient(model.host)
        try:
            expect(await asked.is_server_live(), "expected live")
            expect(await asked.is_server_ready(), "expected ready")
            expect(await asked.is_model_ready(model.name), "expected the model to be ready")
            return await asked.infer(request_of(model, binary, request_id="7"))
        finally:
            await asked.close()
    answer = run(ask())
    expect_equal(answer.id, "7", "id")
    for output in answer.outputs:
        model.expect_answer(output.name, [each.decode() if isinstance(each, bytes) else each
                                          for each in output.as_numpy().tolist()])


def check_all(report, house):
    for model in house.models:
        for protocol in ("v1", "v2"):
            report.check(f"kserve: {protocol} health, {model.name}",
                         lambda m=model, p=protocol: run(health(m, p)))
        report.check(f"kserve: v1 predict, {model.name}",
                     lambda m=model: run(predict_v1(m)))
        for binary, out in ((True, True), (True, False), (False, True), (False, False)):
            if model is house.passengers and not binary:
                continue  # It has no way to say in JSON what is missing.
            said = f"{'binary' if binary else 'JSON'} in, {'binary' if out else 'JSON'} out"
            report.check(f"kserve: v2 infer, {said}, {model.name}",
                         lambda m=model, b=binary, o=out: run(infer_v2(m, b, o)))
        report.check(f"kserve: v2 infer without an id, {model.name}",
                     lambda m=model: run(no_id(m)))
        for binary in (True, False):
            report.check(f"kserve grpc: infer, {'raw' if binary else 'typed'}, {model.name}",
                         grpc, model, binary)
    report.check("kserve: v1 live", lambda: run(live_v1(house.passengers)))
    report.check("kserve: errors", errors, house.passengers)


if __name__ == "__main__":
    main(check_all)
