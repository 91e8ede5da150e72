"""The programs of other people: Debian's, some of Go's module proxy and of npm's registry, pinned
and kept; those of PyPI are in venvs.py.

Those of Go are built once and lie in $XDG_CACHE_HOME/sooth/conformance/bin under their version;
what is written for Node.js lies beside them with its packages.
"""

import os
import shutil
import subprocess

from report import Skip
from venvs import Venvs

BUILD_SECONDS_MAX = 1800
MODULES = {
    "ghz": "github.com/bojand/ghz/cmd/ghz@v0.93.0",
    "grpc-health-probe": "github.com/grpc-ecosystem/grpc-health-probe@v0.4.61",
    "grpcurl": "github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.4",
    "h2spec": "github.com/summerwind/h2spec/cmd/h2spec@v2.2.1+incompatible",
    "crane": "github.com/google/go-containerregistry/cmd/crane@v0.22.1",
    "oras": "oras.land/oras/cmd/oras@v1.3.6",
    # Its program is called registry.
    "registry": "github.com/distribution/distribution/v3/cmd/registry@v3.1.2",
}
# A few lines of ours around a registry of go-containerregistry, pinned in its go.mod.
REFERRERS_REGISTRY = "referrers_registry"
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
        self.venvs = Venvs(cache)
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
