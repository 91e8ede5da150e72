"""PyTorch modules, exported programs and their files, as ONNX by PyTorch's own exporters."""

from __future__ import annotations

import contextlib
import inspect
import os
import warnings
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from ._errors import SoothError
from ._kinds import Kind
from ._network import Network, Tensors, as_array, by_name, is_several, need

_EXPORT = "onnx onnxscript"
_PASS_OVER = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def export(model: Any, kind: Kind, folder: str, example: Any) -> Network:
    torch = need("torch", "torch", "a PyTorch module")
    if kind is Kind.TORCHSCRIPT_FILE:
        model, kind = torch.jit.load(os.fspath(model), map_location="cpu"), Kind.TORCH
    if kind is Kind.TORCH_PROGRAM_FILE:
        model, kind = torch.export.load(os.fspath(model)), Kind.TORCH_PROGRAM
    need("onnx", _EXPORT, "the export of a PyTorch module")
    file = os.path.join(folder, "model.onnx")
    if kind is Kind.TORCH_PROGRAM:
        return _export_program(torch, model, file, example)
    if example is None:
        raise SoothError(
            "example: expected one, since PyTorch exports a module by running it: a tensor, a tuple "
            "of tensors, or tensors by the names of the parameters of forward()"
        )
    return _export_module(torch, model, file, example)


def _export_module(torch: Any, module: Any, file: str, example: Any) -> Network:
    sample = by_name(example, _input_names(module, example), "example")
    with _evaluating(module):
        answers = _ask(torch, module, sample)
        outputs = tuple(answers)
        # Of a first axis of 1 the exporters would take it that it always is.
        rows = {name: _doubled(array) for name, array in sample.items()}
        scripted = isinstance(module, torch.jit.ScriptModule)
        save = _save_script if scripted else _save
        try:
            save(torch, module, file, rows, outputs, True)
        except Exception as open_axis:
            try:
                save(torch, module, file, sample, outputs, False)
            except Exception as error:
                raise SoothError(f"torch.onnx.export: {_first_line(error)}") from error
            warnings.warn(
                "the first axis of the inputs stays as it is in the example, since PyTorch cannot "
                f"export it as open: {_first_line(open_axis)}",
                stacklevel=2,
            )

    def ask(tensors: Tensors) -> Tensors:
        with _evaluating(module):
            return _ask(torch, module, tensors)

    return Network(file, tuple(sample), outputs, ask, sample)


def _save(
    torch: Any, module: Any, file: str, sample: Tensors, outputs: Sequence[str], is_open: bool
) -> None:
    need("onnxscript", _EXPORT, "the export of a PyTorch module")
    dim = torch.export.Dim.DYNAMIC
    shapes = tuple({0: dim} if array.ndim else {} for array in sample.values())
    with _quietly():
        torch.onnx.export(
            module,
            _arguments(torch, module, sample),
            file,
            input_names=list(sample),
            output_names=list(outputs),
            dynamic_shapes=_as_parameters(module, shapes) if is_open else None,
            dynamo=True,
            verbose=False,
        )


def _as_parameters(module: Any, shapes: Tuple[Any, ...]) -> Any:
    """As torch.export wants them: what *args takes is one tuple."""
    kinds = [each.kind for each in inspect.signature(module.forward).parameters.values()]
    if inspect.Parameter.VAR_POSITIONAL in kinds:
        named = kinds.index(inspect.Parameter.VAR_POSITIONAL)
        return (*shapes[:named], shapes[named:])
    return shapes


def _save_script(
    torch: Any, module: Any, file: str, sample: Tensors, outputs: Sequence[str], is_open: bool
) -> None:
    names = [*sample, *outputs]
    with _quietly():
        torch.onnx.export(
            module,
            _arguments(torch, module, sample),
            file,
            input_names=list(sample),
            output_names=list(outputs),
            dynamic_axes={name: {0: "n"} for name in names} if is_open else None,
            dynamo=False,
        )


