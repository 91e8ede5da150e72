"""Cases of the Open Inference Protocol in JSON: the server, the model, good and bad requests."""

import json
import math

from oip_peer import (ROWS, SIZES, elements_of, expect_ok, expect_refused, flat, outputs_of)
from report import Skip, expect, expect_equal


def is_texts(value):
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def server_metadata(peer):
    answer = expect_ok(peer.get("/v2"))
    body = answer.json()
    expect(isinstance(body.get("name"), str) and isinstance(body.get("version"), str)
           and is_texts(body.get("extensions")),
           f"expected name, version and extensions, got {answer}")
    return f"{body['name']} {body['version']}: {', '.join(body['extensions']) or 'no extensions'}"


def server_metadata_with_slash(peer):
    return str(expect_ok(peer.get("/v2/")).status)


def server_is_live(peer):
    answer = expect_ok(peer.get("/v2/health/live"))
    if answer.body.strip():
        expect_equal(answer.json().get("live"), True, '"live"')
    return answer


def server_is_ready(peer):
    answer = expect_ok(peer.get("/v2/health/ready"))
    if answer.body.strip():
        expect(True in answer.json().values(), f"expected true, got {answer}")
    return answer


def check_tensor(described):
    expect(isinstance(described.get("name"), str), f"expected a name in {described}")
    expect(described.get("datatype") in SIZES, f"expected a datatype of V2 in {described}")
    shape = described.get("shape")
    expect(isinstance(shape, list) and shape and
           all(isinstance(extent, int) and extent >= -1 for extent in shape),
           f"expected a shape of integers in {described}")


def model_metadata(peer):
    answer = expect_ok(peer.get(peer.path))
    body = answer.json()
    expect_equal(body.get("name"), peer.model, '"name"')
    expect(isinstance(body.get("platform"), str), f'expected a "platform", got {answer}')
    if "versions" in body:
        expect(is_texts(body["versions"]), f'expected "versions" as texts, got {answer}')
        peer.version = (body["versions"] or [None])[0]
    for each in body["inputs"] + body["outputs"]:
        check_tensor(each)
    return f"{len(body['inputs'])} inputs, {len(body['outputs'])} outputs"


def versioned(peer, end=""):
    if not peer.version:
        raise Skip("the metadata names no version")
    return f"{peer.path}/versions/{peer.version}{end}"


def model_metadata_by_version(peer):
    expect_equal(expect_ok(peer.get(versioned(peer))).json()["name"], peer.model, '"name"')


def model_is_ready(peer):
    answer = expect_ok(peer.get(peer.path + "/ready"))
    if answer.body.strip():
        expect_equal(answer.json(), {"name": peer.model, "ready": True}, "body")
    return answer


def model_is_ready_by_version(peer):
    return expect_ok(peer.get(versioned(peer, "/ready")))


def unknown_model(peer):
    return expect_refused(peer.get("/v2/models/no-such-model"), 404)


def unknown_model_is_not_ready(peer):
    return expect_refused(peer.get("/v2/models/no-such-model/ready"), 404)


def unknown_model_infers_nothing(peer):
    return expect_refused(peer.infer(peer.request(), "/v2/models/no-such-model/infer"), 404)


def unknown_version(peer):
    return expect_refused(peer.get(f"{peer.path}/versions/987654"), 404)


def unknown_path(peer):
    return expect_refused(peer.get("/v2/no-such-path"), 404)


def get_of_infer(peer):
    answer = peer.get(peer.path + "/infer")
    told = expect_refused(answer, 405)
    expect("POST" in (answer.field("Allow") or ""), f"expected Allow: POST with {answer}")
    return told


def post_of_metadata(peer):
    return expect_refused(peer.infer("{}", peer.path), 405)


def delete_of_server(peer):
    return expect_refused(peer.ask("DELETE", "/v2"), 405)


def head_of_health(peer):
    answer = expect_ok(peer.ask("HEAD", "/v2/health/ready"))
    expect_equal(answer.body, b"", "body")


