"""The recipe of a network of pictures, as a value, and as the folder's sooth.yaml and labels."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from typing import Any, Callable, List, Mapping, Optional, Sequence, Tuple, Union

from ._errors import SoothError

Labels = Union[str, "os.PathLike[str]", Sequence[str], Sequence[Tuple[str, str]], Mapping[str, Any]]


@dataclass(frozen=True)
class Image:
    """How a picture becomes the network's input and its output categories.

    `labels` are names in the order of the output, or pairs of id and name, or the path of a file of
    either, or of Keras' imagenet_class_index.json. The other fields are the keys of the `image`
    section of sooth.yaml (docs/recipe.md); None leaves a key out, so that the preset decides.

    `prepare` is how your own Python makes a picture the network's input: a function of the
    picture's path that returns a batch of one. The network's answer to it is what the version has
    to agree with, so that decoding, resizing and arithmetic are proved as well. Without it the
    picture is prepared by Pillow as the recipe says, where Pillow is installed.
    """

    labels: Labels
    preset: Optional[str] = None
    scores: Optional[str] = None
    top_k: Optional[int] = None
    input: Optional[str] = None
    output: Optional[str] = None
    width: Optional[int] = None
    height: Optional[int] = None
    geometry: Optional[str] = None
    shorter: Optional[int] = None
    filter: Optional[str] = None
    channels: Optional[str] = None
    divisor: Optional[float] = None
    mean: Optional[Sequence[float]] = None
    deviation: Optional[Sequence[float]] = None
    layout: Optional[str] = None
    type: Optional[str] = None
    orient: Optional[bool] = None
    prepare: Optional[Callable[[str], Any]] = None

    def keys(self) -> Mapping[str, Any]:
        """Those that sooth.yaml has."""
        own = {name: getattr(self, name) for name in self.__dataclass_fields__}
        own.pop("prepare")
        own["labels"] = _labels_file(self.labels)
        return {name: value for name, value in own.items() if value is not None}

    def ids(self) -> List[str]:
        """The categories' ids, in the order of the network's output."""
        return [each for each, _ in _pairs(self.labels)]


def write_recipe(image: Image, folder: str, name: Optional[str], model: str) -> None:
    lines = [] if name is None else [f"name: {json.dumps(name)}"]
    lines += [f"model: {json.dumps(model)}", "image:"]
    # JSON is YAML.
    for key, value in image.keys().items():
        given = list(value) if isinstance(value, tuple) else value
        lines.append(f"  {key}: {json.dumps(given, ensure_ascii=False)}")
    with open(os.path.join(folder, "sooth.yaml"), "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    _write_labels(image.labels, os.path.join(folder, _labels_file(image.labels)))


def _is_path(labels: Labels) -> bool:
    return isinstance(labels, (str, os.PathLike))


def _labels_file(labels: Labels) -> str:
    if isinstance(labels, Mapping) or (_is_path(labels) and str(labels).endswith(".json")):
        return "labels.json"
    return "labels.txt"


def _write_labels(labels: Labels, path: str) -> None:
    if isinstance(labels, (str, os.PathLike)):
        try:
            shutil.copyfile(labels, path)
        except OSError as error:
            raise SoothError(f'labels: "{os.fspath(labels)}": {error.strerror}') from None
        return
    with open(path, "w", encoding="utf-8") as file:
        if isinstance(labels, Mapping):
            json.dump(labels, file, ensure_ascii=False)
            return
        for each in labels:
            cells = [each] if isinstance(each, str) else list(each)
            if any("\t" in cell or "\n" in cell for cell in cells) or len(cells) > 2:
                raise SoothError(f"labels: expected names, or pairs of id and name, got {each!r}")
            file.write("\t".join(cells) + "\n")


def _pairs(labels: Labels) -> List[Tuple[str, str]]:
    if isinstance(labels, (str, os.PathLike)):
        try:
            with open(labels, encoding="utf-8") as file:
                text = file.read()
        except OSError as error:
            raise SoothError(f'labels: "{os.fspath(labels)}": {error.strerror}') from None
        if text.lstrip().startswith("{"):
            return _pairs(json.loads(text))
        named = [tuple(line.split("\t", 1)) for line in text.splitlines() if line]
        return _numbered([each[0] if len(each) == 1 else each for each in named])
    if isinstance(labels, Mapping):
        ordered = sorted(labels.items(), key=lambda each: int(each[0]))
        return [(str(pair[0]), str(pair[1])) for _, pair in ordered]
    return _numbered(labels)


def _numbered(labels: Sequence[Any]) -> List[Tuple[str, str]]:
    return [
        (str(place), each) if isinstance(each, str) else (str(each[0]), str(each[1]))
        for place, each in enumerate(labels)
    ]
