// What is read of an ONNX file before the runtime sees it, with limits that small inputs can meet.
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine_onnx/onnx_file.h"
#include "engine_onnx/onnx_tensor.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  engine_onnx::OnnxLimits limits;
  limits.nodes = 1000;
  limits.depth = 6;
  limits.dimensions = 8;
  limits.weight_bytes = 1 << 20;
  const auto file = engine_onnx::OnnxFile::read(std::as_bytes(std::span(data, size)), limits);
  if (!file.ok()) return 0;
  if (file->weight_bytes() > limits.weight_bytes || file->nodes() > limits.nodes) __builtin_trap();
  for (const auto& external : file->external()) {
    if (!engine_onnx::is_beneath(external.location)) __builtin_trap();
  }
  static_cast<void>(file->inputs().ok());
  static_cast<void>(file->outputs().ok());
  return 0;
}
