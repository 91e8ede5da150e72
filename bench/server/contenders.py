"""The servers that Sooth is measured beside: one worker each, as their documents start them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from machine import HERE, Bench
from process import TestedServer

APPS = HERE / "peers"


def sooth(bench: Bench, model: Path, *flags: str) -> TestedServer:
    words = [str(bench.sooth), "serve", str(model), "--name", "model", "--port", "{port}", "--open"]
    return TestedServer("sooth", [*words, *flags])


def minimal(bench: Bench, answer: Path) -> TestedServer:
    return TestedServer("epoll", [bench.program("sooth_epoll_server"), "{port}", str(answer)])


def fastapi(bench: Bench) -> TestedServer:
    words = "fastapi_app:app --port {port} --log-level warning".split()
    return TestedServer("fastapi", [bench.venv("fastapi", "uvicorn"), *words], folder=APPS)


def azureml(bench: Bench) -> TestedServer:
    words = "--entry_script azureml_score.py --port {port}".split()
    program = Path(bench.venv("azureml", "azmlinfsrv"))
    path = {"PATH": f"{program.parent}:/usr/bin:/bin"}
    return TestedServer("azureml", [str(program), *words], path, APPS)


def mosec(bench: Bench) -> TestedServer:
    words = "mosec_server.py --address 127.0.0.1 --port {port}".split()
    return TestedServer("mosec", [bench.venv("mosec", "python"), *words], folder=APPS)


def mlserver(bench: Bench) -> TestedServer:
    folder = bench.work / "mlserver"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(APPS / "mlserver_model.py", folder)
    model = {"name": "model", "implementation": "mlserver_model.Model"}
    settings = {"debug": False, "host": "127.0.0.1", "parallel_workers": 0}
    (folder / "model-settings.json").write_text(json.dumps(model))
    (folder / "settings.json").write_text(json.dumps(settings))
    environment = {
        "MLSERVER_HTTP_PORT": "{port}",
        "MLSERVER_GRPC_PORT": "{port1}",
        "MLSERVER_METRICS_PORT": "{port2}",
        "PYTHONPATH": str(folder),
    }
    words = [bench.venv("mlserver", "mlserver"), "start", str(folder)]
    return TestedServer("mlserver", words, environment, folder)


TRITON_MODEL = """name: "{name}"
backend: "python"
max_batch_size: {rows}
input [{{ name: "x" data_type: {type} dims: [{columns}] }}]
output [{{ name: "transform" data_type: {answer} dims: [{answers}] }}]
instance_group [{{ count: 1 kind: KIND_CPU }}]
"""


def triton(bench: Bench) -> TestedServer:
    """The server that lies in nvidia-pytriton, with its Python backend."""
    packages = next((bench.venvs / "triton/lib").glob("python3.*/site-packages"))
    server = packages / "pytriton/tritonserver"
    python = packages.parent.name.removeprefix("python")
    backend = bench.work / "triton/backends/python"
    if not backend.exists():
        shutil.copytree(server / "backends/python", backend)
        stub = server / f"python_backend_stubs/{python}/triton_python_backend_stub"
        shutil.copy(stub, backend)
        (backend / stub.name).chmod(0o755)
    for name, text in {
        "model": TRITON_MODEL.format(
            name="model", rows=8, type="TYPE_FP64", columns=1, answer="TYPE_FP64", answers=1
        ),
        "wide": TRITON_MODEL.format(
            name="wide", rows=0, type="TYPE_FP32", columns="-1, 2000", answer="TYPE_INT64",
            answers=-1,
        ),
    }.items():
        folder = bench.work / "triton/models" / name
        (folder / "1").mkdir(parents=True, exist_ok=True)
        (folder / "config.pbtxt").write_text(text)
        shutil.copy(APPS / "triton_model.py", folder / "1/model.py")
    words = [
        str(server / "bin/tritonserver"),
        f"--model-repository={bench.work / 'triton/models'}",
        f"--backend-directory={backend.parent}",
        *"--http-address 127.0.0.1 --http-port {port} --grpc-address 127.0.0.1".split(),
        *"--grpc-port {port1} --metrics-address 127.0.0.1 --metrics-port {port2}".split(),
        *"--http-thread-count 2".split(),
    ]
    environment = {
        "PYTHONPATH": str(packages),
        "LD_LIBRARY_PATH": str(packages / "nvidia_pytriton.libs"),
        "PATH": f"{bench.venvs / 'triton/bin'}:/usr/bin:/bin",
    }
    return TestedServer("triton", words, environment)


def versions(bench: Bench) -> dict[str, str]:
    """Of the packages that bring the peers."""
    found = {}
    for venv, package in (
        ("azureml", "azureml_inference_server_http"),
        ("mosec", "mosec"),
        ("mlserver", "mlserver"),
        ("triton", "nvidia_pytriton"),
    ):
        folders = bench.venvs / venv / "lib"
        for each in folders.glob(f"python3.*/site-packages/{package}-*.dist-info"):
            found[package.replace("_", "-")] = each.name.removesuffix(".dist-info").split("-")[1]
    return found
