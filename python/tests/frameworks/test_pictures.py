import os
import unittest

from proof import has

import sooth
from test_program_itself import ROOT, WithPictures

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
LABELS = [f"kind {number}" for number in range(5)]
SAMPLES = os.path.join(ROOT, "demos", "image", "samples")
PICTURES = [os.path.join(SAMPLES, name) for name in ("3.png", "7.png")]


@unittest.skipUnless(has("PIL"), "there is no Pillow")
class Networks(WithPictures):
    """Each network of pictures from its framework to a proved version, by the program."""

    def register(self, network, **recipe):
        image = sooth.Image(LABELS, **recipe)
        version = sooth.register(network, "kinds", image=image, example=PICTURES)
        self.assertEqual((version.parity.rows, version.parity.values), (2, 10))
        self.assertLess(version.parity.abs_max, 1e-4)
        return version

    @unittest.skipUnless(has("torch"), "there is no PyTorch")
    def test_torch(self):
        from test_torch import convolutional
        version = self.register(convolutional(), preset="torchvision")
        with sooth.serve(version) as server:
            self.assertEqual(len(server.score(self.samples / "3.png")), 5)
        self.register(convolutional(), preset="torchvision-squash")

    @unittest.skipUnless(has("torch"), "there is no PyTorch")
    def test_torch_with_a_preparation_of_its_own(self):
        import numpy
        from PIL import Image
        from test_torch import convolutional

        def prepare(path):
            with Image.open(path) as picture:
                pixels = numpy.asarray(picture.convert("RGB").resize((16, 16), Image.NEAREST))
            return (pixels.transpose(2, 0, 1)[None] / numpy.float32(255)).astype("float32")

        recipe = {"width": 16, "height": 16, "geometry": "squash", "divisor": 255}
        self.register(convolutional(), filter="nearest", prepare=prepare, **recipe)
        with self.assertRaises(sooth.SoothError) as caught:
            self.register(convolutional(), filter="bilinear", prepare=prepare, **recipe)
        self.assertEqual(caught.exception.exit_code, 4)

    @unittest.skipUnless(has("keras", "tf2onnx"), "there is no Keras with TensorFlow and tf2onnx")
    def test_keras(self):
        from test_keras import convolutional
        for preset in ("keras-caffe", "keras-tf", "keras-torch"):
            with self.subTest(preset=preset):
                self.register(convolutional(), preset=preset, scores="probabilities",
                              width=16, height=16)
