"""Clients of the scoring protocols that others wrote, each in an environment of its own.

The scripts are in clients/; house.py there says how they are called.
"""

import contextlib
import json
import os
import socket
import subprocess

import network
import oip
from oip_peer import Peer
from programs import Server, free_port, run
from report import Failure, Skip
from world import ROOT

CLIENT_SECONDS_MAX = 600
HERE = os.path.join(ROOT, "tests", "conformance", "clients")
MODELS = {
    "passengers": os.path.join(ROOT, "tests", "scenario", "data", "passengers.joblib"),
    "flowers": os.path.join(ROOT, "tests", "scenario", "data", "flowers.joblib"),
    "similarity": os.path.join(ROOT, "demos", "faq", "similarity"),
}
# By script, the environment that it runs in; None: the one that this runs in.
SCRIPTS = (
    ("triton_http", "triton"),
    ("triton_grpc", "triton"),
    ("triton_network", "triton"),
    ("kserve_sdk", "kserve"),
    ("mlflow_client", "mlflow"),
    ("sagemaker", "sagemaker"),
    ("vertex", "vertex"),
    ("ovms", "ovms"),
    ("tfserving_grpc", "tfserving"),
    ("azure_ml", "azure"),
    ("curl", None),
    ("openapi", "schemathesis"),
)
# Ways to say a good request that the metadata does not say.
OIP_MATRICES = {"passengers": None, "flowers": ("x", "FP64", 4), "similarity": None}
H2_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"
H2_SETTINGS = 4


def speaks_http2(port):
    """Whether HTTP/2 without TLS is answered with its own settings."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as peer:
        peer.sendall(H2_PREFACE)
        head = peer.recv(9)
        return len(head) == 9 and head[3] == H2_SETTINGS
    return False


def describe(world, venvs):
    """What scikit-learn says to the rows that the clients send."""
    out = world.path("expected.json")
    run([venvs.python("sklearn"), os.path.join(HERE, "expected.py"), ROOT, out])
    with open(out, encoding="utf-8") as file:
        return json.load(file)


@contextlib.contextmanager
def served(world, report, described):
    """The models, each by a server of its own; gives the file that tells the clients."""
    with contextlib.ExitStack() as stack:
        for name, path in MODELS.items():
            port = free_port()
            stack.enter_context(Server(
                [world.sooth, "serve", path, "--name", name, "--port", port, "--open"], port,
                "/readyz", world.path(f"{name}.log"), world.env))
            described[name].update(port=port, http2=speaks_http2(port))
        report.check("clients: a network of tensors", serve_network, world, stack, described)
        described["folder"] = world.made("clients")
        house = world.path("house.json")
        with open(house, "w", encoding="utf-8") as file:
            json.dump(described, file)
        yield house


def serve_network(world, stack, described):
    """The network of tensors, where there is a runtime for it."""
    runtime = os.environ.get("SOOTH_RUNTIME_DIR")
    if not runtime:
        raise Skip("no ONNX Runtime: SOOTH_RUNTIME_DIR names where "
                   "`sooth engines install onnx` has put it")
    path = world.path("network.onnx")
    network.write(path)
    port = free_port()
    stack.enter_context(Server(
        [world.sooth, "serve", path, "--name", "network", "--port", port, "--open"], port,
        "/readyz", world.path("network.log"), {**world.env, "SOOTH_RUNTIME_DIR": runtime}))
    described["network"] = port


def run_client(report, script, python, house):
    """Passes on its lines as they come."""
    path = os.path.join(HERE, f"{script}.py")
    env = dict(os.environ, PYTHONPATH=os.path.dirname(HERE), PYTHONDONTWRITEBYTECODE="1",
               PYTHONWARNINGS="ignore")
    log = house.replace("house.json", f"{script}.log")
    with open(log, "w+", encoding="utf-8") as errors:
        with subprocess.Popen([python, path, house, report.only], env=env, stderr=errors,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                              cwd=os.path.dirname(house)) as process:
            for line in process.stdout:
                report.relay(line.rstrip("\n"))
        if process.returncode == 0:
            return
        errors.seek(0)
        raise Failure(f"{script}.py ended with {process.returncode}: {errors.read()[-600:]}")


def check_oip(report, described):
    for name, matrix in OIP_MATRICES.items():
        peer = Peer(f"http://127.0.0.1:{described[name]['port']}", name, None, matrix)
        oip.check_all(report, peer, f"oip {name}")
    if "network" in described:
        peer = Peer(f"http://127.0.0.1:{described['network']}", "network", columns=False)
        oip.check_all(report, peer, "oip network")


def wanted_scripts(only):
    """Those whose checks can have the text in their names, which begin as the scripts' do."""
    if not only or only.startswith("clients"):
        return SCRIPTS
    return [each for each in SCRIPTS if only.startswith(each[0].split("_")[0])]


def check_all(world, report):
    scripts = wanted_scripts(report.only)
    if not scripts and not report.only.startswith("oip"):
        return
    only, report.only = report.only, ""
    try:
        check_clients(world, report, scripts, "" if only.startswith("clients") else only)
    finally:
        report.only = only


def check_clients(world, report, scripts, only):
    venvs = world.tools.venvs
    described = report.need("clients: scikit-learn's own answers", describe, world, venvs)
    if described is None:
        return
    with served(world, report, described) as house:
        report.only = only
        check_oip(report, described)
        for script, venv in scripts:
            if script == "triton_network" and "network" not in described:
                continue
            try:
                python = venvs.python(venv) if venv else "python3"
                run_client(report, script, python, house)
            except (Failure, Skip) as reason:
                report.check(f"{script}: all of it", fail_with, reason)


def fail_with(reason):
    raise reason
