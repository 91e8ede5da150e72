"""The environments that fit the models: one virtual environment for each release."""

import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from typing import List, Optional

HERE = os.path.dirname(os.path.abspath(__file__))
NEWEST = "1.9.1"
# The release of scikit-learn and the Python that its wheels were made for.
RELEASES = {"0.23.2": "3.8", "1.2.1": "3.11", "1.4.2": "3.11", "1.6.1": "3.11", NEWEST: "3.11"}
# Those that models of every estimator are fitted with, one for each way in which files differ.
LIVE = {
    "0.19.2": "3.6",
    "0.20.4": "3.6",
    "0.21.3": "3.7",
    "0.22.2.post1": "3.8",
    "0.23.2": "3.8",
    "0.24.2": "3.9",
    "1.0.2": "3.10",
    "1.1.3": "3.10",
    "1.2.1": "3.11",
    "1.3.2": "3.11",
    "1.4.2": "3.11",
    "1.5.2": "3.12",
    "1.6.1": "3.11",
    "1.7.2": "3.13",
    "1.8.0": "3.13",
    NEWEST: "3.11",
}


class Skip(Exception):
    """Why the agreement with a release cannot be tested on this machine."""


@dataclass
class Environment:
    release: str
    python_version: str
    python: str
    folder: str  # Where its cases are kept.


def find_python(version: str) -> Optional[str]:
    found = shutil.which("python" + version)
    if found and works(found, version):
        return found
    versions = os.path.join(os.environ.get("PYENV_ROOT", os.path.expanduser("~/.pyenv")), "versions")
    if not os.path.isdir(versions):
        return None
    for name in sorted(os.listdir(versions)):
        python = os.path.join(versions, name, "bin", "python")
        if name.startswith(version + ".") and works(python, version):
            return python
    return None


def works(python: str, version: str) -> bool:
    program = "import sys, venv; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run([python, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    except OSError:
        return False
    return done.stdout.decode().strip() == version


def digest_of(paths: List[str]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def is_current(mark: str, digest: str) -> bool:
    if not os.path.exists(mark):
        return False
    with open(mark, encoding="utf-8") as file:
        return file.read() == digest


def keep(mark: str, digest: str) -> None:
    with open(mark, "w", encoding="utf-8") as file:
        file.write(digest)


def make_venv(name: str, version: str, requirements: str, venv: str) -> str:
    """The Python of a virtual environment, made from PyPI unless it is there and current."""
    python = os.path.join(venv, "bin", "python")
    mark, digest = os.path.join(venv, "requirements.sha256"), digest_of([requirements])
    if is_current(mark, digest):
        return python
    base = find_python(version)
    if base is None:
        raise Skip("%s: there is no Python %s" % (name, version))
    shutil.rmtree(venv, ignore_errors=True)
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    for command in (
        [base, "-m", "venv", venv],
        pip + ["--only-binary=:all:", "--retries=1", "--timeout=20", "-r", requirements],
    ):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            lines = done.stdout.decode("utf-8", "replace").strip().splitlines()
            raise Skip(
                "%s: its environment cannot be made: %s"
                % (name, lines[-1] if lines else "no reason given")
            )
    keep(mark, digest)
    return python


def add_boosters(release: str, venv: str) -> None:
    """XGBoost and CatBoost of the release's time; without them their models are left out."""
    requirements = os.path.join(HERE, "requirements", "boosters", release + ".txt")
    mark, digest = os.path.join(venv, "boosters.sha256"), digest_of([requirements])
    if is_current(mark, digest):
        return
    # What they need to train and predict is there; they ask for what draws pictures besides.
    pip = [os.path.join(venv, "bin", "python"), "-m", "pip", "--disable-pip-version-check", "install"]
    asked = ["--quiet", "--no-deps", "--only-binary=:all:", "--retries=1", "--timeout=20"]
    done = subprocess.run(pip + asked + ["-r", requirements], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode == 0:
        keep(mark, digest)
    else:
        lines = done.stdout.decode("utf-8", "replace").strip().splitlines()
        print("skipped: XGBoost and CatBoost beside %s: %s" % (release, lines[-1] if lines else "no reason given"))


def make_environment(release: str, build: str) -> Environment:
    """The environment of a release."""
    version = LIVE[release]
    requirements = os.path.join(HERE, "requirements", release + ".txt")
    venv = os.path.join(build, "venv-" + release)
    python = make_venv("scikit-learn " + release, version, requirements, venv)
    return Environment(release, version, python, os.path.join(build, "cases-" + release))


def make_cases(environment: Environment) -> None:
    """Fits the models and asks them, unless that was done with these very scripts."""
    scripts = [os.path.join(HERE, "make_cases.py")]
    cases = os.path.join(HERE, "cases")
    scripts += sorted(os.path.join(cases, name) for name in os.listdir(cases) if name.endswith(".py"))
    scripts.append(os.path.join(HERE, "requirements", environment.release + ".txt"))
    mark, digest = os.path.join(environment.folder, "scripts.sha256"), digest_of(scripts)
    if is_current(mark, digest):
        return
    shutil.rmtree(environment.folder, ignore_errors=True)
    os.makedirs(environment.folder)
    command = [environment.python, "-B", os.path.join(HERE, "make_cases.py"), environment.folder]
    # Early LightGBM prints while it trains.
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    keep(mark, digest)
