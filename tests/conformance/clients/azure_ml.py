"""Azure ML: requests as its endpoints are called, and azure-ai-ml's MLClient.invoke.

MLClient asks its management service for the endpoint first. Here that is a small stand-in, which
gives the address of our server and a key; the request to be scored is between the client and us.
"""

import http.server
import json
import os
import re
import threading

import requests
from azure.ai.ml import MLClient
from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError

from house import expect_raises, main
from report import expect, expect_equal

GROUP = "/subscriptions/s/resourceGroups/r"
WORKSPACE = GROUP + "/providers/Microsoft.MachineLearningServices/workspaces/w"


def score(model, body, path="/score", **fields):
    return requests.post(model.url + path, json=body, headers=fields, timeout=30)


def expect_scores(model, answer, method="predict"):
    expect_equal(answer.status_code, 200, f"status of {answer.text}")
    expect_equal(answer.headers["Content-Type"], "application/json", "Content-Type")
    model.expect_answer(method, answer.json())
    return answer


def rows(model, path):
    expect_scores(model, score(model, {"data": model.rows}, path))


def split_of(model):
    return {"columns": list(model.rows[0]), "index": list(range(len(model.rows))),
            "data": [list(row.values()) for row in model.rows]}


def mlflow_deployment(model):
    """As Azure ML calls an MLflow model without a script of its own."""
    expect_scores(model, score(model, {"input_data": split_of(model)}))
    expect_scores(model, score(model, {"input_data": model.rows}))
    expect_scores(model, score(model, {"input_data": split_of(model),
                                       "params": {"method": "predict_proba"}}), "predict_proba")


def deployment(model):
    """The field that picks a deployment, and the one that says which it was."""
    answer = expect_scores(model, score(model, {"data": model.rows},
                                        **{"azureml-model-deployment": "1"}))
    expect_equal(answer.headers.get("azureml-model-deployment"), "1", "deployment")
    told = score(model, {"data": model.rows}, **{"azureml-model-deployment": "blue"})
    expect_equal(told.status_code, 404, f"status of {told.text}")


def request_id(model):
    """Azure's servers say the id of each request, and give back the client's own."""
    answer = score(model, {"data": model.rows}, **{"x-ms-client-request-id": "mine",
                                                   "x-request-id": "trace-7"})
    expect_equal(answer.headers.get("x-request-id"), "trace-7", "x-request-id")
    expect_equal(answer.headers.get("x-ms-client-request-id"), "mine", "x-ms-client-request-id")
    expect(score(model, {"data": model.rows}).headers.get("x-request-id"),
           "expected an x-request-id of the server's own")


def errors(model):
    for body in ({}, {"data": []}, {"data": [{"age": "old"}]}, [1]):
        answer = score(model, body)
        expect_equal(answer.status_code, 400, f"status of {answer.text}")
        expect(isinstance(answer.json().get("message"), str), f"got {answer.text}")
    answer = requests.get(model.url + "/score", timeout=30)
    expect_equal(answer.status_code, 405, f"status of {answer.text}")
    expect(answer.json().get("message"), f"got {answer.text}")


def swagger(model):
    told = requests.get(model.url + "/swagger.json", timeout=30).json()
    expect_equal(told["swagger"], "2.0", "swagger")
    example = told["definitions"]["ServiceInput"]["example"]
    expect_equal(score(model, example).status_code, 200, "status of the example")
    third = requests.get(model.url + "/swagger.json?version=3", timeout=30)
    expect_equal(third.status_code, 200, "status of version 3")
    expect(third.json().get("openapi", "").startswith("3"),
           f"expected OpenAPI 3 for ?version=3, got swagger {third.json().get('swagger')}")


def liveness(model):
    """Azure ML's own liveness probe is GET /."""
    expect_equal(requests.get(model.url + "/", timeout=30).status_code, 200, "status")


def match(model):
    for row, wanted in zip(model.rows, model.expected["ranked"]):
        answer = score(model, {"input": row["input"], "top_k": 3})
        expect_equal(answer.status_code, 200, f"status of {answer.text}")
        for got, one in zip(answer.json(), wanted):
            expect(got[:2] == one[:2] and abs(got[2] - one[2]) < 1e-9,
                   f"expected {wanted}, got {answer.text}")