def infer(peer):
    answer = expect_ok(peer.infer(peer.request()))
    body = answer.json()
    expect_equal(answer.field("Content-Type").split(";")[0], "application/json", "Content-Type")
    expect_equal(body.get("model_name"), peer.model, '"model_name"')
    expect(isinstance(body.get("model_version", ""), str), '"model_version": expected a text')
    for each in body["outputs"]:
        check_tensor(each)
        expect_equal(len(flat(each["data"])), elements_of(each["shape"]), "elements")
        expect(each["data"] == flat(each["data"]), f"expected flat data in {each}")
    peer.outputs = [each["name"] for each in body["outputs"]]
    peer.good = outputs_of(answer)
    return f"outputs {', '.join(peer.outputs)}"


def infer_by_version(peer):
    answer = expect_ok(peer.infer(peer.request(), versioned(peer, "/infer")))
    expect_equal(outputs_of(answer), peer.good, "outputs")


def same_for(peer, data):
    """The outputs for the matrix, with its data arranged in another way."""
    tensor = peer.matrix_input() if peer.matrix else peer.inputs[0]
    if len(tensor["shape"]) < 2:
        raise Skip("no tensor of two dimensions is known: say one with --matrix")
    request = {"inputs": [tensor] if peer.matrix else peer.request()["inputs"]}
    expected = outputs_of(expect_ok(peer.infer(request)))
    request["inputs"][0] = {**tensor, "data": data(tensor["data"], tensor["shape"][-1])}
    expect_equal(outputs_of(expect_ok(peer.infer(request))), expected, "outputs")


def rows_of(data, width):
    return [data[i:i + width] for i in range(0, len(data), width)]


def infer_nested(peer):
    same_for(peer, rows_of)


def infer_partly_nested(peer):
    same_for(peer, lambda data, width: [data[:width], *data[width:]])


def id_is_echoed(peer):
    for given in ("42", 'a "b" \\ \u00fc \U0001f600'):
        expect_equal(expect_ok(peer.infer(peer.request(id=given))).json().get("id"), given, "id")


def no_id(peer):
    return f"id {expect_ok(peer.infer(peer.request())).json().get('id')!r}"


def one_output(peer):
    name = peer.outputs[-1]
    answer = expect_ok(peer.infer(peer.request(outputs=[{"name": name}])))
    expect_equal(outputs_of(answer), {name: peer.good[name]}, "outputs")


def outputs_in_their_order(peer):
    if len(peer.outputs) < 2:
        raise Skip("the model has one output")
    names = list(reversed(peer.outputs))
    answer = expect_ok(peer.infer(peer.request(outputs=[{"name": name} for name in names])))
    expect_equal([each["name"] for each in answer.json()["outputs"]], names, "outputs")


def no_outputs_are_all(peer):
    answer = expect_ok(peer.infer(peer.request(outputs=[])))
    expect_equal(outputs_of(answer), peer.good, "outputs")


def unknown_output(peer):
    return expect_refused(peer.infer(peer.request(outputs=[{"name": "no-such-output"}])), 400, 404)


def parameters_of_others(peer):
    parameters = {"priority": 1, "timeout": 1000000, "x": "y", "flag": True, "ratio": 0.5}
    request = peer.request(parameters=parameters)
    request["inputs"][0]["parameters"] = {"content_type": "np", "x": 1}
    expect_equal(outputs_of(expect_ok(peer.infer(request))), peer.good, "outputs")


def integers_for_floats(peer):
    first = peer.inputs[0]
    if not first["datatype"].startswith("FP"):
        raise Skip("the first input is not of floats")
    whole = [float(int(each)) for each in flat(first["data"])]
    floats = outputs_of(expect_ok(peer.infer(peer.changed(data=whole))))
    integers = outputs_of(expect_ok(peer.infer(peer.changed(data=[int(e) for e in whole]))))
    expect_equal(integers, floats, "outputs")


def charset_in_content_type(peer):
    expect_ok(peer.infer(peer.request(), Content_Type="application/json; charset=utf-8"))


