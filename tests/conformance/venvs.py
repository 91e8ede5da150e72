"""Environments of other people's Python packages, made from PyPI once and kept.

What is in each of them, to the last dependency, says requirements/NAME.txt.
"""

import hashlib
import os
import shutil
import subprocess
import sys

from report import Skip

HERE = os.path.dirname(os.path.abspath(__file__))
INSTALL_SECONDS_MAX = 1200


class Venvs:
    """Finds the Python of an environment by name, or says in a Skip why it cannot be had."""

    def __init__(self, cache):
        self.folder = os.path.join(cache, "venvs")
        self.reasons = {}  # Of those that could not be made, told again without another try.

    def python(self, name):
        requirements = os.path.join(HERE, "requirements", f"{name}.txt")
        with open(requirements, "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
        made = os.path.join(self.folder, f"{name}-{digest[:12]}")
        mark = os.path.join(made, "made")
        if not os.path.exists(mark):
            if name not in self.reasons:
                self.reasons[name] = self._make(name, requirements, made)
            if self.reasons[name]:
                raise Skip(self.reasons[name])
            with open(mark, "w"):
                pass
        return os.path.join(made, "bin", "python")

    def _make(self, name, requirements, made):
        """Why it did not work; empty: it did."""
        shutil.rmtree(made, ignore_errors=True)
        os.makedirs(self.folder, exist_ok=True)
        log = os.path.join(self.folder, f"{name}.log")
        print(f"making the environment {name}, once", flush=True)
        # Everything is pinned, so what a package says that it needs is not asked.
        pip = [os.path.join(made, "bin", "python"), "-m", "pip", "--disable-pip-version-check",
               "install", "--quiet", "--no-deps", "--only-binary=:all:", "-r", requirements]
        with open(log, "w") as out:
            for command in ([sys.executable, "-m", "venv", made], pip):
                try:
                    done = subprocess.run(command, stdout=out, stderr=out, check=False,
                                          stdin=subprocess.DEVNULL, timeout=INSTALL_SECONDS_MAX)
                except subprocess.TimeoutExpired:
                    return f"{name}: expected pip to end within {INSTALL_SECONDS_MAX} s"
                if done.returncode != 0:
                    return f"{name} cannot be installed ({log} says why)"
        return ""
