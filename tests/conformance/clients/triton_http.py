"""tritonclient over HTTP: NVIDIA's client of the Open Inference Protocol."""

import asyncio

import numpy
import tritonclient.http as triton
import tritonclient.http.aio as triton_aio
from tritonclient.utils import InferenceServerException

from house import expect_raises, main
from report import Skip, expect, expect_equal


def inputs_of(model, binary):
    """A tensor for each column."""
    tensors = []
    for name, values in model.columns().items():
        text = model.is_text(name)
        cells = numpy.array(values, dtype=numpy.object_ if text else numpy.float64)
        tensor = triton.InferInput(name, [len(values)], "BYTES" if text else "FP64")
        tensor.set_data_from_numpy(cells, binary_data=binary)
        tensors.append(tensor)
    return tensors


def finite(model):
    """Rows without what is missing, which this client can only send as NaN."""
    rows = [row for row in model.rows if None not in row.values()]
    keep = [at for at, row in enumerate(model.rows) if row in rows]
    expected = {method: [values[at] for at in keep] for method, values in model.expected.items()}
    return rows, expected


def metadata(house, client):
    server = client.get_server_metadata()
    expect("binary_tensor_data" in server["extensions"], f"got {server}")
    expect(client.is_server_live() and client.is_server_ready(), "expected live and ready")
    model = client.get_model_metadata("passengers")
    expect_equal([each["name"] for each in model["inputs"]], ["age", "fare", "port"], "inputs")
    expect(client.is_model_ready("passengers"), "expected the model to be ready")
    expect(client.is_model_ready("passengers", model["versions"][0]), "expected its version too")
    expect(not client.is_model_ready("nobody"), "expected an unknown model not to be ready")
    return f"{server['name']} {server['version']}"


def index(house, client):
    found = client.get_model_repository_index()
    expect_equal([(each["name"], each["state"]) for each in found], [("passengers", "READY")],
                 "index")


def statistics(house, client):
    before = client.get_inference_statistics("passengers")["model_stats"][0]
    client.infer("passengers", inputs_of(house.passengers, True))
    after = client.get_inference_statistics("passengers", "1")["model_stats"][0]
    expect_equal(after["inference_count"] - before["inference_count"], len(house.passengers.rows),
                 "rows counted")
    expect(client.get_inference_statistics()["model_stats"], "expected statistics of all")


def config(house, client):
    if "model_configuration" not in client.get_server_metadata()["extensions"]:
        raise Skip("the server does not announce model_configuration")
    told = client.get_model_config("passengers", "1")
    expect_equal(told["name"], "passengers", "name")
    expect_equal([(each["name"], each["data_type"], each["dims"]) for each in told["input"]],
                 [("age", "TYPE_FP64", [-1]), ("fare", "TYPE_FP64", [-1]),
                  ("port", "TYPE_STRING", [-1])], "input")
    expect_equal(told["max_batch_size"], 0, "max_batch_size")


def infer(house, client, name, binary, outputs_binary):
    model = getattr(house, name)
    methods = list(model.expected)
    outputs = [triton.InferRequestedOutput(method, binary_data=outputs_binary)
               for method in methods]
    answer = client.infer(name, inputs_of(model, binary), outputs=outputs, request_id="7")
    expect_equal(answer.get_response()["id"], "7", "id")
    for method in methods:
        model.expect_answer(method, answer.as_numpy(method).tolist())


def infer_finite(house, client):
    """In JSON, with what it can say there."""
    rows, expected = finite(house.passengers)
    tensors = []
    for name in rows[0]:
        text = isinstance(rows[0][name], str)
        tensor = triton.InferInput(name, [len(rows)], "BYTES" if text else "FP64")
        tensor.set_data_from_numpy(
            numpy.array([row[name] for row in rows], dtype=object if text else numpy.float64),
            binary_data=False)
        tensors.append(tensor)
    wanted = triton.InferRequestedOutput("predict_proba", binary_data=False)
    answer = client.infer("passengers", tensors, outputs=[wanted])
    got = answer.as_numpy("predict_proba")
    expect(numpy.allclose(got, expected["predict_proba"], atol=1e-9), f"got {got}")


