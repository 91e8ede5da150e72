"""Cases of the Open Inference Protocol's extensions: binary tensors, the index, statistics."""

import gzip
import json

from oip_peer import LENGTH, ROWS, expect_ok, expect_refused, flat, outputs_of
from report import Skip, expect, expect_equal


def need_binary(peer):
    peer.need_extension("binary_tensor_data")
    return peer.request()


def binary_in(peer):
    answer = expect_ok(peer.binary(need_binary(peer)))
    expect_equal(answer.field(LENGTH), None, f"{LENGTH} of an answer in JSON")
    expect_equal(outputs_of(answer), peer.good, "outputs")


def binary_in_without_type(peer):
    request = need_binary(peer)
    expect_equal(outputs_of(expect_ok(peer.binary(request, Content_Type="application/json"))),
                 peer.good, "outputs")


def binary_out(peer):
    request = need_binary(peer)
    request["outputs"] = [{"name": name, "parameters": {"binary_data": True}}
                          for name in peer.outputs]
    answer = expect_ok(peer.infer(request))
    expect(answer.field(LENGTH), f"expected {LENGTH} with {answer}")
    expect_equal(outputs_of(answer), peer.good, "outputs")


def binary_out_of_all(peer):
    request = need_binary(peer)
    request["parameters"] = {"binary_data_output": True}
    answer = expect_ok(peer.binary(request))
    expect(answer.field(LENGTH), f"expected {LENGTH} with {answer}")
    expect_equal(outputs_of(answer), peer.good, "outputs")


def binary_of_one_output(peer):
    request = need_binary(peer)
    if len(peer.outputs) < 2:
        raise Skip("the model has one output")
    request["parameters"] = {"binary_data_output": True}
    request["outputs"] = [{"name": peer.outputs[0]},
                          {"name": peer.outputs[1], "parameters": {"binary_data": False}}]
    answer = expect_ok(peer.infer(request))
    told = json.loads(answer.body[:int(answer.field(LENGTH))])["outputs"]
    expect_equal(["data" in each for each in told], [False, True], "outputs in JSON")
    expect_equal(outputs_of(answer), {name: peer.good[name] for name in peer.outputs[:2]},
                 "outputs")


def binary_and_json(peer):
    request = need_binary(peer)
    if len(request["inputs"]) < 2:
        raise Skip("the model has one input")
    request["inputs"][0]["in_json"] = True
    expect_equal(outputs_of(expect_ok(peer.binary(request))), peer.good, "outputs")


def size_refused(peer, change):
    request = need_binary(peer)
    request["inputs"][0]["parameters"] = {"binary_data_size": change}
    return expect_refused(peer.binary(request))


def binary_size_too_small(peer):
    return size_refused(peer, 1)


def binary_size_beyond_the_body(peer):
    return size_refused(peer, 10 ** 9)


def binary_size_negative(peer):
    return size_refused(peer, -8)


def binary_and_data(peer):
    request = need_binary(peer)
    request["inputs"][0].update(in_json=True, parameters={"binary_data_size": 8})
    return expect_refused(peer.binary(request))


def bytes_left_over(peer):
    head = json.dumps(need_binary(peer)).encode()
    return expect_refused(peer.infer(head + b"12345678", **{LENGTH: str(len(head))}))


def length_beyond_the_body(peer):
    return expect_refused(peer.infer(need_binary(peer), **{LENGTH: "99999"}))


def length_that_is_no_number(peer):
    return expect_refused(peer.infer(need_binary(peer), **{LENGTH: "many"}))


def texts_raw(peer, data):
    """The good request with these bytes for its first input of texts, which comes last."""
    inputs = need_binary(peer)["inputs"]
    texts = next((each for each in inputs if each["datatype"] == "BYTES"), None)
    if not texts:
        raise Skip("the model has no input of texts")
    inputs.remove(texts)
    del texts["data"]
    texts["parameters"] = {"binary_data_size": len(data)}
    head = json.dumps({"inputs": inputs + [texts]}).encode()
    return peer.infer(head + data, **{LENGTH: str(len(head))})


def text_beyond_its_end(peer):
    return expect_refused(texts_raw(peer, b"\xff\xff\xff\x7fabc" * ROWS))


def text_that_is_cut(peer):
    return expect_refused(texts_raw(peer, b"\x01\x00"))


