"""Makes the int8 version of a network with ONNX Runtime's own quantiser, and compares the two.

Reads one JSON object on standard input and writes one on standard output:
  asked:    {model, output, work, calibrate: [path], compare: [path], input, ranked: text or null}
  answered: {missing} or {problem}, or {versions: [[name, version]], rows, outputs: [{name, values,
            abs_max, abs_mean, largest}], top_1, top_5}
A path is an .npz of arrays by the network's input names, or an .npy of its only input, or of the
one called `input`. It runs in the user's own Python.
"""
import importlib
import json
import os
import platform
import sys
import warnings

OPSET_MIN = 13  # Of scales for each channel.
FILE_BYTES_MAX = 1_900_000_000  # What one file of Protocol Buffers holds, with some to spare.


class Problem(Exception):
    """What is wrong with what was given."""


def quoted(names):
    return ", ".join('"%s"' % name for name in names)


def load(path, names, single):
    numpy = importlib.import_module("numpy")
    try:
        data = numpy.load(path, allow_pickle=False)
    except Exception as error:
        raise Problem('"%s": %s' % (path, error))
    if not hasattr(data, "files"):
        if not single and len(names) != 1:
            raise Problem('"%s": expected an .npz of %s, got an .npy' % (path, quoted(names)))
        return {single or names[0]: data}
    with data:
        if sorted(data.files) != sorted(names):
            raise Problem('"%s": expected %s, got %s' % (path, quoted(names), quoted(data.files)))
        return {name: data[name] for name in names}


def open_session(path):
    onnxruntime = importlib.import_module("onnxruntime")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def run(session, feeds, path):
    try:
        return session.run(None, feeds)
    except Exception as error:
        raise Problem('"%s": %s' % (path, str(error).split("\n")[0]))


def upgrade(model, work):
    """The path of a model whose operators know scales for each channel."""
    onnx = importlib.import_module("onnx")
    read = onnx.load(model, load_external_data=False)
    opset = max([each.version for each in read.opset_import if each.domain in ("", "ai.onnx")] or [0])
    if opset >= OPSET_MIN:
        return model
    newer = os.path.join(work, "newer.onnx")
    onnx.save(importlib.import_module("onnx.version_converter").convert_version(
        onnx.load(model), OPSET_MIN), newer)
    return newer


def quantize(asked, names):
    quantization = importlib.import_module("onnxruntime.quantization")
    shapes = importlib.import_module("onnxruntime.quantization.shape_inference")

    class Reader(quantization.CalibrationDataReader):
        def __init__(self):
            self.paths = iter(asked["calibrate"])

        def get_next(self):
            path = next(self.paths, None)
            return None if path is None else load(path, names, asked["input"])

    prepared = os.path.join(asked["work"], "prepared.onnx")
    large = sum(os.path.getsize(os.path.join(folder, each))
                for folder, _, files in os.walk(os.path.dirname(asked["model"]))
                for each in files if each.startswith(os.path.basename(asked["model"]))
                ) > FILE_BYTES_MAX
    shapes.quant_pre_process(upgrade(asked["model"], asked["work"]), prepared,
                             skip_symbolic_shape=True, save_as_external_data=large)
    quantization.quantize_static(
        prepared, asked["output"], Reader(), quant_format=quantization.QuantFormat.QDQ,
        per_channel=True, activation_type=quantization.QuantType.QUInt8,
        weight_type=quantization.QuantType.QInt8)


class Comparison:
    """How far the outputs of the two are apart."""

    def __init__(self, names, ranked):
        self.names, self.ranked = names, ranked
        self.rows = self.top_1 = self.top_5 = 0
        self.outputs = [{"name": name, "values": 0, "abs_max": 0.0, "abs_mean": 0.0, "largest": 0.0}
                        for name in names]

    def add(self, before, after):
        numpy = importlib.import_module("numpy")
        for so_far, left, right in zip(self.outputs, before, after):
            left = numpy.asarray(left, numpy.float64)
            apart = numpy.abs(left - numpy.asarray(right, numpy.float64))
            if not left.size:
                continue
            values = so_far["values"] + left.size
            so_far["abs_mean"] += (float(apart.sum()) - so_far["abs_mean"] * left.size) / values
            so_far["values"] = values
            so_far["abs_max"] = max(so_far["abs_max"], float(apart.max()))
            so_far["largest"] = max(so_far["largest"], float(numpy.abs(left).max()))
        self.rows += 1
        if self.ranked is not None:
            place = self.names.index(self.ranked)
            left, right = (numpy.asarray(each[place]).reshape(-1) for each in (before, after))
            best = int(left.argmax())
            ours = numpy.argsort(-right, kind="stable")[:5]
            self.top_1 += int(ours[0] == best)
            self.top_5 += int(best in ours)


def compare(asked, session, names):
    outputs = [each.name for each in session.get_outputs()]
    ranked = asked["ranked"]
    if ranked == "":
        ranked = outputs[0]
    if ranked is not None and ranked not in outputs:
        raise Problem("image: expected an output %s, got \"%s\"" % (quoted(outputs), ranked))
    quantized = open_session(asked["output"])
    comparison = Comparison(outputs, ranked)
    for path in asked["compare"]:
        feeds = load(path, names, asked["input"])
        comparison.add(run(session, feeds, path), run(quantized, feeds, path))
    return {"rows": comparison.rows, "outputs": comparison.outputs,
            "top_1": comparison.top_1, "top_5": comparison.top_5}


def work(asked):
    session = open_session(asked["model"])
    names = [each.name for each in session.get_inputs()]
    if asked["input"] and asked["input"] not in names:
        raise Problem("image: expected an input %s, got \"%s\"" % (quoted(names), asked["input"]))
    # What does not fit is found before minutes are spent.
    run(session, load(asked["calibrate"][0], names, asked["input"]), asked["calibrate"][0])
    quantize(asked, names)
    answer = compare(asked, session, names)
    found = [[each, importlib.import_module(each).__version__] for each in ("onnxruntime", "onnx")]
    answer["versions"] = [["Python", platform.python_version()]] + found
    return answer


def main():
    # What libraries print must not stand between the answers.
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    importlib.import_module("logging").disable(30)
    asked = json.load(sys.stdin)
    try:
        for each in ("numpy", "onnx", "onnxruntime", "onnxruntime.quantization"):
            importlib.import_module(each)
    except ImportError as error:
        json.dump({"missing": str(error)}, out)
        return
    try:
        answer = work(asked)
    except Problem as problem:
        answer = {"problem": str(problem)}
    json.dump(answer, out)


main()
