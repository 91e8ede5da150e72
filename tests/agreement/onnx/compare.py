"""Asks the engine and ONNX Runtime's own Python the same: compare.py PROBE LIBRARY WORK [--write TABLE]

The cases are those that ONNX makes for every backend, one operator each, and what agrees is what
ONNX's own runner calls so.
"""

import argparse
import os
import re
import subprocess
import sys
import warnings
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Dict, List

warnings.simplefilter("ignore")

import numpy  # noqa: E402
import onnx  # noqa: E402
import onnxruntime  # noqa: E402
from onnx.backend.test.loader import load_model_tests  # noqa: E402
from onnx.backend.test.runner import Runner, _normalize_tensor  # noqa: E402

import runtime  # noqa: E402
from tensors import NoTensor, as_expected, read_tensors, write_tensor  # noqa: E402

PASSED = "passed"
# By what an outcome says, what it comes from; else it is what ONNX Runtime says itself.
KINDS = (
    (re.compile(r"put \".*\": expected a tensor, got"), "an end is no tensor: a sequence or an optional"),
    (
        re.compile(r"put \".*\": expected a (tensor of a )?datatype|MLDataType|No corresponding Numpy"),
        "an end is of 2 or 4 bits, or FLOAT8E8M0: no way to hand it over",
    ),
    (re.compile(r"not a registered function/op"), "ONNX Runtime has no such operator"),
    (re.compile(r"[Ff]ind an implementation|find kernel"), "ONNX Runtime has no such kernel"),
    (re.compile(r"locale"), "ONNX Runtime finds no locale en_US.UTF-8"),
)
NO_TENSOR = KINDS[0][1]


@dataclass
class Case:
    name: str
    model: onnx.ModelProto
    inputs: List[Any]
    expected: List[Any]
    rtol: float
    atol: float
    outcomes: Dict[str, str] = field(default_factory=dict)

    def judge(self, outputs: List[Any]) -> str:
        try:
            Runner.assert_similar_outputs(self.expected, outputs, self.rtol, self.atol)
        except (AssertionError, TypeError, AttributeError, ValueError):
            return "other numbers"
        return PASSED


def as_array(value: Any) -> Any:
    value = _normalize_tensor(value)
    return numpy.asarray(value) if isinstance(value, numpy.generic) else value


def load_cases() -> List[Case]:
    cases = []
    for test in load_model_tests(kind="node"):
        for inputs, expected in test.data_sets:
            cases.append(
                Case(
                    test.name,
                    test.model,
                    [as_array(each) for each in inputs],
                    [as_array(each) for each in expected],
                    test.rtol,
                    test.atol,
                )
            )
    return cases


def write_case(case: Case, folder: str) -> None:
    os.makedirs(folder)
    with open(os.path.join(folder, "model.onnx"), "wb") as file:
        file.write(case.model.SerializeToString())
    with open(os.path.join(folder, "inputs"), "wb") as file:
        for end, value in zip(case.model.graph.input, case.inputs):
            try:
                write_tensor(file, end.name, value)
            except NoTensor:
                return  # The probe finds an input missing, if it asks for one at all.


class Probe:
    """onnx_probe, and another one where a case has ended it."""

    def __init__(self, probe: str, library: str) -> None:
        self.command = [probe, library]
        self.process = self.start()

    def start(self) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            universal_newlines=True,
        )

    def ask(self, folder: str) -> str:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(folder + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline().rstrip("\n")
        if line:
            return line
        status = self.process.wait()
        self.process = self.start()
        return "failed: ended the process with %d" % status


def engine_outcome(probe: Probe, case: Case, folder: str) -> str:
    line = probe.ask(folder)
    if line != "ok":
        return line.replace(os.path.join(folder, "model.onnx") + ": ", "")
    outputs = read_tensors(os.path.join(folder, "outputs"))
    pairs = zip(case.model.graph.output, case.expected)
    return case.judge([as_expected(outputs[end.name], value) for end, value in pairs])


def runtime_outcome(case: Case) -> str:
    try:
        outputs = runtime.ask(case.model, case.inputs)
    except Exception as error:  # pylint: disable=broad-except
        return "failed: %s" % str(error).splitlines()[0]
    return case.judge(outputs)


def kind_of(outcome: str) -> str:
    if outcome in (PASSED, "other numbers"):
        return outcome
    for pattern, kind in KINDS:
        if pattern.search(outcome):
            return kind
    return "ONNX Runtime refuses it for another reason"


HEAD = """# ONNX's own node tests

Written by `tests/agreement/onnx/run.py`: the {count:,} cases that ONNX %s makes for every backend, one
operator each, by the engine and by the Python of ONNX Runtime %s, both with the same library. Two
answers agree where ONNX's own test runner says so, with its tolerances (a relative 1e-3, an absolute
1e-7).

""" % (onnx.__version__, onnxruntime.__version__)


def table_of(cases: List[Case]) -> str:
    lines = ["| | engine | ONNX Runtime's Python |", "| --- | ---: | ---: |"]
    engine, python = (Counter(kind_of(case.outcomes[who]) for case in cases) for who in ("engine", "python"))
    for kind in sorted(engine | python, key=lambda kind: (-engine[kind], -python[kind], kind)):
        lines.append("| %s | %d | %d |" % (kind, engine[kind], python[kind]))
    return "\n".join(lines) + "\n"


def differences(cases: List[Case]) -> List[Case]:
    """Those that ONNX Runtime passes and the engine does not, but for ends that are no tensors."""
    return [
        case
        for case in cases
        if case.outcomes["python"] == PASSED
        and case.outcomes["engine"] != PASSED
        and kind_of(case.outcomes["engine"]) != NO_TENSOR
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("probe")
    parser.add_argument("library")
    parser.add_argument("work")
    parser.add_argument("--write", metavar="TABLE")
    options = parser.parse_args()
    probe = Probe(options.probe, options.library)
    cases = load_cases()
    for case in cases:
        folder = os.path.join(options.work, case.name)
        write_case(case, folder)
        case.outcomes = {"engine": engine_outcome(probe, case, folder), "python": runtime_outcome(case)}
    table = table_of(cases)
    print(table)
    if options.write:
        with open(options.write, "w", encoding="utf-8") as file:
            file.write(HEAD.format(count=len(cases)) + table)
    failures = differences(cases)
    for case in failures:
        print("FAILED %s: %s" % (case.name, case.outcomes["engine"]))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
