"""google-cloud-aiplatform's prediction client over REST, and what Vertex AI sends a container.

The client asks Vertex AI, which asks the container in its turn at AIP_PREDICT_ROUTE. Here the
client's request is taken by a small stand-in for Vertex AI that hands on the body as that does.
"""

import http.server
import json
import threading
import urllib.error
import urllib.request

from google.api_core.exceptions import GoogleAPICallError
from google.auth.credentials import AnonymousCredentials
from google.cloud.aiplatform_v1 import PredictionServiceClient
from google.cloud.aiplatform_v1.services.prediction_service.transports import (
    PredictionServiceRestTransport)
from google.protobuf import json_format, struct_pb2

from house import expect_raises, main
from report import expect

ENDPOINT = "projects/p/locations/europe-north1/endpoints/7"


class StandIn:
    """Vertex AI's side: takes `:predict`, asks the container, and wraps what it refuses."""

    def __init__(self, model, route):
        self.paths = []
        stand_in = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                stand_in.paths.append(self.path.split("?")[0])
                body = self.rfile.read(int(self.headers["Content-Length"]))
                request = urllib.request.Request(model.url + route, body, {
                    "Content-Type": self.headers.get("Content-Type", "application/json")})
                try:
                    with urllib.request.urlopen(request, timeout=30) as answer:
                        status, told = answer.status, answer.read()
                except urllib.error.HTTPError as error:
                    status = error.code
                    told = json.dumps({"error": {"code": status, "status": "FAILED_PRECONDITION",
                                                 "message": error.read().decode()}}).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(told)))
                self.end_headers()
                self.wfile.write(told)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def client_of(url):
    host = url.split("//")[1]
    transport = PredictionServiceRestTransport(host=host, credentials=AnonymousCredentials(),
                                               url_scheme="http")
    return PredictionServiceClient(transport=transport)


def value_of(python):
    return json_format.ParseDict(python, struct_pb2.Value())


def predict(model, parameters, method):
    with StandIn(model, f"/v1/models/{model.name}:predict") as stand_in:
        answer = client_of(stand_in.url).predict(
            endpoint=ENDPOINT, instances=[value_of(row) for row in model.rows],
            parameters=value_of(parameters) if parameters else None, timeout=30)
        told = json_format.MessageToDict(answer._pb)["predictions"]
    wanted = model.expected[method]
    expect_numbers(told, wanted)
    return f"the client calls {stand_in.paths[0]}"


def expect_numbers(told, wanted):
    """A Struct has no integers: 1 comes as 1.0."""
    def close(a, b):
        if isinstance(b, list):
            return len(a) == len(b) and all(close(x, y) for x, y in zip(a, b))
        return a == b if isinstance(b, str) else abs(a - b) < 1e-9
    expect(close(told, wanted), f"expected {wanted}, got {told}")


def match(model):
    with StandIn(model, f"/v1/models/{model.name}:predict") as stand_in:
        answer = client_of(stand_in.url).predict(
            endpoint=ENDPOINT, instances=[value_of(row) for row in model.rows],
            parameters=value_of({"top_k": 3}), timeout=30)
        told = json_format.MessageToDict(answer._pb)["predictions"]
    expect_numbers([each["id"] for each in told], model.expected["id"])
    expect_numbers([each["probability"] for each in told], model.expected["probability"])


def error(model):
    with StandIn(model, f"/v1/models/{model.name}:predict") as stand_in:
        client = client_of(stand_in.url)
        return expect_raises(GoogleAPICallError, "expected a number", client.predict, endpoint=ENDPOINT,
                             instances=[value_of({"age": "old"})], timeout=30)


def check_all(report, house):
    for model in house.models:
        report.check(f"vertex: predict, {model.name}", predict, model, None, "predict")
        report.check(f"vertex: predict with parameters, {model.name}", predict, model,
                     {"method": "predict_proba"}, "predict_proba")
    report.check("vertex: predict, a match", match, house.similarity)
    report.check("vertex: an error", error, house.passengers)


if __name__ == "__main__":
    main(check_all)
