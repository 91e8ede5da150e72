"""Other precisions and processors: where the machine has what they need, else the reason."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import serving
from images import Images, Skipped
from networks import RECIPE

Raw = dict[str, Any]

# Rounding runs away in a deep network that nothing was trained in: any answer will do.
ENGINE = "engine:\n  provider: openvino\n  precision: {precision}\n  agreement: 1\n"
TUNED = "FastAPI, ONNX Runtime, tuned"


def require_amx() -> None:
    if "amx_tile" not in Path("/proc/cpuinfo").read_text():
        raise Skipped("the processor has no AMX, without which OpenVINO is no faster")


def require_openvino(images: Images) -> None:
    """The plug-in beside the runtime, by `sooth engines install onnx --openvino`."""
    folder = images.runtime_dir / "onnx/openvino"
    if folder.is_dir() and any(folder.glob("*.so")):
        return
    words = [images.sooth, "engines", "install", "onnx", "--openvino"]
    words += ["--python", images.venv("image", "python")]
    done = subprocess.run(
        [*words, "--runtime-dir", str(images.runtime_dir)], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise Skipped(f"OpenVINO cannot be installed: {done.stderr.strip()[-200:]}")


def make_network(images: Images, precision: str) -> str:
    """A folder of the network with that precision; its name."""
    name = f"{serving.NETWORK}-{precision}"
    folder = images.made / name
    if folder.is_dir():
        return name
    source = images.network(serving.NETWORK)
    folder.mkdir()
    (folder / "labels.txt").write_bytes((source / "labels.txt").read_bytes())
    (folder / "sooth.yaml").write_text(
        RECIPE.format(labels="labels.txt") + ENGINE.format(precision=precision)
    )
    if precision != "int8":
        (folder / "model.onnx").hardlink_to(source / "model.onnx")
        return name
    words = [images.sooth, "quantize", str(source), "--calibrate", str(images.pictures)]
    words += ["-o", str(folder / "model.onnx"), "--python", images.venv("image", "python")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        shutil.rmtree(folder)
        raise Skipped(f"the network cannot be quantised: {done.stderr.strip()[-200:]}")
    return name


def measure_precisions(images: Images, rounds: int, seconds: float) -> Raw:
    """Sooth with OpenVINO at bf16 and int8 beside the tuned service in fp32, where there is AMX."""
    result: Raw = {}
    for precision in ("bf16", "int8"):
        try:
            require_amx()
            require_openvino(images)
            servers = {
                "sooth": serving.sooth(images, make_network(images, precision), exact=False),
                TUNED: serving.fastapi(images, "ort", tuned=True),
            }
            result[precision] = serving.measure(images, servers, rounds, seconds)
        except Skipped as reason:
            result[precision] = {"skipped": str(reason)}
    return result


def measure_gpu(images: Images) -> Raw:
    if not Path("/proc/driver/nvidia/version").exists():
        return {"skipped": "the machine has no GPU of NVIDIA's"}
    return {"skipped": "the part for a GPU is not written"}