def matrix(house, client, datatype, kind):
    model = house.flowers
    cells = numpy.array([list(row.values()) for row in model.rows], dtype=kind)
    tensor = triton.InferInput("x", list(cells.shape), datatype)
    tensor.set_data_from_numpy(cells)
    answer = client.infer("flowers", [tensor])
    model.expect_answer("predict", [each.decode() for each in answer.as_numpy("predict")])
    if kind == numpy.float64:
        model.expect_answer("predict_proba", answer.as_numpy("predict_proba").tolist())


def match(house, client, binary):
    model = house.similarity
    answer = client.infer("similarity", inputs_of(model, binary), parameters={"top_k": 3})
    for output in ("id", "answer_id", "probability"):
        model.expect_answer(output, answer.as_numpy(output).tolist())


def async_infer(house, client):
    model = house.passengers
    waiting = [client.async_infer("passengers", inputs_of(model, True)) for _ in range(8)]
    for each in waiting:
        model.expect_answer("predict_proba",
                            each.get_result().as_numpy("predict_proba").tolist())
    return f"{len(waiting)} at once"


def raw_request(house, client):
    """A body that is the only input, as the binary extension has it."""
    question = house.similarity.rows[0]["input"]
    body = question.encode()
    answer = client._post(  # As its own documentation calls it: there is no other way.
        request_uri="v2/models/similarity/infer", request_body=body,
        headers={"Inference-Header-Content-Length": "0"}, query_params=None)
    expect_equal(answer.status_code, 200, "status")
    length = int(answer.get("Inference-Header-Content-Length"))
    result = triton.InferResult.from_response_body(answer.read(), header_length=length)
    wanted = house.similarity.expected["id"][0]
    expect_equal(result.as_numpy("id").tolist()[0][:len(wanted)], wanted, "id")


def own_body(house, client):
    """What generate_request_body makes is sent as it is; parse_response_body reads the answer."""
    body, length = triton.InferenceServerClient.generate_request_body(
        inputs_of(house.passengers, True))
    answer = client._post("v2/models/passengers/infer", body,
                          {"Inference-Header-Content-Length": str(length)}, None)
    header = answer.get("Inference-Header-Content-Length")
    result = triton.InferenceServerClient.parse_response_body(
        answer.read(), header_length=int(header))
    house.passengers.expect_answer("predict", result.as_numpy("predict").tolist())


def compressed(house, client, request, response):
    try:
        answer = client.infer("passengers", inputs_of(house.passengers, True),
                              request_compression_algorithm=request,
                              response_compression_algorithm=response)
    except InferenceServerException as error:
        if error.status() == "415":
            raise Skip(f"the server takes no {request}") from None
        raise
    house.passengers.expect_answer("predict_proba", answer.as_numpy("predict_proba").tolist())


def missing_in_json(house, client):
    """rapidjson writes a missing number as NaN, which Triton takes."""
    answer = client.infer("passengers", inputs_of(house.passengers, False))
    house.passengers.expect_answer("predict_proba", answer.as_numpy("predict_proba").tolist())


def infinity(house, client):
    """scikit-learn raises "Input X contains infinity" here."""
    tensors = inputs_of(house.passengers, True)
    ages = numpy.array(house.passengers.columns()["age"], dtype=numpy.float64)
    ages[0] = numpy.inf
    tensors[0].set_data_from_numpy(ages)
    return expect_raises(InferenceServerException, "infinity", client.infer, "passengers",
                         tensors)


def errors(house, client):
    tensor = triton.InferInput("age", [1], "FP64")
    tensor.set_data_from_numpy(numpy.zeros(1))
    told = expect_raises(InferenceServerException, "expected this column, got none",
                         client.infer, "passengers", [tensor])
    expect_raises(InferenceServerException, "none of this name", client.infer, "nobody", [tensor])
    expect_raises(InferenceServerException, "none of this name", client.get_model_metadata,
                  "nobody")
    return told


