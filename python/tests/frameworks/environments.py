"""environments.py SOOTH [NAME...]: the tests of this folder, each framework in a Python of its own.

An environment is made from PyPI once (requirements/NAME.txt, to the last dependency) and kept under
$XDG_CACHE_HOME/sooth/frameworks. What cannot be made is skipped, with the reason. Exit status: 77
where none could be.
"""

import hashlib
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SKIPPED = 77
INSTALL_SECONDS_MAX = 1800
TEST_SECONDS_MAX = 900
# What each environment runs: module names of the tests.
TESTS = {
    "scikit-learn": ("test_sklearn",),
    "tensorflow": ("test_keras", "test_pictures.Networks.test_keras"),
    "torch": ("test_torch", "test_pictures.Networks.test_torch"),
}


class Skip(Exception):
    """Why a framework cannot be had."""


def cache():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "sooth", "frameworks")


def find_python():
    """One that the frameworks have wheels for."""
    versions = os.path.join(os.environ.get("PYENV_ROOT", os.path.expanduser("~/.pyenv")), "versions")
    others = sorted(os.listdir(versions)) if os.path.isdir(versions) else []
    found = [shutil.which("python3.11"), *(os.path.join(versions, each, "bin", "python")
                                           for each in others if each.startswith("3.11."))]
    for python in filter(None, found):
        code = "import sys, venv, ssl; print(sys.version_info[:2])"
        done = subprocess.run([python, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              check=False)
        if done.stdout.strip() == b"(3, 11)":
            return python
    raise Skip("there is no Python 3.11")


def call(command, log):
    try:
        done = subprocess.run(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, check=False,
                              timeout=INSTALL_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        raise Skip(f"{command[0]}: expected it to end within {INSTALL_SECONDS_MAX} s") from None
    if done.returncode != 0:
        raise Skip(f"its environment cannot be made: {log.name} says why")


def make(name):
    """The Python of an environment, made unless it is there."""
    requirements = os.path.join(HERE, "requirements", name + ".txt")
    with open(requirements, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    folder = os.path.join(cache(), f"{name}-{digest[:12]}")
    python, mark = os.path.join(folder, "bin", "python"), os.path.join(folder, "made")
    if os.path.exists(mark):
        return python
    base = find_python()
    print(f"making the environment {name}, once", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(cache(), exist_ok=True)
    with open(os.path.join(cache(), name + ".log"), "w") as log:
        call([base, "-m", "venv", folder], log)
        call([python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps",
              "--no-cache-dir", "--only-binary=:all:", "--retries=1", "-r", requirements], log)
        if name == "torch":
            packages = os.path.join(folder, "lib", "python3.11", "site-packages")
            call([python, os.path.join(HERE, "cuda_stand_ins.py"), packages], log)
    with open(mark, "w"):
        pass
    return python


def run(python, sooth, tests):
    environment = {**os.environ, "SOOTH_TEST_PROGRAM": os.path.abspath(sooth),
                   "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    command = [python, "-W", "ignore", "-B", os.path.join(os.path.dirname(HERE), "run.py"),
               "--frameworks", *tests]
    return subprocess.run(command, env=environment, check=False,
                          timeout=TEST_SECONDS_MAX).returncode


def main():
    sooth, names = sys.argv[1], sys.argv[2:] or list(TESTS)
    codes = []
    for name in names:
        try:
            python = make(name)
        except Skip as reason:
            print(f"[ RUN      ] Python.{name}\n{reason}\n[  SKIPPED ] Python.{name} (0 ms)", flush=True)
            continue
        codes.append(run(python, sooth, TESTS[name]))
    sys.exit(SKIPPED if not codes else 1 if any(codes) else 0)


main()
