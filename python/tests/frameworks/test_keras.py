import os
import unittest

from proof import WithProof, has

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
HAS = has("keras", "tensorflow", "tf2onnx")
if HAS:
    import keras
    import numpy
    import tensorflow
    from keras import layers

    def convolutional():
        keras.utils.set_random_seed(1)
        return keras.Sequential([
            keras.Input((16, 16, 3), name="picture"), layers.Conv2D(4, 3, strides=2),
            layers.BatchNormalization(), layers.ReLU(), layers.GlobalAveragePooling2D(),
            layers.Dropout(0.5), layers.Dense(5, activation="softmax")])

    def two_ends():
        left, right = keras.Input((4,), name="left"), keras.Input((3,), name="right")
        both = layers.Concatenate()([left, right])
        return keras.Model([left, right], [layers.Dense(2, name="first")(both),
                                           layers.Dense(1, name="second")(both)])


@unittest.skipUnless(HAS, "there is no Keras with TensorFlow and tf2onnx")
class Models(WithProof):
    def test_a_convolutional_network(self):
        example = numpy.random.rand(2, 16, 16, 3).astype("float32")
        session, given, _ = self.prove(convolutional(), example=example)
        self.assertEqual(list(given), ["picture"])
        self.assertEqual(self.open_axis(session), [True])

    def test_several_inputs_and_outputs(self):
        random = numpy.random.default_rng(0)
        example = {"left": random.random((2, 4), "float32"), "right": random.random((2, 3), "float32")}
        session, given, expected = self.prove(two_ends(), example=example)
        self.assertEqual(sorted(given), ["left", "right"])
        self.assertEqual(len(expected), 2)

    def test_numbers_are_made_up_where_there_is_no_example(self):
        _, given, _ = self.prove(convolutional())
        self.assertEqual(given["picture"].shape, (2, 16, 16, 3))

    def test_recurrent_and_attention_layers(self):
        keras.utils.set_random_seed(5)
        ends = keras.Input((6,), dtype="int32", name="words")
        words = layers.Embedding(20, 8)(ends)
        model = keras.Model(ends, layers.Dense(3)(layers.GRU(8)(words)))
        self.prove(model, example=numpy.random.randint(0, 20, (2, 6)).astype("int32"))
        ends = keras.Input((5, 8), name="sequence")
        model = keras.Model(ends, layers.MultiHeadAttention(2, 4)(ends, ends))
        self.prove(model)

    def test_a_model_that_is_not_built_says_so(self):
        import sooth
        with self.assertRaises(sooth.SoothError) as caught:
            sooth.register(keras.Sequential([layers.Dense(2)]))
        self.assertIn("expected a Keras model that is built", str(caught.exception))


@unittest.skipUnless(HAS, "there is no Keras with TensorFlow and tf2onnx")
class Files(WithProof):
    def test_keras_files(self):
        for name in ("model.keras", "model.h5"):
            with self.subTest(name=name):
                path = os.path.join(self.folder, name)
                convolutional().save(path)
                self.prove(path)

    def test_saved_models(self):
        path = os.path.join(self.folder, "saved")
        convolutional().export(path, verbose=False)
        session, _, _ = self.prove(path)
        self.assertEqual(self.open_axis(session), [True])
        self.prove(tensorflow.saved_model.load(path))

    def test_a_saved_model_of_plain_tensorflow(self):
        class Plain(tensorflow.Module):
            def __init__(self):
                super().__init__()
                self.weight = tensorflow.Variable([[1.0, 2.0], [3.0, 4.0]])

            @tensorflow.function(input_signature=[
                tensorflow.TensorSpec((None, 2), tensorflow.float32, name="left"),
                tensorflow.TensorSpec((None, 2), tensorflow.float32, name="a_right")])
            def call(self, left, a_right):
                return {"sum": left @ self.weight + a_right, "a_less": left - a_right}

        path = os.path.join(self.folder, "plain")
        module = Plain()
        tensorflow.saved_model.save(module, path, signatures=module.call)
        example = {"left": numpy.array([[1, 2]], "float32"), "a_right": numpy.array([[5, 9]], "float32")}
        _, _, expected = self.prove(path, example=example)
        self.assertEqual({name: answer.tolist() for name, answer in expected.items()},
                         {"sum": [[12.0, 19.0]], "a_less": [[-4.0, -7.0]]})

    def test_a_lite_file(self):
        path = os.path.join(self.folder, "model.tflite")
        converter = tensorflow.lite.TFLiteConverter.from_keras_model(convolutional())
        with open(path, "wb") as file:
            file.write(converter.convert())
        self.prove(path)