def not_offered(house, client):
    """The client has to be told so in its own form."""
    for ask in (client.get_system_shared_memory_status, client.get_cuda_shared_memory_status):
        expect_raises(InferenceServerException, "shared memory: there is none here", ask)
    expect_raises(InferenceServerException, "shared memory: there is none here",
                  client.register_system_shared_memory, "a", "/a", 8)
    inputs = inputs_of(house.passengers, True)
    ranked = triton.InferRequestedOutput("predict_proba", class_count=2)
    told = expect_raises(InferenceServerException, "ask for the output itself", client.infer,
                         "passengers", inputs, outputs=[ranked])
    inputs[0].set_shared_memory("a", 8)
    expect_raises(InferenceServerException, "there is no shared memory here", client.infer,
                  "passengers", inputs)
    return told


def over_asyncio(house):
    async def ask():
        async with triton_aio.InferenceServerClient(house.passengers.host) as client:
            return await client.infer("passengers", inputs_of(house.passengers, True))
    answer = asyncio.run(ask())
    house.passengers.expect_answer("predict_proba", answer.as_numpy("predict_proba").tolist())


def half_precision(house, client):
    """In 16 bits the numbers themselves are others: the same as numpy makes them."""
    model = house.flowers
    cells = numpy.array([list(row.values()) for row in model.rows], dtype=numpy.float16)
    answers = []
    for datatype, kind in (("FP16", numpy.float16), ("FP64", numpy.float64)):
        tensor = triton.InferInput("x", list(cells.shape), datatype)
        tensor.set_data_from_numpy(cells.astype(kind))
        answers.append(client.infer("flowers", [tensor]).as_numpy("predict_proba").tolist())
    expect_equal(answers[0], answers[1], "answers")


def check_all(report, house):
    say = "triton http: "
    client = triton.InferenceServerClient(house.passengers.host, concurrency=4)
    flowers = triton.InferenceServerClient(house.flowers.host)
    similarity = triton.InferenceServerClient(house.similarity.host)
    report.check(say + "metadata, live, ready", metadata, house, client)
    report.check(say + "index", index, house, client)
    report.check(say + "statistics", statistics, house, client)
    report.check(say + "configuration", config, house, client)
    for name, asked in (("passengers", client), ("flowers", flowers)):
        report.check(say + f"binary in and out, {name}", infer, house, asked, name, True, True)
        report.check(say + f"binary in, JSON out, {name}", infer, house, asked, name, True, False)
    report.check(say + "JSON in, binary out, flowers", infer, house, flowers, "flowers", False,
                 True)
    report.check(say + "JSON in and out, flowers", infer, house, flowers, "flowers", False, False)
    report.check(say + "JSON in and out, passengers", infer_finite, house, client)
    report.check(say + "JSON in, a missing number", missing_in_json, house, client)
    report.check(say + "a matrix of FP64", matrix, house, flowers, "FP64", numpy.float64)
    report.check(say + "a matrix of FP32", matrix, house, flowers, "FP32", numpy.float32)
    report.check(say + "a match, binary", match, house, similarity, True)
    report.check(say + "a match, JSON", match, house, similarity, False)
    report.check(say + "async_infer", async_infer, house, client)
    report.check(say + "asyncio", over_asyncio, house)
    report.check(say + "a matrix of FP16", half_precision, house, flowers)
    report.check(say + "raw request", raw_request, house, similarity)
    report.check(say + "a body made by hand", own_body, house, client)
    for algorithm in ("gzip", "deflate"):
        report.check(say + f"request by {algorithm}", compressed, house, client, algorithm, None)
        report.check(say + f"answer by {algorithm}", compressed, house, client, None, algorithm)
    report.check(say + "infinity is refused", infinity, house, client)
    report.check(say + "errors", errors, house, client)
    report.check(say + "what is not offered", not_offered, house, client)


if __name__ == "__main__":
    main(check_all)
