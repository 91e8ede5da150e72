import os
import unittest

from proof import WithProof, has

if has("torch"):
    import numpy
    import torch
    from torch import nn

    class Two(nn.Module):
        """Two inputs and two outputs, dropout, and a first axis that stays open."""

        def __init__(self):
            super().__init__()
            torch.manual_seed(3)
            self.left, self.right = nn.Linear(4, 8), nn.Linear(3, 8)
            self.dropout, self.norm = nn.Dropout(0.5), nn.BatchNorm1d(8)

        def forward(self, image, meta):
            both = self.norm(torch.relu(self.left(image) + self.right(meta)))
            return self.dropout(both), both.mean(dim=1)

    class Named(nn.Module):
        def forward(self, x):
            return {"double": x * 2, "half": x / 2}

    def convolutional():
        torch.manual_seed(1)
        return nn.Sequential(nn.Conv2d(3, 4, 3, stride=2), nn.ReLU(), nn.AdaptiveAvgPool2d(1),
                             nn.Flatten(), nn.Linear(4, 5)).eval()


@unittest.skipUnless(has("torch"), "there is no PyTorch")
class Modules(WithProof):
    def test_a_convolutional_network(self):
        session, example, _ = self.prove(convolutional(), example=torch.rand(1, 3, 16, 16))
        self.assertEqual(list(example), ["input"])
        self.assertEqual(self.open_axis(session), [True])

    def test_several_inputs_and_outputs_keep_their_names(self):
        module = Two()
        session, example, expected = self.prove(
            module, example=(torch.rand(2, 4), torch.rand(2, 3)))
        self.assertEqual((list(example), list(expected)),
                         (["image", "meta"], ["output_0", "output_1"]))
        self.assertEqual(self.open_axis(session), [True, True])
        self.assertTrue(module.training and module.dropout.training)

    def test_tensors_by_name_and_outputs_by_name(self):
        example = {"meta": torch.rand(1, 3), "image": torch.rand(1, 4)}
        self.prove(Two().eval(), example=example)
        _, _, expected = self.prove(Named(), example=torch.rand(2, 3))
        self.assertEqual(list(expected), ["double", "half"])

    def test_integers_and_half_precision(self):
        torch.manual_seed(2)
        words = nn.Sequential(nn.EmbeddingBag(30, 4), nn.Linear(4, 2)).eval()
        self.prove(words, example=torch.randint(0, 30, (3, 7)))
        self.prove(nn.Linear(3, 2).half().eval(), example=torch.rand(2, 3).half(), tolerance=1e-2)

    def test_outputs_within_outputs(self):
        _, _, expected = self.prove(nn.LSTM(4, 5, batch_first=True), example=torch.rand(2, 3, 4))
        self.assertEqual({name: answer.shape for name, answer in expected.items()},
                         {"output_0": (2, 3, 5), "output_1": (1, 2, 5), "output_2": (1, 2, 5)})

    def test_a_module_on_an_example_it_does_not_fit_says_so(self):
        with self.assertRaises(Exception) as caught:
            self.prove(convolutional(), example=torch.rand(1, 2, 16, 16))
        self.assertIn("channels", str(caught.exception))


@unittest.skipUnless(has("torch"), "there is no PyTorch")
class Files(WithProof):
    def test_torchscript(self):
        path = os.path.join(self.folder, "network.pt")
        torch.jit.trace(convolutional(), torch.rand(1, 3, 16, 16)).save(path)
        session, _, _ = self.prove(path, example=numpy.random.rand(1, 3, 16, 16).astype("float32"))
        self.assertEqual(self.open_axis(session), [True])

    def test_a_file_of_torchscript_asks_for_an_example(self):
        import sooth
        path = os.path.join(self.folder, "network.pt")
        torch.jit.trace(convolutional(), torch.rand(1, 3, 16, 16)).save(path)
        with self.assertRaises(sooth.SoothError) as caught:
            sooth.register(path)
        self.assertIn("example: expected one, since PyTorch exports", str(caught.exception))

    def test_an_exported_program_and_its_file(self):
        program = torch.export.export(
            convolutional(), (torch.rand(2, 3, 16, 16),),
            dynamic_shapes=({0: torch.export.Dim.DYNAMIC},))
        session, _, _ = self.prove(program)
        self.assertEqual(self.open_axis(session), [True])
        path = os.path.join(self.folder, "network.pt2")
        torch.export.save(program, path)
        self.prove(path)

    def test_weights_alone_are_refused(self):
        import sooth
        path = os.path.join(self.folder, "weights.pt")
        torch.save(convolutional().state_dict(), path)
        with self.assertRaises(sooth.SoothError) as caught:
            sooth.register(path)
        self.assertIn("got what torch.save wrote", str(caught.exception))