class Management:
    """The little of Azure's management service that MLClient.invoke asks.

    One for all models, as the client keeps the addresses of a cloud by its name.
    """

    def __init__(self, models):
        self.seen = []
        self.scoring = {model.name: f"{model.url}/endpoints/{model.name}/score"
                        for model in models}
        management = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                path = self.path.split("?")[0]
                management.seen.append(f"{self.command} {path.replace(WORKSPACE, '')}")
                size = int(self.headers.get("Content-Length") or 0)
                self.rfile.read(size)
                told = management.told(path)
                body = json.dumps(told or {"error": {"code": "NotFound", "message": path}})
                self.send_response(200 if told else 404)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body.encode())

            do_GET = do_POST = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def told(self, path):
        if path.endswith(("/listKeys", "/listkeys")):
            return {"primaryKey": "first", "secondaryKey": "second"}
        if re.search(r"/onlineEndpoints/[^/]+/deployments(/[^/]+)?$", path):
            one = {"id": path, "name": path.rsplit("/", 1)[1], "location": "north",
                   "type": "deployment",
                   "properties": {"endpointComputeType": "Managed", "instanceType": "small",
                                  "model": "azureml:m:1", "provisioningState": "Succeeded"}}
            return {"value": [dict(one, name="1")]} if path.endswith("deployments") else one
        if re.search(r"/onlineEndpoints/[^/]+$", path):
            name = path.rsplit("/", 1)[1]
            return {"id": path, "name": name, "location": "north", "tags": {},
                    "properties": {"authMode": "Key", "scoringUri": self.scoring[name],
                                   "provisioningState": "Succeeded", "traffic": {"1": 100}}}
        if path.endswith("/workspaces/w"):
            return {"id": path, "name": "w", "location": "north", "properties": {}}
        return None

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Credential:
    def get_token(self, *_, **__):
        return AccessToken("token", 2 ** 31)


def ml_client(url):
    cloud = {name: url for name in ("azure_portal", "resource_manager", "active_directory",
                                    "aml_resource_id", "storage_endpoint",
                                    "registry_discovery_endpoint")}
    return MLClient(Credential(), "s", "r", "w", cloud="Sooth", cloud_metadata=cloud,
                    enable_telemetry=False)


def invoke(model, management, folder, body, **options):
    """The answer, and what it asked of the management service for it."""
    request = os.path.join(folder, "request.json")
    with open(request, "w", encoding="utf-8") as file:
        json.dump(body, file)
    management.seen.clear()
    endpoints = ml_client(management.url).online_endpoints
    return endpoints.invoke(endpoint_name=model.name, request_file=request,
                            **options), management.seen


def ml_client_invoke(model, management, folder, deployment_name):
    answer, seen = invoke(model, management, folder, {"input_data": split_of(model)},
                          deployment_name=deployment_name)
    model.expect_answer("predict", json.loads(answer))
    return f"after {', '.join(seen)}"


def ml_client_error(model, management, folder):
    return expect_raises(HttpResponseError, "expected at least one row", invoke, model,
                         management, folder, {"data": []})


def check_ml_client(report, house, management):
    for model in house.models:
        for deployment_name in (None, "1"):
            report.check(f"azure: MLClient.invoke, {deployment_name or 'any'}, {model.name}",
                         ml_client_invoke, model, management, house.folder, deployment_name)
    report.check("azure: MLClient.invoke, an error", ml_client_error, house.passengers,
                 management, house.folder)


def check_all(report, house):
    for model in house.models:
        for path in ("/score", f"/endpoints/{model.name}/score",
                     f"/api/v1/service/{model.name}/score"):
            report.check(f"azure: {path.replace(model.name, '*')}, {model.name}", rows, model,
                         path)
        report.check(f"azure: input_data, {model.name}", mlflow_deployment, model)
    with Management(house.models) as management:
        check_ml_client(report, house, management)
    passengers = house.passengers
    report.check("azure: a match", match, house.similarity)
    report.check("azure: the deployment's field", deployment, passengers)
    report.check("azure: ids of requests", request_id, passengers)
    report.check("azure: errors", errors, passengers)
    report.check("azure: swagger.json", swagger, passengers)
    report.check("azure: liveness", liveness, passengers)


if __name__ == "__main__":
    main(check_all)
