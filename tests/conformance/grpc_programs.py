"""Programs of others that speak gRPC and HTTP/2: grpcurl, ghz, grpc-health-probe, h2spec."""

import json
import os
import re

from programs import Server, environment, free_port, run
from report import expect, expect_equal
from world import ROOT

PASSENGERS = os.path.join(ROOT, "tests", "scenario", "data", "passengers.joblib")
SERVICES = {"grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
            "inference.GRPCInferenceService", "tensorflow.serving.ModelService",
            "tensorflow.serving.PredictionService"}
CALLS = 300
# Texts are in base64, as protobuf's JSON has bytes.
INFER = {"model_name": "passengers", "inputs": [
    {"name": "age", "datatype": "FP64", "shape": [1], "contents": {"fp64_contents": [30]}},
    {"name": "fare", "datatype": "FP64", "shape": [1], "contents": {"fp64_contents": [50]}},
    {"name": "port", "datatype": "BYTES", "shape": [1],
     "contents": {"bytes_contents": ["T3Nsbw=="]}}]}


def grpcurl(world, port, *arguments, status=0):
    program = world.tools.find("grpcurl")
    return run([program, "-plaintext", "-max-time", "30", *arguments[:-1], f"127.0.0.1:{port}",
                *arguments[-1]], status=status)


def lists_services(world, port):
    found = set(grpcurl(world, port, ["list"]).split())
    expect_equal(found, SERVICES, "services")
    methods = grpcurl(world, port, ["list", "tensorflow.serving.PredictionService"]).split()
    return f"{len(found)} services, {len(methods)} methods of PredictionService"


def describes(world, port):
    """Every service and each of its messages, by reflection alone."""
    for service in sorted(SERVICES):
        told = grpcurl(world, port, ["describe", service])
        for message in set(re.findall(r"\( (?:stream )?\.([\w.]+) \)", told)):
            grpcurl(world, port, ["describe", message])


def calls(world, port):
    told = json.loads(grpcurl(world, port, "-d", json.dumps(INFER),
                              ["inference.GRPCInferenceService/ModelInfer"]))
    predict = next(each for each in told["outputs"] if each["name"] == "predict")
    expect_equal(predict["contents"], {"int64Contents": ["1"]}, "predict")


def refuses(world, port):
    """grpcurl ends with 64 and the status."""
    wrong = dict(INFER, model_name="nobody")
    grpcurl(world, port, "-d", json.dumps(wrong), ["inference.GRPCInferenceService/ModelInfer"],
            status=64 + 5)


def load(world, port):
    program = world.tools.find("ghz")
    told = json.loads(run([program, "--insecure", "--call",
                           "inference.GRPCInferenceService.ModelInfer", "-n", CALLS, "-c", 8,
                           "-d", json.dumps(INFER), "-O", "json", f"127.0.0.1:{port}"]))
    expect_equal(told["statusCodeDistribution"], {"OK": CALLS}, "statuses")
    return f"{CALLS} calls, {told['average'] / 1e6:.2f} ms on average"


def probe(world, port):
    program = world.tools.find("grpc-health-probe")
    address = f"-addr=127.0.0.1:{port}"
    run([program, address])
    run([program, address, "-service=inference.GRPCInferenceService"])
    # 3: answered, and another status than "serving".
    run([program, address, "-service=nobody"], status=3)


def h2spec(world, port, *flags):
    said = run([world.tools.find("h2spec"), "-h", "127.0.0.1", "-p", port, *flags])
    told = said.strip().splitlines()[-1]
    expect(", 0 skipped, 0 failed" in told, f"got {told}")
    return told


def make_certificate(world):
    cert, key = world.path("h2spec.crt"), world.path("h2spec.key")
    run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", key, "-out", cert])
    return ["--tls-cert", cert, "--tls-key", key]


def serve(world, name, more=()):
    port = free_port()
    command = [world.sooth, "serve", PASSENGERS, "--port", port, "--open", *more]
    return port, command, world.path(name)


def check_all(world, report):
    if report.only and not any(each in report.only for each in ("grpc", "ghz", "h2spec")):
        return
    port, command, log = serve(world, "grpc_programs.log")
    with Server(command, port, "/readyz", log, environment(**world.changes)):
        report.check("grpcurl: lists services by reflection", lists_services, world, port)
        report.check("grpcurl: describes all messages by reflection", describes, world, port)
        report.check("grpcurl: ModelInfer", calls, world, port)
        report.check("grpcurl: an unknown model", refuses, world, port)
        report.check("ghz: ModelInfer", load, world, port)
        report.check("grpc-health-probe: serving, and a service of nobody", probe, world, port)
        report.check("h2spec: cleartext", h2spec, world, port)
    report.check("h2spec: TLS", h2spec_over_tls, world)


def h2spec_over_tls(world):
    port, command, log = serve(world, "h2spec.log", make_certificate(world))
    with Server(command, port, None, log, environment(**world.changes)):
        return h2spec(world, port, "-t", "-k")
