import os
import sys
import types
import unittest
import zipfile
from unittest import mock

from stand_in import PARITY, REGISTERED, WithStandIn
from test_onnx import DIGITS, field

import sooth

try:
    import numpy
except ImportError:
    numpy = None


class Doubler:
    """An estimator as far as this package knows one."""

    def get_params(self):
        return {}

    def predict(self, rows):
        return [sum(row) * 2 for row in rows]


class Registered(WithStandIn):
    def test_is_what_the_program_answers(self):
        self.answer("register", REGISTERED)
        registered = sooth.register(DIGITS, "m", labels={"owner": "ada"}, alias="champion",
                                    tolerance=0.5, workspace="/w")
        self.assertEqual(
            self.arguments(),
            ["register", os.path.abspath(DIGITS), "--name", "m", "--tolerance", "0.5", "--label",
             "owner=ada", "--alias", "champion", "--json", "--workspace", "/w"])
        self.assertEqual((registered.reference, str(registered), registered.new), ("m:1", "m:1", True))
        self.assertEqual(registered.parity, sooth.Parity(**{
            key: value for key, value in {**PARITY, "not_compared": ()}.items()
            if key != "labels_differ"}))
        self.assertEqual(registered.notes, ("a note",))
        with self.assertRaises(AttributeError):
            registered.reference = "m:2"

    def test_has_no_parity_where_nothing_was_compared(self):
        self.answer("register", {**REGISTERED, "description": {}})
        self.assertIsNone(sooth.register(DIGITS).parity)


class Paths(WithStandIn):
    def test_what_the_program_reads_itself_goes_to_it(self):
        model = self.write("model.joblib", b"\x80\x04")
        sooth.register(model, example="rows.csv", expected="answers.csv")
        self.assertEqual(self.arguments(), ["register", model, "--example", "rows.csv",
                                            "--expected", "answers.csv", "--json"])

    def test_an_example_of_a_path_is_a_path(self):
        with self.assertRaises(sooth.SoothError) as caught:
            sooth.register(self.write("model.joblib", b"\x80\x04"), example=[[1]])
        self.assertEqual(str(caught.exception),
                         "example: expected the path of a file, since the model is one")

    def test_an_image_recipe_is_for_networks(self):
        for model in (self.write("model.joblib", b"\x80\x04"), Doubler()):
            with self.assertRaises(sooth.SoothError) as caught:
                sooth.register(model, image=sooth.Image(["a"]))
            self.assertIn("image: expected a network, got a f", str(caught.exception))


class Estimators(WithStandIn):
    def setUp(self):
        super().setUp()
        self.answer("inspect", {
            "input": [{"name": "x0"}, {"name": "x1"}],
            "methods": [{"method": "predict", "columns": ["predict"]}]})

    def test_goes_with_its_rows_and_its_own_answers(self):
        sooth.register(Doubler(), "d", example=[[1, 2.5], [3, 4]])
        self.assertEqual(self.read(self.file("--example")),
                         '{"x0": 1, "x1": 2.5}\n{"x0": 3, "x1": 4}\n')
        self.assertEqual(self.read(self.file("--expected")), "predict\n7.0\n14\n")
        folder = self.file(None)
        self.assertEqual(sorted(os.listdir(folder)), ["model.joblib", "sooth.yaml"])
        recipe = self.read(os.path.join(folder, "sooth.yaml"))
        self.assertTrue(recipe.startswith('name: "d"\nmodel: model.joblib\npython: "3.'), recipe)

    def test_takes_answers_that_are_given(self):
        sooth.register(Doubler(), example=[[1, 2]], expected=[6.5])
        self.assertEqual(self.read(self.file("--expected")), "predict\n6.5\n")

    def test_without_an_example_this_python_is_asked(self):
        sooth.register(Doubler())
        self.assertEqual(self.arguments()[2:], ["--verify-with", sys.executable, "--json"])

    def test_a_model_that_fails_says_so(self):
        with self.assertRaises(sooth.SoothError) as caught:
            sooth.register(Doubler(), example=[["a", "b"]])
        self.assertIn("example: predict: TypeError: unsupported operand", str(caught.exception))

    def test_what_cannot_be_pickled_says_so(self):
        model = Doubler()
        model.own = lambda: 1
        with self.assertRaises(sooth.SoothError) as caught:
            sooth.register(model)
        self.assertIn("the model cannot be pickled: ", str(caught.exception))

    def test_a_refusal_names_no_temporary_folder(self):
        self.answer("inspect", status=9, errors='sooth: "%s": no\n')
        with self.assertRaises(sooth.SoothError) as caught:
            sooth.register(Doubler(), example=[[1, 2]])
        self.assertEqual(caught.exception.exit_code, 9)
        error = sooth.SoothError('"/tmp/x/model.joblib": no', exit_code=9).without("/tmp/x")
        self.assertEqual((str(error), error.exit_code), ('"model.joblib": no', 9))


