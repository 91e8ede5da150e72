"""Stands for the user's Python in engines.txt: its pip writes small wheels instead of fetching them.

The file `mode` in the working folder says what is wrong with them; everything else that is run as a
module is run by the real Python.
"""

import base64
import hashlib
import os
import sys
import zipfile


def files_of(package: str, mode: str) -> dict[str, bytes]:
    version = "1.20.0" if mode == "old" else "1.32.0"
    if package == "onnxruntime-ep-openvino":
        folder = "onnxruntime_ep_openvino"
        libraries = [
            "libonnxruntime_providers_openvino_plugin.so",
            "libopenvino.so.2641",
            "libopenvino_intel_cpu_plugin.so",
            "libopenvino_intel_gpu_plugin.so",
            "libopenvino_onnx_frontend.so.2641",
            "libtbb.so.12",
        ]
        names = [f"{folder}/{each}" for each in libraries]
    else:
        names = [
            f"onnxruntime/capi/libonnxruntime.so.{version}",
            "onnxruntime/capi/libonnxruntime_providers_shared.so",
            "onnxruntime/LICENSE",
            "onnxruntime/ThirdPartyNotices.txt",
            "onnxruntime/__init__.py",
        ]
        if package == "onnxruntime-openvino":
            names += [
                f"onnxruntime/capi/{each}"
                for each in (
                    "libonnxruntime_providers_openvino.so",
                    "libopenvino.so",
                    "libopenvino.so.2025.4.1",
                    "libopenvino.so.2541",
                    "libopenvino_intel_cpu_plugin.so",
                    "libopenvino_onnx_frontend.so.2541",
                    "libtbb.so.12",
                )
            ]
        if package == "onnxruntime-gpu":
            names.append("onnxruntime/capi/libonnxruntime_providers_cuda.so")
    if mode == "missing":
        names = names[1:]
    return {name: f"stands for {name}\n".encode() for name in names}


def record_line(name: str, content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"{name},sha256={digest},{len(content)}\n"


def write_wheel(folder: str, package: str, mode: str) -> None:
    files = files_of(package, mode)
    record = "".join(record_line(name, content) for name, content in files.items())
    if mode == "altered":
        files[next(iter(files))] += b"and something else\n"
    info = f"{package.replace('-', '_')}-1.32.0"
    path = os.path.join(folder, f"{info}-cp313-cp313-manylinux_2_28_x86_64.whl")
    with zipfile.ZipFile(path, "w") as wheel:
        for name, content in files.items():
            wheel.writestr(name, content)
        wheel.writestr(f"{info}.dist-info/RECORD", record + f"{info}.dist-info/RECORD,,\n")


def main() -> None:
    arguments = sys.argv[1:]
    if arguments[:2] != ["-m", "pip"]:
        os.execv(sys.executable, [sys.executable, *arguments])
    mode = open("mode").read().strip()
    if mode == "no pip":
        sys.exit("/usr/bin/python3: No module named pip")
    if mode == "nothing":
        return
    write_wheel(arguments[arguments.index("-d") + 1], arguments[-1], mode)


main()
