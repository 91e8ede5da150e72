"""With the program that was built, where SOOTH_TEST_PROGRAM names it."""

import csv
import glob
import importlib.util
import os
import pathlib
from unittest import mock

from stand_in import HERE, WithStandIn
from test_onnx import DIGITS

import sooth

ROOT = os.path.dirname(os.path.dirname(HERE))
DATA = os.path.join(ROOT, "tests", "scenario", "data")
PROGRAM = os.environ.get("SOOTH_TEST_PROGRAM", "")
ROWS = [{"age": 41, "fare": 32.5, "port": "Rome"}]


def runtime_dir(folder):
    """Where ONNX Runtime is: where `sooth engines install onnx` puts it, or one that is made of
    Python's package of it; None where there is neither."""
    named = os.environ.get("SOOTH_RUNTIME_DIR") or os.path.expanduser("~/.local/share/sooth/runtime")
    if os.path.isdir(os.path.join(named, "onnx")):
        return named
    package = importlib.util.find_spec("onnxruntime")
    if package is None:
        return None
    libraries = os.path.join(os.path.dirname(package.origin), "capi", "libonnxruntime.so.1.*")
    made = os.path.join(folder, "runtime")
    os.makedirs(os.path.join(made, "onnx"))
    for each in glob.glob(libraries):
        os.symlink(each, os.path.join(made, "onnx", os.path.basename(each)))
    return made


class WithProgram(WithStandIn):
    def setUp(self):
        super().setUp()
        if not PROGRAM:
            self.skipTest("SOOTH_TEST_PROGRAM names no program")
        variables = {"SOOTH_PROGRAM": PROGRAM, "SOOTH_WORKSPACE": os.path.join(self.folder, "work")}
        patched = mock.patch.dict(os.environ, variables)
        patched.start()
        self.addCleanup(patched.stop)


class Rows(WithProgram):
    def register(self):
        return sooth.register(os.path.join(DATA, "passengers.joblib"), "people",
                              example=os.path.join(DATA, "passengers.csv"), alias="champion")

    def test_a_version_is_registered_and_built(self):
        version = self.register()
        self.assertEqual((version.reference, version.new, version.aliases),
                         ("people:1", True, ("champion",)))
        self.assertFalse(self.register().new)
        built = sooth.build(version, os.path.join(self.folder, "people.tar"))
        self.assertTrue(os.path.exists(built.path))
        self.assertTrue(built.digest.startswith("sha256:"))

    def test_a_server_has_a_key_of_its_own(self):
        with sooth.serve(self.register()) as server:
            self.assertEqual(len(server.score(ROWS)), 1)
            probabilities = server.score(ROWS, method="predict_proba")
            self.assertAlmostEqual(sum(probabilities[0]), 1)
            with self.assertRaises(sooth.SoothError) as caught:
                sooth.score(server.url, ROWS)
            self.assertEqual(caught.exception.status, 401)
        with self.assertRaises(sooth.SoothError):
            sooth.score(server.url, ROWS)

    def test_an_open_server_asks_for_none(self):
        with sooth.serve(self.register(), open=True, options=["--queue-max", "4"]) as server:
            self.assertIsNone(server.key)
            self.assertEqual(len(sooth.score(server.url, ROWS)), 1)

    def test_a_server_that_cannot_start_says_why(self):
        self.register()
        with self.assertRaises(sooth.SoothError) as caught:
            with sooth.serve("people:7"):
                pass
        self.assertEqual((str(caught.exception), caught.exception.exit_code),
                         ('model "people": there is no version 7', 3))

    def test_a_model_that_cannot_be_run_is_refused(self):
        with self.assertRaises(sooth.SoothError) as caught:
            sooth.register(os.path.join(DATA, "spread.joblib"))
        self.assertEqual(caught.exception.exit_code, 9)


class WithPictures(WithProgram):
    def setUp(self):
        super().setUp()
        runtime = runtime_dir(self.folder)
        if runtime is None:
            self.skipTest("there is no ONNX Runtime")
        patched = mock.patch.dict(os.environ, {"SOOTH_RUNTIME_DIR": runtime})
        patched.start()
        self.addCleanup(patched.stop)
        self.samples = pathlib.Path(ROOT, "demos", "image", "samples")
        self.image = sooth.Image(
            ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
            width=8, height=8, geometry="squash", filter="bilinear", divisor=255, top_k=3)


class Pictures(WithPictures):
    def test_a_network_is_proved_and_sees_what_is_there(self):
        with open(os.path.join(ROOT, "demos", "image", "expected.csv"), newline="") as file:
            expected = [float(cell) for cell in list(csv.reader(file))[1]]
        version = sooth.register(DIGITS, "digits", image=self.image,
                                 example=self.samples / "7.png", expected=expected)
        self.assertEqual(version.parity.values, 10)
        self.assertLess(version.parity.abs_max, 1e-6)
        with sooth.serve(version) as server:
            self.assertEqual([len(server.score(self.samples / "3.png")),
                              server.score(self.samples / "3.png", top_k=1)[0][1]], [3, "three"])

    def test_other_answers_are_a_conflict(self):
        with self.assertRaises(sooth.SoothError) as caught:
            sooth.register(DIGITS, "digits", image=self.image, example=self.samples / "7.png",
                           expected=[0.1] * 10)
        self.assertEqual(caught.exception.exit_code, 4)
        self.assertIn("not registered", str(caught.exception))


class Tensors(WithPictures):
    def setUp(self):
        super().setUp()
        if importlib.util.find_spec("numpy") is None:
            self.skipTest("there is no NumPy")

    def test_a_network_answers_over_http_as_it_was_proved(self):
        import numpy
        pixels = numpy.random.default_rng(0).random((2, 3, 8, 8), "float32")
        version = sooth.register(DIGITS, "pixels", example=pixels)
        with sooth.serve(version) as server:
            answers = server.score({"picture": pixels})
            self.assertEqual(list(answers), ["logits"])
            self.assertEqual((answers["logits"].shape, answers["logits"].dtype),
                             ((2, 10), numpy.float32))
            alone = server.score({"picture": pixels[1:]}, endpoint="pixels")
            self.assertLess(numpy.abs(alone["logits"] - answers["logits"][1:]).max(), 1e-4)
            with self.assertRaises(sooth.SoothError) as caught:
                server.score({"picture": pixels[:, :2]})
            self.assertEqual(caught.exception.status, 400)
        expected = {"logits": answers["logits"]}
        parity = sooth.register(DIGITS, "pixels", example=pixels, expected=expected).parity
        self.assertEqual((parity.values, parity.equal), (20, 20))
