"""A stand-in for the program `sooth`, and the tests' common ground.

It writes down how it was called, keeps copies of the files that were named, and answers what the
test has told it. So most tests need neither a build nor a framework.
"""

import json
import os
import shutil
import stat
import sys
import tempfile
import unittest
from unittest import mock

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

PROGRAM = r'''#!%s
import json, os, shutil, sys
folder = os.path.dirname(os.path.abspath(__file__))
calls = os.path.join(folder, "calls")
number = len(os.listdir(calls))
kept = os.path.join(calls, str(number))
os.mkdir(kept)
for place, each in enumerate(sys.argv[1:]):
    if os.path.isdir(each) and "sooth-" in each:
        shutil.copytree(each, os.path.join(kept, "files", str(place)))
    elif os.path.isfile(each):
        os.makedirs(os.path.join(kept, "files", str(place)))
        shutil.copy(each, os.path.join(kept, "files", str(place)))
json.dump(sys.argv[1:], open(os.path.join(kept, "arguments.json"), "w"))
answer = json.load(open(os.path.join(folder, "answers.json"))).get(sys.argv[1])
if answer is None:
    sys.stderr.write("sooth: expected a command, got \"%%s\"\n" %% sys.argv[1])
    sys.exit(2)
sys.stderr.write(answer.get("errors", ""))
sys.stdout.write(answer.get("output", ""))
sys.exit(answer.get("status", 0))
'''

PARITY = {
    "abs_max": 0.0, "against": "expected answers", "equal": 4, "labels_differ": 0,
    "not_compared": [], "rel_max": 0.0, "rows": 2, "tolerance": 1e-9, "values": 4, "worst": "",
}
REGISTERED = {
    "reference": "m:1", "digest": "sha256:00", "new": True, "size": 1, "aliases": ["champion"],
    "labels": {}, "notes": ["a note"], "description": {"parity": PARITY},
}


class WithStandIn(unittest.TestCase):
    """A test that calls a stand-in."""

    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.program = os.path.join(self.folder, "sooth")
        with open(self.program, "w") as file:
            file.write(PROGRAM % sys.executable)
        os.chmod(self.program, stat.S_IRWXU)
        os.mkdir(os.path.join(self.folder, "calls"))
        self.answers = {}
        self.answer("register", REGISTERED)
        variables = mock.patch.dict(os.environ, {"SOOTH_PROGRAM": self.program})
        variables.start()
        self.addCleanup(variables.stop)

    def answer(self, command, document=None, **answer):
        if document is not None:
            answer["output"] = json.dumps(document)
        self.answers[command] = answer
        with open(os.path.join(self.folder, "answers.json"), "w") as file:
            json.dump(self.answers, file)

    def arguments(self, call=-1):
        """Those of a call."""
        with open(os.path.join(self._call(call), "arguments.json")) as file:
            return json.load(file)

    def file(self, option, call=-1):
        """The path of the copy of the file that was named after `option`; of the first argument
        behind the command where `option` is None."""
        arguments = self.arguments(call)
        place = 1 if option is None else arguments.index(option) + 1
        kept = os.path.join(self._call(call), "files", str(place))
        if os.path.isdir(arguments[place]) or len(os.listdir(kept)) != 1:
            return kept
        return os.path.join(kept, os.listdir(kept)[0])

    def read(self, path):
        with open(path, encoding="utf-8") as file:
            return file.read()

    def write(self, name, data):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def _call(self, call):
        calls = os.path.join(self.folder, "calls")
        number = call if call >= 0 else len(os.listdir(calls)) + call
        return os.path.join(calls, str(number))