def text_that_is_not_utf8(peer):
    if not peer.columns:
        raise Skip("the texts of a network may be any bytes")
    return expect_refused(texts_raw(peer, b"\x01\x00\x00\x00\xff" * ROWS))


def raw_request(peer):
    """Inference-Header-Content-Length: 0, so the body is the only input."""
    request = need_binary(peer)
    if len(request["inputs"]) != 1:
        return expect_refused(peer.infer(b"12345678", **{LENGTH: "0"}))
    first = request["inputs"][0]
    if first["datatype"] != "BYTES":
        raise Skip("the model's only input is not of texts")
    text = flat(first["data"])[0]
    expected = outputs_of(expect_ok(peer.infer(peer.changed(shape=[1], data=[text]))))
    answer = expect_ok(peer.infer(text.encode(), **{LENGTH: "0"}))
    expect(answer.field(LENGTH), f"expected {LENGTH} with {answer}")
    expect_equal(outputs_of(answer), expected, "outputs")
    return None


def compressed_body(peer):
    body = gzip.compress(json.dumps(peer.request()).encode())
    answer = peer.infer(body, Content_Encoding="gzip")
    if answer.status == 415:
        return expect_refused(answer, 415)
    expect_equal(outputs_of(expect_ok(answer)), peer.good, "outputs")
    return answer.status


def compressed_answer(peer):
    answer = expect_ok(peer.infer(peer.request(), Accept_Encoding="gzip"))
    coding = answer.field("Content-Encoding")
    if coding:
        answer.body = gzip.decompress(answer.body)
    expect_equal(outputs_of(answer), peer.good, "outputs")
    return coding or "not compressed"


def chunked_body(peer):
    body = json.dumps(peer.request()).encode()
    answer = peer.ask("POST", peer.path + "/infer", iter([body[:20], body[20:]]))
    expect_equal(outputs_of(expect_ok(answer)), peer.good, "outputs")


def index(peer):
    answer = expect_ok(peer.infer("{}", "/v2/repository/index"))
    entries = answer.json()
    states = ("READY", "UNAVAILABLE", "LOADING", "UNLOADING")
    for each in entries:
        expect(each.get("state", "READY") in states, f"expected one of {states}, got {each}")
    expect(peer.model in [each["name"] for each in entries], f"expected the model in {answer}")
    return answer


def index_of_ready(peer):
    answer = expect_ok(peer.infer({"ready": True}, "/v2/repository/index"))
    expect(all(each.get("state") == "READY" for each in answer.json()), f"got {answer}")


def index_without_body(peer):
    expect_ok(peer.ask("POST", "/v2/repository/index", b""))


def statistics(peer):
    peer.need_extension("statistics")

    def counted():
        stats = expect_ok(peer.get(peer.path + "/stats")).json()["model_stats"][0]
        return stats["inference_count"], stats["inference_stats"]["success"]["count"]
    before = counted()
    expect_ok(peer.infer(peer.request()))
    after = counted()
    expect_equal([b - a for a, b in zip(before, after)], [ROWS, 1], "rows and requests counted")
    all_models = expect_ok(peer.get("/v2/models/stats")).json()["model_stats"]
    expect(peer.model in [each["name"] for each in all_models], "expected the model among all")


CASES = [
    ("binary in", binary_in),
    ("binary in, called JSON", binary_in_without_type),
    ("binary out", binary_out),
    ("binary out of all", binary_out_of_all),
    ("binary out of one", binary_of_one_output),
    ("binary and JSON in", binary_and_json),
    ("binary_data_size too small: 400", binary_size_too_small),
    ("binary_data_size beyond the body: 400", binary_size_beyond_the_body),
    ("binary_data_size negative: 400", binary_size_negative),
    ("binary and data: 400", binary_and_data),
    ("bytes behind the tensors: 400", bytes_left_over),
    ("length of the JSON beyond the body: 400", length_beyond_the_body),
    ("length of the JSON no number: 400", length_that_is_no_number),
    ("BYTES beyond their end: 400", text_beyond_its_end),
    ("BYTES cut in their length: 400", text_that_is_cut),
    ("BYTES not UTF-8: 400", text_that_is_not_utf8),
    ("raw request", raw_request),
    ("gzip in: understood, or 415", compressed_body),
    ("gzip out", compressed_answer),
    ("body in chunks", chunked_body),
    ("index", index),
    ("index of what is ready", index_of_ready),
    ("index without a body", index_without_body),
    ("statistics", statistics),
]