class Booster:
    """A booster as far as this package knows one."""

    feature_names = None

    def save_model(self, path):
        with open(path, "wb") as file:
            file.write(b"{L")

    def predict(self, rows):
        return [sum(row) * 2 for row in rows]

    def get_dump(self):
        return ["0:[f0<0.5] yes=1,no=2\n1:leaf=1\n2:[f1<7] yes=3,no=4"]


Booster.__module__ = "xgboost.core"


@unittest.skipUnless(numpy, "there is no NumPy")
class Boosters(WithStandIn):
    def setUp(self):
        super().setUp()
        self.xgboost = types.ModuleType("xgboost")
        self.xgboost.__version__ = "3.2.0"
        self.xgboost.DMatrix = lambda rows, feature_names=None: rows.tolist()
        modules = mock.patch.dict(sys.modules, {"xgboost": self.xgboost})
        modules.start()
        self.addCleanup(modules.stop)
        self.reads("number", "number")

    def reads(self, *types_of_columns):
        self.answer("inspect", {
            "input": [{"name": f"x{i}", "type": each} for i, each in enumerate(types_of_columns)],
            "methods": [{"method": "predict", "columns": ["predict"]}]})

    def test_is_saved_and_goes_with_its_own_answers(self):
        for example in ([[1, 2.5], [3, 4]], numpy.array([[1, 2.5], [3, 4]])):
            sooth.register(Booster(), "d", example=example)
            self.assertEqual(self.read(self.file("--expected")), "predict\n7.0\n14.0\n")
        folder = self.file(None)
        self.assertEqual(sorted(os.listdir(folder)), ["model.ubj", "sooth.yaml"])
        self.assertEqual(self.read(os.path.join(folder, "sooth.yaml")),
                         'name: "d"\nmodel: model.ubj\n')

    def test_rows_are_made_up_about_what_its_trees_compare(self):
        sooth.register(Booster())
        rows = self.read(self.file("--example")).splitlines()
        self.assertEqual(len(rows), 16)
        self.assertIn('"x1": 7.0', "".join(rows))
        self.assertIn("null", "".join(rows))

    def test_texts_are_not_made_up(self):
        self.reads("number", "text")
        sooth.register(Booster())
        self.assertEqual(self.arguments()[2:], ["--json"])

    def test_an_early_release_has_another_form(self):
        for release, file in (("1.5.2", "model.json"), ("0.90", "model.model")):
            self.xgboost.__version__ = release
            sooth.register(Booster(), example=[[1, 2]])
            self.assertEqual(sorted(os.listdir(self.file(None))), [file, "sooth.yaml"])

    def test_a_matrix_is_not_its_rows(self):
        with self.assertRaises(sooth.SoothError) as caught:
            sooth.register(Booster(), example=type("DMatrix", (), {})())
        self.assertIn("expected the rows that the DMatrix was made of", str(caught.exception))


