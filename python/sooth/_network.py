"""A network as Sooth reads it, with what it is fed and a way to ask the original."""

from __future__ import annotations

import importlib
import zipfile
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

from ._errors import SoothError

Tensors = Dict[str, Any]  # NumPy arrays by the network's own names.


@dataclass(frozen=True)
class Network:
    file: str  # Path of the ONNX file; weights may lie beside it.
    inputs: Tuple[str, ...]
    outputs: Tuple[str, ...]
    # The original's answers by the names of `outputs`; None: there is no original to ask.
    ask: Optional[Callable[[Tensors], Tensors]] = None
    # What it is asked for a proof where nobody gave an example; None: nothing is known.
    sample: Optional[Tensors] = None


def need(module: str, packages: str, what: str) -> Any:
    """A module of the user's, or which packages to install for what."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise SoothError(f"{what} needs {module}: {error}; pip install {packages}") from error


def as_array(value: Any) -> Any:
    """A NumPy array of a tensor of any framework, or of numbers in lists."""
    numpy = need("numpy", "numpy", "an example of tensors")
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        if str(value.dtype) == "torch.bfloat16":
            value = value.float()
        return value.numpy()
    array = numpy.ascontiguousarray(value) if numpy.ndim(value) else numpy.asarray(value)
    if not hasattr(value, "dtype") and array.dtype == numpy.float64:
        array = array.astype(numpy.float32)  # Numbers in lists: networks have no others.
    if array.dtype.kind not in "biufcUS":
        raise SoothError(f"example: expected arrays of numbers or texts, got {array.dtype}")
    return array


def is_several(value: Any) -> bool:
    """Whether it is a tensor for each input, and not one: a tuple, or a list of arrays."""
    return isinstance(value, tuple) or (
        isinstance(value, list) and bool(value) and all(hasattr(each, "shape") for each in value)
    )


def by_name(value: Any, names: Sequence[str], what: str) -> Tensors:
    """Tensors by name: of a mapping, of a tuple in the network's order, or of a single one."""
    if isinstance(value, Mapping):
        given = {str(name): as_array(each) for name, each in value.items()}
        if set(given) != set(names):
            raise SoothError(f"{what}: expected {_list(names)}, got {_list(list(given))}")
        return {name: given[name] for name in names}
    several: List[Any] = list(value) if is_several(value) else [value]
    if len(several) != len(names):
        raise SoothError(
            f"{what}: expected {len(names)} tensors ({_list(names)}), got {len(several)}"
        )
    return {name: as_array(each) for name, each in zip(names, several)}


def write_npz(path: str, tensors: Mapping[str, Any]) -> None:
    """As numpy.savez, which cannot write an array called "file"."""
    form = need("numpy.lib.format", "numpy", "an example of tensors")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for name, array in tensors.items():
            with archive.open(zipfile.ZipInfo(name + ".npy"), "w", force_zip64=True) as file:
                form.write_array(file, array, allow_pickle=False)


def seeded(shapes: Mapping[str, Tuple[Sequence[Optional[int]], str]]) -> Optional[Tensors]:
    """Seeded numbers from 0 to 1 for inputs of floats, two requests in one where the first axis is
    open; None where an input takes something else, whose meaning nobody knows."""
    numpy = need("numpy", "numpy", "a proof")
    random = numpy.random.default_rng(20)
    tensors: Tensors = {}
    for name, (shape, dtype) in shapes.items():
        known = [2 if size is None and axis == 0 else size for axis, size in enumerate(shape)]
        if not dtype.startswith("float") or any(size is None for size in known):
            return None
        tensors[name] = random.random(known).astype(dtype)
    return tensors or None


def _list(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
