"""ovmsclient: Intel's client of TensorFlow Serving's API, over HTTP by columns and over gRPC."""

import numpy
import ovmsclient

from house import expect_raises, main
from report import Skip, expect, expect_equal


def inputs_of(model):
    """By columns, as this client sends everything. Texts are bytes to it."""
    rows = [row for row in model.rows if None not in row.values()]
    columns = {}
    for name in rows[0]:
        cells = [row[name] for row in rows]
        columns[name] = cells if isinstance(cells[0], str) else numpy.array(cells)
    keep = [at for at, row in enumerate(model.rows) if row in rows]
    return columns, [model.expected["predict"][at] for at in keep]


def expect_predicted(model, answer):
    _, wanted = inputs_of(model)
    got = answer["predict"] if isinstance(answer, dict) else answer
    got = [each.decode() if isinstance(each, bytes) else each
           for each in numpy.asarray(got).tolist()]
    expect_equal(got, wanted, "predict")


def status(model, client):
    told = client.get_model_status(model_name=model.name)
    expect_equal({version: each["state"] for version, each in told.items()}, {1: "AVAILABLE"},
                 "status")


def metadata(model, client):
    """Over HTTP the client knows OVMS's spelling alone, and hands on TensorFlow Serving's."""
    told = client.get_model_metadata(model_name=model.name)
    if "model_spec" in told:
        version = told["model_spec"]["version"]
        told = told["metadata"]["signature_def"]["signature_def"]["serving_default"]
    else:
        version = told["model_version"]
    expect_equal(sorted(told["inputs"]), sorted(model.rows[0]), "inputs")
    return f"version {version}, outputs {', '.join(told['outputs'])}"


def predict(model, client, version):
    answer = client.predict(inputs_of(model)[0], model.name, version)
    expect_predicted(model, answer)


def match(model, client):
    answer = client.predict({"input": [row["input"] for row in model.rows]}, model.name)
    expect(isinstance(answer, dict), f"expected outputs by name, got {answer}")
    got = numpy.asarray(answer["id"])[:, :3].tolist()
    model.expect_answer("id", got)


def errors(model, client):
    expect_raises(Exception, "none of this name", client.get_model_status, model_name="nobody")
    return expect_raises(Exception, "expected it, got none", client.predict,
                         {"age": numpy.array([1.0])}, model.name)


def check_all(report, house):
    for model in house.models:
        client = ovmsclient.make_http_client(model.host)
        report.check(f"ovms: status, {model.name}", status, model, client)
        report.check(f"ovms: metadata, {model.name}", metadata, model, client)
        report.check(f"ovms: predict, the newest, {model.name}", predict, model, client, 0)
        report.check(f"ovms: predict, version 1, {model.name}", predict, model, client, 1)
        for name, function, more in (("status", status, ()), ("metadata", metadata, ()),
                                     ("predict", predict, (0,))):
            report.check(f"ovms grpc: {name}, {model.name}", over_grpc, model, function, *more)
    similarity = ovmsclient.make_http_client(house.similarity.host)
    report.check("ovms: a match", match, house.similarity, similarity)
    client = ovmsclient.make_http_client(house.passengers.host)
    report.check("ovms: errors", errors, house.passengers, client)


def over_grpc(model, function, *more):
    if not model.http2:
        raise Skip("the server does not speak HTTP/2")
    return function(model, ovmsclient.make_grpc_client(model.host), *more)


if __name__ == "__main__":
    main(check_all)
