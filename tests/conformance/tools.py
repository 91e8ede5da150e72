"""The programs of other people: Debian's, some of Go's module proxy, of PyPI and of npm's registry,
pinned and kept.

Those of Go are built once and lie in $XDG_CACHE_HOME/sooth/conformance/bin under their version;
what is written for Node.js lies beside them with its packages.
"""

import os
import shutil
import subprocess
import sys

from report import Skip

BUILD_SECONDS_MAX = 1800
MODULES = {
    "crane": "github.com/google/go-containerregistry/cmd/crane@v0.22.1",
    "oras": "oras.land/oras/cmd/oras@v1.3.6",
    # Its program is called registry.
    "registry": "github.com/distribution/distribution/v3/cmd/registry@v3.1.2",
}
# A few lines of ours around a registry of go-containerregistry, pinned in its go.mod.
REFERRERS_REGISTRY = "referrers_registry"
# Of PyPI, in an environment of their own.
WHEELS = ("opentelemetry-proto==1.45.2", "protobuf==7.36.2")
# By program, the package of Debian 12 that has it.
PACKAGES = {
    "skopeo": "skopeo",
    "umoci": "umoci",
    "buildah": "buildah",
    "podman": "podman",
    "runc": "runc",
    "docker-registry": "docker-registry",
    "docker-credential-pass": "golang-docker-credential-helpers",
    "pass": "pass",
    "gpg": "gnupg",
    "node": "nodejs",
    "npm": "npm",
}


def cache_folder():
    above = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(above, "sooth", "conformance")


class Tools:
    """Finds a program by name, or says in a Skip why it cannot be had."""

    def __init__(self, cache):
        self.cache = cache
        self.reasons = {}  # Of programs that could not be built, told again without another try.

    def find(self, name):
        if name in MODULES:
            module = MODULES[name]
            return self._build(name, module.rsplit("@", 1)[1], ["install", module])
        if name == REFERRERS_REGISTRY:
            source = self._copy_source(name)
            return self._build(name, "1", ["install", "-C", source, "-mod=mod", "."])
        found = shutil.which(name)
        if found:
            return found
        raise Skip(f"{name} is not installed (Debian's package {PACKAGES[name]})")

    def python(self):
        """A Python that has the wheels, in a virtual environment named by their versions."""
        name = "-".join(wheel.replace("==", "-") for wheel in WHEELS)
        folder = os.path.join(self.cache, "python", name)
        python, mark = os.path.join(folder, "bin", "python"), os.path.join(folder, "whole")
        if os.path.exists(mark):
            return python
        shutil.rmtree(folder, ignore_errors=True)
        print(f"installing {name}, once", flush=True)
        try:
            for command in ([sys.executable, "-m", "venv", folder],
                            [python, "-m", "pip", "install", "--quiet", "--only-binary", ":all:",
                             *WHEELS]):
                subprocess.run(command, check=True, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                               timeout=BUILD_SECONDS_MAX)
        except (OSError, subprocess.SubprocessError) as reason:
            raise Skip(f"{name} cannot be installed from PyPI: {reason}") from None
        with open(mark, "w", encoding="utf-8") as file:
            file.write("\n".join(WHEELS))
        return python

    def _copy_source(self, name):
        """Go writes beside it what it finds out of its modules."""
        source = os.path.join(self.cache, "source", name)
        shutil.copytree(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), source,
                        dirs_exist_ok=True)
        return source

    def node_folder(self, name):
        """A folder of this one, copied, with the packages that its package.json pins."""
        npm = self.find("npm")
        self.find("node")
        folder = self._copy_source(name)
        modules = os.path.join(folder, "node_modules")
        if os.path.exists(modules):
            return folder
        log = os.path.join(self.cache, f"{name}.log")
        print(f"installing the packages of {name}, once", flush=True)
        try:
            with open(log, "w") as out:
                done = subprocess.run([npm, "install", "--no-audit", "--no-fund",
                                       "--ignore-scripts"], cwd=folder, stdout=out, stderr=out,
                                      stdin=subprocess.DEVNULL, timeout=BUILD_SECONDS_MAX,
                                      check=False)
        except subprocess.TimeoutExpired:
            done = None
        if done is None or done.returncode != 0:
            shutil.rmtree(modules, ignore_errors=True)
            raise Skip(f"the packages of {name} cannot be installed ({log} says why)")
        return folder

    def _build(self, name, version, arguments):
        kept = os.path.join(self.cache, "bin", f"{name}-{version}")
        if os.path.exists(kept):
            return kept
        if name not in self.reasons:
            self.reasons[name] = self._install(name, arguments, kept)
        if self.reasons[name]:
            raise Skip(self.reasons[name])
        return kept

    def _install(self, name, arguments, kept):
        """Why it did not work; empty: it did."""
        go = shutil.which("go")
        if not go:
            return f"{name} is built with Go, which is not installed"
        making = os.path.join(self.cache, "making")
        os.makedirs(making, exist_ok=True)
        os.makedirs(os.path.dirname(kept), exist_ok=True)
        log = os.path.join(self.cache, f"{name}.log")
        print(f"building {name}, once", flush=True)
        env = dict(os.environ, GOBIN=making, GOFLAGS="-trimpath")
        try:
            with open(log, "w") as out:
                done = subprocess.run([go, *arguments], env=env, stdout=out, stderr=out,
                                      stdin=subprocess.DEVNULL, timeout=BUILD_SECONDS_MAX,
                                      check=False)
        except subprocess.TimeoutExpired:
            return f"{name}: expected `go install` to end within {BUILD_SECONDS_MAX} s"
        if done.returncode != 0:
            return f"{name} cannot be built ({log} says why)"
        os.replace(os.path.join(making, name), kept)
        return ""
