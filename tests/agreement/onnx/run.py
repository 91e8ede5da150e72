"""ONNX's own node tests: run.py PROBE BUILD [--write TABLE]

PROBE is onnx_probe, BUILD the folder that keeps the environment. Exit status: 0 where the engine
passes what ONNX Runtime passes but for what it refuses by name, 1 where it does not, 77 where there
is nothing to compare with.
"""

import argparse
import glob
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from environment import Skip, make_venv  # noqa: E402

SKIPPED = 77


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("probe")
    parser.add_argument("build")
    parser.add_argument("--write", metavar="TABLE", help="a Markdown file of the result")
    options = parser.parse_args()
    build = os.path.abspath(options.build)
    requirements = os.path.join(os.path.dirname(HERE), "requirements", "onnx.txt")
    venv = os.path.join(build, "venv-onnx")
    os.makedirs(build, exist_ok=True)
    try:
        python = make_venv("ONNX", "3.11", requirements, venv)
    except Skip as reason:
        print("skipped: %s" % reason)
        return SKIPPED
    # The very library that the environment's Python asks.
    pattern = os.path.join(venv, "lib", "python*", "site-packages", "onnxruntime", "capi", "libonnxruntime.so.*")
    library = glob.glob(pattern)[0]
    compare = [python, "-B", os.path.join(HERE, "compare.py"), os.path.abspath(options.probe), library]
    with tempfile.TemporaryDirectory() as work:
        command = compare + [work] + (["--write", options.write] if options.write else [])
        return subprocess.run(command).returncode


if __name__ == "__main__":
    sys.exit(main())
