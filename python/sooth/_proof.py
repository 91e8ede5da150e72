"""What a version has to agree with: the example and the original's answers to it, as files, and the
arguments of `sooth register` that name them."""

from __future__ import annotations

import os
from typing import Any, Dict, List, Optional

from ._errors import SoothError
from ._image import Image
from ._network import Network, by_name, is_several, need, write_npz
from ._prepare import can_prepare, prepare
from ._rows import write_answers


def as_given(example: Any, expected: Any) -> List[str]:
    """Files of theirs, for a model that is one."""
    arguments: List[str] = []
    for option, path in (("--example", example), ("--expected", expected)):
        if path is None:
            continue
        if not isinstance(path, (str, os.PathLike)):
            raise SoothError(f"{option[2:]}: expected the path of a file, since the model is one")
        arguments += [option, os.fspath(path)]
    return arguments


def tensors(network: Network, folder: str, example: Any, expected: Any) -> List[str]:
    if isinstance(example, (str, os.PathLike)):
        return as_given(example, expected)
    given = network.sample if example is None else by_name(example, network.inputs, "example")
    if given is None:
        return []
    path = os.path.join(folder, "example.npz")
    write_npz(path, given)
    arguments = ["--example", path]
    if expected is not None:
        answers: Optional[Dict[str, Any]] = by_name(expected, network.outputs, "expected")
    else:
        answers = network.ask(given) if network.ask else None
    if answers is not None:
        path = os.path.join(folder, "expected.npz")
        write_npz(path, answers)
        arguments += ["--expected", path]
    return arguments


def pictures(
    network: Network, image: Image, folder: str, example: Any, expected: Any
) -> List[str]:
    if example is None:
        return []
    several: List[Any] = list(example) if isinstance(example, (list, tuple)) else [example]
    paths = [_picture_file(each, os.path.join(folder, str(n))) for n, each in enumerate(several)]
    arguments = [part for path in paths for part in ("--example", path)]
    if isinstance(expected, (str, os.PathLike)):
        return [*arguments, "--expected", os.fspath(expected)]
    if expected is None:
        rows = [_probabilities(network, image, path) for path in paths]
        if any(row is None for row in rows):
            return arguments
    else:
        given = expected.tolist() if hasattr(expected, "tolist") else list(expected)
        rows = given if given and hasattr(given[0], "__len__") else [given]
    table = os.path.join(folder, "expected.csv")
    write_answers(table, [[float(cell) for cell in row] for row in rows], image.ids())
    return [*arguments, "--expected", table]


def _picture_file(picture: Any, place: str) -> str:
    """Its path; bytes are written to `place`."""
    if isinstance(picture, (str, os.PathLike)):
        return os.fspath(picture)
    if not isinstance(picture, (bytes, bytearray)):
        raise SoothError("example: expected the paths or the bytes of pictures")
    with open(place, "wb") as file:
        file.write(picture)
    return place


def _probabilities(network: Network, image: Image, path: str) -> Any:
    """What the original says to the picture; None where it cannot be asked."""
    if network.ask is None or (image.prepare is None and not can_prepare()):
        return None
    prepared = image.prepare(path) if image.prepare is not None else prepare(path, image)
    if len(network.inputs) != 1 and image.input is None:
        raise SoothError("image: expected a network of one input, or `input` to name it")
    single = prepared[0] if is_several(prepared) else prepared
    given = {image.input or network.inputs[0]: single}
    answers = network.ask(by_name(given, network.inputs, "prepare"))
    if image.output is None and len(answers) != 1:
        raise SoothError("image: expected a network of one output, or `output` to name it")
    numpy = need("numpy", "numpy", "a proof")
    scores = numpy.asarray(answers[image.output or network.outputs[0]], numpy.float64).reshape(-1)
    if image.scores == "probabilities":
        return scores
    powers = numpy.exp(scores - scores.max())
    return powers / powers.sum()