class Pictures(WithStandIn):
    def test_a_network_goes_with_its_recipe(self):
        picture = self.write("7.png", b"\x89PNG")
        sooth.register(DIGITS, "d", image=sooth.Image(["a", "b"], width=8), example=picture,
                       expected=[0.25, 0.75])
        folder = self.file(None)
        self.assertLessEqual({"digits.onnx", "sooth.yaml", "labels.txt"}, set(os.listdir(folder)))
        self.assertIn('model: "digits.onnx"', self.read(os.path.join(folder, "sooth.yaml")))
        self.assertEqual(self.read(self.file("--expected")), "0,1\n0.25,0.75\n")
        self.assertEqual(self.arguments()[3], picture)

    def test_weights_in_files_of_their_own_go_along(self):
        for location, message in ((b"weights/m.data", ""), (b"../m.data", "beneath its folder"),
                                  (b"gone", "No such file")):
            os.makedirs(os.path.join(self.folder, "m", "weights"), exist_ok=True)
            self.write("m/weights/m.data", b"12")
            entry = field(1, b"location") + field(2, location)
            graph = field(5, field(8, b"w") + field(13, entry)) + field(11, field(1, b"x"))
            path = self.write("m/net.onnx", b"\x08\x08" + field(7, graph))
            with self.subTest(location=location):
                try:
                    sooth.register(path, image=sooth.Image(["a"]))
                except sooth.SoothError as error:
                    self.assertTrue(message and message in str(error), error)
                    continue
                self.assertEqual(message, "")
                self.assertTrue(os.path.exists(os.path.join(self.file(None), "weights", "m.data")))

    def test_takes_a_pictures_bytes(self):
        sooth.register(DIGITS, image=sooth.Image(["a"]), example=b"\xff\xd8")
        with open(self.file("--example"), "rb") as file:
            self.assertEqual(file.read(), b"\xff\xd8")
        self.assertNotIn("--expected", self.arguments())

    def test_takes_several_pictures(self):
        pictures = [self.write(name, b"\x89PNG") for name in ("3.png", "7.png")]
        sooth.register(DIGITS, image=sooth.Image(["a", "b"]), example=pictures,
                       expected=[[0.25, 0.75], [0.5, 0.5]])
        self.assertEqual(self.arguments()[2:6],
                         ["--example", pictures[0], "--example", pictures[1]])
        self.assertEqual(self.read(self.file("--expected")), "0,1\n0.25,0.75\n0.5,0.5\n")

    def test_refuses_what_is_no_picture(self):
        with self.assertRaises(sooth.SoothError) as caught:
            sooth.register(DIGITS, image=sooth.Image(["a"]), example=3)
        self.assertEqual(str(caught.exception),
                         "example: expected the paths or the bytes of pictures")


class WithoutFrameworks(WithStandIn):
    def test_says_what_to_install(self):
        archive = os.path.join(self.folder, "m.keras")
        with zipfile.ZipFile(archive, "w") as file:
            for each in ("config.json", "metadata.json", "model.weights.h5"):
                file.writestr(each, "")
        script = os.path.join(self.folder, "m.pt")
        with zipfile.ZipFile(script, "w") as file:
            for each in ("m/data.pkl", "m/code/__torch__.py"):
                file.writestr(each, "")
        saved = os.path.join(self.folder, "saved")
        os.mkdir(saved)
        self.write("saved/saved_model.pb", b"")
        cases = (
            (archive, "a file of Keras needs keras: ", "; pip install keras tensorflow-cpu"),
            (script, "a PyTorch module needs torch: ", "; pip install torch"),
            (saved, "a SavedModel needs tensorflow: ", "; pip install tensorflow-cpu"),
            (self.write("m.tflite", b"\x1c\0\0\0TFL3...."),
             "a TensorFlow Lite file needs tensorflow: ", "; pip install tensorflow-cpu"),
        )
        with mock.patch.dict(sys.modules, {"keras": None, "tensorflow": None, "torch": None}):
            for path, start, end in cases:
                with self.subTest(path=path):
                    with self.assertRaises(sooth.SoothError) as caught:
                        sooth.register(path)
                    said = str(caught.exception)
                    self.assertTrue(said.startswith(start) and said.endswith(end), said)


class Tensors(WithStandIn):
    def setUp(self):
        super().setUp()
        if numpy is None:
            self.skipTest("there is no NumPy")

    def test_example_and_answers_are_archives_by_name(self):
        example = numpy.ones((2, 3, 8, 8), numpy.float32)
        sooth.register(DIGITS, example=example, expected=[[0.0] * 10] * 2)
        with numpy.load(self.file("--example")) as given:
            self.assertEqual(list(given), ["picture"])
            self.assertEqual(given["picture"].shape, (2, 3, 8, 8))
        with numpy.load(self.file("--expected")) as given:
            self.assertEqual(given["logits"].shape, (2, 10))

    def test_takes_tensors_by_name_or_in_order(self):
        array = numpy.ones((1, 3, 8, 8), numpy.float32)
        for example in ({"picture": array}, (array,), [array], array, array.tolist()):
            sooth.register(DIGITS, example=example)
            with numpy.load(self.file("--example")) as given:
                self.assertEqual(given["picture"].shape, (1, 3, 8, 8))

    def test_refuses_other_names_and_numbers(self):
        array = numpy.ones((1, 3, 8, 8), numpy.float32)
        cases = (
            ({"image": array}, 'example: expected "picture", got "image"'),
            ((array, array), 'example: expected 1 tensors ("picture"), got 2'),
            (numpy.array([object()]), "example: expected arrays of numbers or texts, got object"),
        )
        for example, message in cases:
            with self.subTest(message=message):
                with self.assertRaises(sooth.SoothError) as caught:
                    sooth.register(DIGITS, example=example)
                self.assertEqual(str(caught.exception), message)
