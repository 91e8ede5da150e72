import os
import zipfile

from stand_in import WithStandIn

import sooth
from sooth._kinds import Kind, kind_of


def class_of(module, name, **members):
    """A class that says it comes from a package that is not installed."""
    return type(name, (), {"__module__": module, **members})


class OfPaths(WithStandIn):
    def archive(self, name, *members):
        path = os.path.join(self.folder, name)
        with zipfile.ZipFile(path, "w") as archive:
            for each in members:
                archive.writestr(each, "")
        return path

    def test_files_are_told_by_their_bytes_and_not_by_their_names(self):
        cases = (
            (self.write("a", b"\x89HDF\r\n\x1a\n....."), Kind.KERAS_FILE),
            (self.write("b", b"\x1c\0\0\0TFL3...."), Kind.TFLITE),
            (self.write("c", b"\x08\x08\x12\x04...."), Kind.ONNX),
            (self.write("d.onnx", b"\x12\x04...."), Kind.ONNX),
            (self.write("e.keras", b"\x80\x04\x95"), Kind.AS_IT_IS),
            (self.write("f", b"tree\nversion=v4"), Kind.AS_IT_IS),
            (self.archive("g", "metadata.json", "config.json", "model.weights.h5"), Kind.KERAS_FILE),
            (self.archive("h", "n/data.pkl", "n/code/__torch__.py"), Kind.TORCHSCRIPT_FILE),
            (self.archive("i", "n/archive_format", "n/models/model.json"), Kind.TORCH_PROGRAM_FILE),
            (self.archive("j", "something"), Kind.AS_IT_IS),
        )
        for path, kind in cases:
            with self.subTest(path=os.path.basename(path)):
                self.assertIs(kind_of(path), kind)

    def test_folders_are_told_by_what_they_hold(self):
        saved = os.path.join(self.folder, "saved")
        os.mkdir(saved)
        self.write("saved/saved_model.pb", b"")
        self.assertIs(kind_of(saved), Kind.SAVED_MODEL)
        self.write("saved/sooth.yaml", b"")
        self.assertIs(kind_of(saved), Kind.AS_IT_IS)

    def test_weights_alone_are_refused(self):
        path = self.archive("w.pt", "w/data.pkl", "w/data/0")
        with self.assertRaises(sooth.SoothError) as caught:
            kind_of(path)
        self.assertIn("expected a whole network, got what torch.save wrote", str(caught.exception))

    def test_a_path_of_nothing_is_refused(self):
        with self.assertRaises(sooth.SoothError) as caught:
            kind_of("/nowhere/m.onnx")
        self.assertEqual(str(caught.exception), '"/nowhere/m.onnx": expected a file or a folder: '
                         "No such file or directory")


class OfObjects(WithStandIn):
    def test_objects_are_told_by_their_packages(self):
        module = class_of("torch.nn.modules.module", "Module")
        own = type("Net", (module,), {"__module__": "__main__"})
        keras = class_of("keras.src.models.functional", "Functional", layers=())
        cases = (
            (own(), Kind.TORCH),
            (class_of("torch.export.exported_program", "ExportedProgram")(), Kind.TORCH_PROGRAM),
            (keras(), Kind.KERAS),
            (class_of("tensorflow.python.trackable.autotrackable", "AutoTrackable",
                      signatures={})(), Kind.LOADED_SAVED_MODEL),
            (class_of("sklearn.pipeline", "Pipeline")(), Kind.ESTIMATOR),
            (class_of("lightgbm.basic", "Booster")(), Kind.ESTIMATOR),
            (class_of("mine", "Own", get_params=1, predict=1)(), Kind.ESTIMATOR),
        )
        for model, kind in cases:
            with self.subTest(model=type(model).__name__):
                self.assertIs(kind_of(model), kind)

    def test_a_booster_of_xgboost_is_no_estimator(self):
        booster = class_of("xgboost.core", "Booster")
        self.assertIs(kind_of(booster()), Kind.BOOSTER)
        self.assertIs(kind_of(type("Mine", (booster,), {})()), Kind.BOOSTER)
        self.assertIs(kind_of(class_of("lightgbm.basic", "Booster")()), Kind.ESTIMATOR)

    def test_anything_else_is_refused(self):
        with self.assertRaises(sooth.SoothError) as caught:
            kind_of(3)
        self.assertTrue(str(caught.exception).endswith(", got builtins.int"))
