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


# What makes a precision worth while, the best of it first.
FEATURES = {"bf16": ("amx_bf16", "avx512_bf16"), "int8": ("amx_int8", "avx512_vnni")}
CONNECTIONS = (1, 4)


def processor_words() -> set[str]:
    return set(Path("/proc/cpuinfo").read_text().split())


def require_feature(precision: str) -> None:
    if not processor_words() & set(FEATURES[precision]):
        raise Skipped(f"the processor has neither of {' and '.join(FEATURES[precision])}")


def require_openvino(images: Images) -> None:
    """The plug-in beside the runtime, or where it refuses the processor, the older build of both."""
    intel = "GenuineIntel" in processor_words()
    folder = images.runtime_dir / ("onnx/openvino" if intel else "onnx-openvino")
    if folder.is_dir() and any(folder.rglob("*.so")):
        return
    words = [images.sooth, "engines", "install", "onnx"]
    words.append("--openvino" if intel else "--openvino-any")
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
    """Sooth with OpenVINO at bf16 and int8 beside the tuned service in fp32."""
    result: Raw = {}
    for precision in ("bf16", "int8"):
        try:
            require_feature(precision)
            require_openvino(images)
            servers = {
                "sooth": serving.sooth(images, make_network(images, precision), exact=False),
                TUNED: serving.fastapi(images, "ort", tuned=True),
            }
            measured = serving.measure(images, servers, rounds, seconds, CONNECTIONS)
            amx = FEATURES[precision][0] in processor_words()
            result[precision] = {"amx": amx, **measured}
        except Skipped as reason:
            result[precision] = {"skipped": str(reason)}
    return result
