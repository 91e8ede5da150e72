#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "engine_onnx/onnx_file.h"

namespace engine_onnx {

// What a TensorProto says of itself, checked: its elements are as many as its dimensions say, and
// lie in it, or in a file that it may name.
struct OnnxTensor {
  std::string_view name;
  std::uint64_t bytes = 0;  // Of its elements.
  std::uint64_t elements = 0;
  std::optional<ExternalData> external;
};

// Corrupt where the sizes do not agree; Invalid where a file is named that it may not name.
// Unsupported: segments, unknown element types, weights that were prepared for one machine.
base::Result<OnnxTensor> read_onnx_tensor(std::string_view message, const OnnxLimits& limits);

// Whether it names a file beneath the model's folder: relative, without ".." and ".", and without
// the characters that the runtime or a system reads otherwise.
bool is_beneath(std::string_view location);

}  // namespace engine_onnx
