"""Proves what was exported: by ONNX Runtime's own package, and by the program where it takes
tensors."""

import importlib.util
import os
import subprocess
import sys
import tempfile
from unittest import mock

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from stand_in import WithStandIn  # noqa: E402
from test_program_itself import runtime_dir  # noqa: E402

import sooth  # noqa: E402
from sooth import _program  # noqa: E402

PROGRAM = os.environ.get("SOOTH_TEST_PROGRAM", "")


def has(*modules):
    return all(importlib.util.find_spec(each) is not None for each in modules)


def takes_tensors():
    """Whether the program reads examples of tensors."""
    if not PROGRAM:
        return False
    said = subprocess.run([PROGRAM, "register", "--help"], stdout=subprocess.PIPE, check=True)
    return b".npz" in said.stdout


class WithProof(WithStandIn):
    def prove(self, model, tolerance=1e-4, **options):
        """Registers with the stand-in, computes what was exported, and compares: the example, the
        original's answers, and ours."""
        import numpy
        import onnxruntime
        sooth.register(model, "m", **options)
        folder = self.file(None)
        session = onnxruntime.InferenceSession(
            os.path.join(folder, "model.onnx"), providers=["CPUExecutionProvider"])
        with numpy.load(self.file("--example")) as file:
            example = dict(file)
        with numpy.load(self.file("--expected")) as file:
            expected = dict(file)
        self.assertEqual(sorted(example), sorted(each.name for each in session.get_inputs()))
        self.assertEqual(list(expected), [each.name for each in session.get_outputs()])
        ours = dict(zip(expected, session.run(list(expected), example)))
        for name, answer in expected.items():
            self.assertEqual(ours[name].shape, answer.shape)
            scale = max(1.0, float(numpy.abs(answer).max()))
            self.assertLess(float(numpy.abs(ours[name] - answer).max()) / scale, tolerance, name)
        self.prove_with_program(tolerance)
        return session, example, expected

    def prove_with_program(self, tolerance):
        """What the stand-in was given, by the program."""
        if not takes_tensors():
            return
        variables = {"SOOTH_PROGRAM": PROGRAM, "SOOTH_WORKSPACE": os.path.join(self.folder, "work"),
                     "SOOTH_RUNTIME_DIR": runtime_dir(tempfile.mkdtemp(dir=self.folder))}
        with mock.patch.dict(os.environ, variables):
            answer = _program.run([
                "register", self.file(None), "--example", self.file("--example"), "--expected",
                self.file("--expected"), "--tolerance", str(tolerance)])
        self.assertGreater(sooth.Registered.parse(answer).parity.values, 0)

    def open_axis(self, session):
        """Whether it takes any number of requests at once."""
        return [not isinstance(each.shape[0], int) for each in session.get_inputs()]
