"""Agreement with Pillow: run.py PROBE BUILD

PROBE is vision_probe, BUILD the folder that keeps the environment and the pictures. Exit status: 0
where every byte agrees, 1 where one does not, 77 where there is no Pillow to compare with.
"""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from environment import Skip, make_venv  # noqa: E402

SKIPPED = 77


def main() -> int:
    probe, build = (os.path.abspath(path) for path in sys.argv[1:])
    shared = os.path.normpath(os.path.join(HERE, "..", "..", "..", "..", "shared"))
    material = os.environ.get("SOOTH_MATERIAL", os.path.join(shared, "material"))
    requirements = os.path.join(os.path.dirname(HERE), "requirements", "vision.txt")
    os.makedirs(build, exist_ok=True)
    try:
        python = make_venv("Pillow", "3.11", requirements, os.path.join(build, "venv-vision"))
    except Skip as reason:
        print("skipped: %s" % reason)
        return SKIPPED
    photographs = os.path.join(material, "imagenet", "images")
    command = [python, "-B", os.path.join(HERE, "compare.py"), probe, os.path.join(build, "vision"), photographs]
    return subprocess.run(command).returncode


if __name__ == "__main__":
    sys.exit(main())
