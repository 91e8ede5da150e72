// What is read of an ONNX file before the runtime sees it, with limits that small inputs can meet.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine_onnx/by_descriptor.h"
#include "engine_onnx/onnx_file.h"
#include "engine_onnx/onnx_tensor.h"

namespace {

// What is read by its descriptor leads nowhere else.
void check_descriptors(const engine_onnx::OnnxFile& file, base::Bytes bytes,
                       const engine_onnx::OnnxLimits& limits) {
  std::vector<engine_onnx::ExternalFile> external;
  for (const auto& data : file.external()) {
    external.push_back({.location = data.location,
                        .held = {.bytes = {}, .holder = nullptr, .part = {.descriptor = 7}}});
  }
  const auto named = engine_onnx::name_by_descriptor(bytes, file, external);
  if (!named) return;
  const auto again = engine_onnx::OnnxFile::read(base::as_bytes(*named), limits);
  if (!again.ok() || again->external().size() != file.external().size()) __builtin_trap();
  for (const auto& data : again->external()) {
    if (data.location != "proc/self/fd/7") __builtin_trap();
  }
}

}  // namespace

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
  check_descriptors(*file, std::as_bytes(std::span(data, size)), limits);
  static_cast<void>(file->inputs().ok());
  static_cast<void>(file->outputs().ok());
  return 0;
}
