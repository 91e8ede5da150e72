import json
import os

from stand_in import WithStandIn

import sooth
from sooth import _image, _prepare


class Recipe(WithStandIn):
    def written(self, image, name="m"):
        folder = os.path.join(self.folder, "model")
        os.makedirs(folder, exist_ok=True)
        _image.write_recipe(image, folder, name, "model.onnx")
        return self.read(os.path.join(folder, "sooth.yaml")), folder

    def test_has_the_keys_that_were_given(self):
        image = sooth.Image(["cat", "dog"], preset="torchvision", shorter=232, orient=False,
                            mean=(1, 2.5, 3), prepare=len)
        text, folder = self.written(image)
        self.assertEqual(
            text,
            'name: "m"\nmodel: "model.onnx"\nimage:\n  labels: "labels.txt"\n'
            '  preset: "torchvision"\n  shorter: 232\n  mean: [1, 2.5, 3]\n  orient: false\n')
        self.assertEqual(self.read(os.path.join(folder, "labels.txt")), "cat\ndog\n")

    def test_takes_labels_in_each_of_their_forms(self):
        names = self.write("names", b"cat\ndog\n")
        pairs = self.write("pairs", b"n1\tcat\nn2\tdog\n")
        index = {"1": ["n2", "dog"], "0": ["n1", "cat"]}
        keras = self.write("index.json", json.dumps(index).encode())
        cases = (
            (["cat", "dog"], ["0", "1"], "labels.txt", "cat\ndog\n"),
            ([("n1", "cat"), ("n2", "dog")], ["n1", "n2"], "labels.txt", "n1\tcat\nn2\tdog\n"),
            (names, ["0", "1"], "labels.txt", "cat\ndog\n"),
            (pairs, ["n1", "n2"], "labels.txt", "n1\tcat\nn2\tdog\n"),
            (index, ["n1", "n2"], "labels.json", json.dumps(index)),
            (keras, ["n1", "n2"], "labels.json", json.dumps(index)),
        )
        for labels, ids, file, text in cases:
            with self.subTest(labels=labels):
                image = sooth.Image(labels)
                self.assertEqual(image.ids(), ids)
                _, folder = self.written(image)
                self.assertEqual(self.read(os.path.join(folder, file)), text)

    def test_refuses_labels_that_a_file_cannot_hold(self):
        for labels in (["a\tb"], ["a\nb"], [("a", "b", "c")]):
            with self.subTest(labels=labels):
                with self.assertRaises(sooth.SoothError) as caught:
                    self.written(sooth.Image(labels))
                self.assertIn("expected names, or pairs of id and name", str(caught.exception))
        with self.assertRaises(sooth.SoothError) as caught:
            self.written(sooth.Image("/nowhere"))
        self.assertEqual(str(caught.exception), 'labels: "/nowhere": No such file or directory')


class Settings(WithStandIn):
    def test_a_key_changes_what_its_preset_says(self):
        keys = _prepare.settings_of(sooth.Image(["a"], preset="keras-caffe", width=96))
        self.assertEqual((keys["width"], keys["height"], keys["geometry"], keys["channels"]),
                         (96, 224, "fit", "bgr"))
        keys = _prepare.settings_of(sooth.Image(["a"]))
        self.assertEqual((keys["geometry"], keys["filter"], keys["divisor"]), ("crop", "bilinear", 1))

    def test_an_unknown_preset_is_refused(self):
        with self.assertRaises(sooth.SoothError) as caught:
            _prepare.settings_of(sooth.Image(["a"], preset="imagenet"))
        self.assertEqual(
            str(caught.exception),
            "preset: expected one of torchvision, torchvision-squash, keras-caffe, keras-tf, "
            'keras-torch, got "imagenet"')
