"""Makes rows.onnx, a network of tensors of two inputs and two outputs: python make_network.py

With onnx 1.23.2 and NumPy 2.4.
"""
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

HERE = Path(__file__).parent


def main():
    weights = np.random.RandomState(0).randn(3, 5).astype(np.float32)
    table = np.random.RandomState(1).randn(10, 5).astype(np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["a", "W"], ["h"]),
            helper.make_node("Gather", ["E", "ids"], ["e"]),
            helper.make_node("Add", ["h", "e"], ["y"]),
            helper.make_node("ArgMax", ["y"], ["best"], axis=1, keepdims=0),
        ],
        "g",
        [
            helper.make_tensor_value_info("a", TensorProto.FLOAT, ["n", 3]),
            helper.make_tensor_value_info("ids", TensorProto.INT64, ["n"]),
        ],
        [
            helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 5]),
            helper.make_tensor_value_info("best", TensorProto.INT64, ["n"]),
        ],
        [numpy_helper.from_array(weights, "W"), numpy_helper.from_array(table, "E")],
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="by hand"
    )
    model.ir_version = 8
    onnx.save(model, HERE / "rows.onnx")


if __name__ == "__main__":
    main()