def no_content_type(peer):
    """What http.client sends by itself: none."""
    return expect_ok(peer.ask("POST", peer.path + "/infer", json.dumps(peer.request()))).status


def refused_for(peer, *statuses, **changes):
    return expect_refused(peer.infer(peer.changed(**changes)), *statuses)


def too_few_elements(peer):
    return refused_for(peer, data=flat(peer.inputs[0]["data"])[1:])


def too_many_elements(peer):
    data = flat(peer.inputs[0]["data"])
    return refused_for(peer, data=data + data[:1])


def no_shape(peer):
    return refused_for(peer, shape=None)


def no_datatype(peer):
    return refused_for(peer, datatype=None)


def no_data(peer):
    return refused_for(peer, data=None)


def unknown_datatype(peer):
    return refused_for(peer, datatype="FP7")


def negative_shape(peer):
    return refused_for(peer, shape=[-1, *peer.inputs[0]["shape"][1:]])


def fraction_in_shape(peer):
    return refused_for(peer, shape=[1.5, *peer.inputs[0]["shape"][1:]])


def shape_that_overflows(peer):
    """2^62 times 4 is 0 in 64 bits, as many as there are elements."""
    width = peer.inputs[0]["shape"][-1]
    if len(peer.inputs[0]["shape"]) < 2 or 2 ** 64 % width:
        return refused_for(peer, shape=[2 ** 32, 2 ** 32], data=[])
    return refused_for(peer, shape=[2 ** 64 // width, width], data=[])


def shape_that_nobody_has(peer):
    return refused_for(peer, shape=[2 ** 63, *peer.inputs[0]["shape"][1:]], data=[])


def shape_beyond_64_bits(peer):
    return refused_for(peer, shape=[2 ** 64], data=[])


def zero_rows(peer):
    request = peer.request()
    for each in request["inputs"]:
        each["shape"], each["data"] = [0, *each["shape"][1:]], []
    answer = peer.infer(request)
    if answer.status != 200:
        return expect_refused(answer)
    expect(not any(outputs_of(answer).values()), f"expected no elements, got {answer}")
    return answer


def other_rows(peer):
    if len(peer.inputs) < 2:
        raise Skip("the model has one input")
    if not peer.columns:
        raise Skip("the inputs of a network are as long as it takes them")
    first = peer.inputs[0]
    half = flat(first["data"])[:len(flat(first["data"])) // ROWS]
    return refused_for(peer, shape=[first["shape"][0] // ROWS, *first["shape"][1:]], data=half)


def missing_input(peer):
    return expect_refused(peer.infer({"inputs": peer.request()["inputs"][1:]}))


def input_twice(peer):
    inputs = peer.request()["inputs"]
    return expect_refused(peer.infer({"inputs": inputs + inputs[:1]}))


def unknown_input(peer):
    extra = {"name": "no-such-input", "shape": [ROWS], "datatype": "FP64", "data": [1] * ROWS}
    return expect_refused(peer.infer({"inputs": peer.request()["inputs"] + [extra]}))


def text_for_a_number(peer):
    data = flat(peer.inputs[0]["data"])
    wrong = [7] if peer.inputs[0]["datatype"] == "BYTES" else ["seven"]
    return refused_for(peer, data=wrong + data[1:])


def body_refused(peer, body):
    return expect_refused(peer.infer(body))


def not_json(peer):
    return body_refused(peer, b'{"inputs": [')


def empty_body(peer):
    return body_refused(peer, b"")


def array_for_the_request(peer):
    return body_refused(peer, b"[1, 2]")


def more_after_the_json(peer):
    return body_refused(peer, json.dumps(peer.request()) + " {}")


def not_utf8(peer):
    return body_refused(peer, json.dumps(peer.request(id="X")).encode().replace(b'"X"', b'"\xff"'))


def deep_nesting(peer):
    return body_refused(peer, b'{"inputs": ' + b"[" * 100000 + b"]" * 100000 + b"}")


def no_inputs(peer):
    return body_refused(peer, b"{}")


def empty_inputs(peer):
    return body_refused(peer, b'{"inputs": []}')


def id_that_is_no_text(peer):
    return body_refused(peer, json.dumps(peer.request(id=7)))


def answers_to_missing(peer, token):
    """Whatever is said of a missing value, it is JSON and no defect of the server."""
    first = peer.inputs[0]
    if not first["datatype"].startswith("FP"):
        raise Skip("the first input is not of floats")
    data = [math.nan, *flat(first["data"])[1:]]
    answer = peer.infer(json.dumps(peer.changed(data=data)).replace("NaN", token))
    if answer.status != 200:
        return expect_refused(answer)
    # As strict readers do it: bare NaN is not JSON.
    json.loads(answer.body, parse_constant=lambda word: expect(False, f"expected JSON, got {word}"))
    return answer


def not_a_number(peer):
    return answers_to_missing(peer, "NaN")


def infinity(peer):
    return answers_to_missing(peer, "Infinity")


def null(peer):
    return answers_to_missing(peer, "null")


CASES = [
    ("server metadata", server_metadata),
    ("server metadata with a slash", server_metadata_with_slash),
    ("live", server_is_live),
    ("ready", server_is_ready),
    ("HEAD of ready", head_of_health),
    ("model metadata", model_metadata),
    ("model metadata by version", model_metadata_by_version),
    ("model ready", model_is_ready),
    ("model ready by version", model_is_ready_by_version),
    ("unknown model: 404", unknown_model),
    ("unknown model, ready: 404", unknown_model_is_not_ready),
    ("unknown model, infer: 404", unknown_model_infers_nothing),
    ("unknown version: 404", unknown_version),
    ("unknown path: 404", unknown_path),
    ("GET of infer: 405", get_of_infer),
    ("POST of metadata: 405", post_of_metadata),
    ("DELETE of the server: 405", delete_of_server),
    ("infer", infer),
    ("infer by version", infer_by_version),
    ("infer, nested data", infer_nested),
    ("infer, partly nested data", infer_partly_nested),
    ("infer, charset in Content-Type", charset_in_content_type),
    ("infer without Content-Type", no_content_type),
    ("infer, integers for floats", integers_for_floats),
    ("infer, parameters that are not known", parameters_of_others),
    ("id is echoed", id_is_echoed),
    ("no id", no_id),
    ("one output of several", one_output),
    ("outputs in the order asked", outputs_in_their_order),
    ("empty outputs are all", no_outputs_are_all),
    ("unknown output: 400", unknown_output),
    ("too few elements: 400", too_few_elements),
    ("too many elements: 400", too_many_elements),
    ("no shape: 400", no_shape),
    ("no datatype: 400", no_datatype),
    ("no data: 400", no_data),
    ("unknown datatype: 400", unknown_datatype),
    ("negative shape: 400", negative_shape),
    ("fraction in the shape: 400", fraction_in_shape),
    ("shape whose product overflows: 400", shape_that_overflows),
    ("shape of 2^63: 400", shape_that_nobody_has),
    ("shape of 2^64: 400", shape_beyond_64_bits),
    ("zero rows: no elements, or 400", zero_rows),
    ("inputs of different rows: 400", other_rows),
    ("missing input: 400", missing_input),
    ("input twice: 400", input_twice),
    ("unknown input: 400", unknown_input),
    ("value of another type: 400", text_for_a_number),
    ("half of a JSON: 400", not_json),
    ("empty body: 400", empty_body),
    ("an array for the request: 400", array_for_the_request),
    ("more after the JSON: 400", more_after_the_json),
    ("not UTF-8: 400", not_utf8),
    ("nested 100,000 deep: 400", deep_nesting),
    ("no inputs: 400", no_inputs),
    ("empty inputs: 400", empty_inputs),
    ("id that is no text: 400", id_that_is_no_text),
    ("NaN: an answer in JSON", not_a_number),
    ("Infinity: an answer in JSON", infinity),
    ("null: an answer in JSON", null),
]