def _export_program(torch: Any, program: Any, file: str, example: Any) -> Network:
    names = tuple(str(name) for name in program.graph_signature.user_inputs)
    if example is None and program.example_inputs:
        given, by_keyword = program.example_inputs
        example = tuple(given) + tuple(by_keyword.values())
    sample = None if example is None else by_name(example, names, "example")
    module = program.module()

    def ask(tensors: Tensors) -> Tensors:
        return _ask(torch, module, tensors)

    outputs = tuple(ask(sample)) if sample is not None else ()
    need("onnxscript", _EXPORT, "the export of a PyTorch program")
    try:
        with _quietly():
            torch.onnx.export(
                program, (), file, input_names=list(names), output_names=list(outputs) or None,
                verbose=False,
            )
    except Exception as error:
        raise SoothError(f"torch.onnx.export: {_first_line(error)}") from error
    return Network(file, names, outputs, ask if outputs else None, sample)


def _input_names(module: Any, example: Any) -> Tuple[str, ...]:
    """What forward() calls them; what it does not name has a number."""
    names = _parameter_names(module)
    if isinstance(example, Mapping):
        given = [str(name) for name in example]
        return tuple(each for each in names if each in given) or tuple(given)
    count = len(example) if is_several(example) else 1
    if len(names) < count:
        names = ["input"] if count == 1 else [f"input_{place}" for place in range(count)]
    return tuple(names[:count])


def _parameter_names(module: Any) -> List[str]:
    """Those of forward(), in its order; of a module without Python code, none."""
    try:
        parameters = inspect.signature(module.forward).parameters.values()
    except (TypeError, ValueError, AttributeError):
        return []
    return [each.name for each in parameters if each.kind not in _PASS_OVER]


def _arguments(torch: Any, module: Any, tensors: Tensors) -> Tuple[Any, ...]:
    """In the order of forward(), which is that of the sample, where the module lies."""
    weight = next(iter(module.parameters()), None) if hasattr(module, "parameters") else None
    device = "cpu" if weight is None else weight.device
    return tuple(torch.from_numpy(each.copy()).to(device) for each in tensors.values())


def _ask(torch: Any, module: Any, tensors: Tensors) -> Tensors:
    with torch.no_grad():
        answer = module(*_arguments(torch, module, tensors))
    return _flat(answer)


def _flat(answer: Any) -> Tensors:
    if isinstance(answer, Mapping):
        return {str(name): as_array(each) for name, each in answer.items() if each is not None}
    if hasattr(answer, "_asdict"):
        return {name: as_array(each) for name, each in answer._asdict().items()}
    several = list(_leaves(answer))
    if not all(hasattr(each, "detach") for each in several):
        raise SoothError("expected a module that gives tensors, lists or a mapping of them")
    names = ["output"] if len(several) == 1 else [f"output_{n}" for n in range(len(several))]
    return {name: as_array(each) for name, each in zip(names, several)}


def _leaves(answer: Any) -> Iterator[Any]:
    """As the exporters go through them: an LSTM gives (output, (state, cell))."""
    if isinstance(answer, (tuple, list)):
        for each in answer:
            yield from _leaves(each)
    else:
        yield answer


def _doubled(array: Any) -> Any:
    numpy = need("numpy", "numpy", "an example of tensors")
    return numpy.concatenate([array, array]) if array.ndim and array.shape[0] == 1 else array


@contextlib.contextmanager
def _evaluating(module: Any) -> Iterator[None]:
    """Dropout and batch normalisation as they are when a model is used; then as they were."""
    was: Dict[int, Tuple[Any, bool]] = {}
    for each in module.modules() if hasattr(module, "modules") else ():
        was[id(each)] = (each, bool(each.training))
    if was:
        module.eval()
    try:
        yield
    finally:
        for each, training in was.values():
            each.training = training


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Exporters print and warn about themselves; what they refuse comes as an exception."""
    with open(os.devnull, "w", encoding="utf-8") as nothing, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with contextlib.redirect_stdout(nothing), contextlib.redirect_stderr(nothing):
            yield


def _first_line(error: BaseException) -> str:
    lines: Optional[List[str]] = [each for each in str(error).splitlines() if each.strip()]
    return f"{type(error).__name__}: {lines[0].strip() if lines else 'no reason given'}"
