"""What all checks share: the program, a workspace with two versions of the FAQ, a base."""

import os
import shutil

from bases import other_system
from programs import environment, run_json

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FAQ = os.path.join(ROOT, "demos", "faq")
FLOWERS = os.path.join(ROOT, "tests", "scenario", "data", "flowers.joblib")
MODEL_FILES = ("model.joblib", "questions.tsv", "sooth.yaml")
KEYS = os.path.join(ROOT, "tests", "scenario", "data", "keys.json")
# One of those keys: it is known to everybody.
KEY = "sooth_abcdefghijklmnop.adgjmpsvy36behknqtwz47cfilorux25adgjmpsvy36behknqtwz.41eb3c4d"


class World:
    def __init__(self, sooth, tools, folder):
        self.sooth, self.tools, self.folder = os.path.abspath(sooth), tools, folder
        # Nothing of the user's own: no credentials, no proxy.
        self.changes = {"HOME": self.made("home"), "DOCKER_CONFIG": self.made("docker"),
                        "XDG_RUNTIME_DIR": self.made("run"), "REGISTRY_AUTH_FILE": None,
                        "HTTPS_PROXY": None, "https_proxy": None,
                        "SOOTH_WORKSPACE": self.path("workspace")}
        self.env = environment(**self.changes)
        self.digests = {}
        self.base = other_system(self.path("base"))

    def path(self, name):
        return os.path.join(self.folder, name)

    def made(self, name):
        os.makedirs(self.path(name), exist_ok=True)
        return self.path(name)

    def bundle(self, variant):
        return self.path(f"bundle-{variant}")

    def questions(self, count):
        with open(os.path.join(FAQ, "questions.tsv"), encoding="utf-8") as file:
            rows = file.read().splitlines()[1:]
        return [row.split("\t")[2] for row in rows[:count]]

    def register(self):
        """The FAQ, the same with another question in it, and a model that gzip makes smaller."""
        changed = self.made("changed")
        for name in MODEL_FILES:
            shutil.copy(os.path.join(FAQ, name), changed)
        with open(os.path.join(changed, "questions.tsv"), "a", encoding="utf-8") as file:
            file.write("9001\t5001\tWhich keyword declares a constant?\n")
        for reference, path in (("faq:1", FAQ), ("faq:2", changed), ("flowers:1", FLOWERS)):
            made = run_json([self.sooth, "register", path, "--name", reference.split(":")[0],
                             "--json"], env=self.env)
            self.digests[reference] = made["digest"]
        return ", ".join(sorted(self.digests))

    def workspace_with_faq(self, name):
        """The environment of a workspace of its own, with faq:1 in it."""
        env = environment(**{**self.changes, "SOOTH_WORKSPACE": self.path(name)})
        run_json([self.sooth, "register", FAQ, "--name", "faq", "--json"], env=env)
        return env
