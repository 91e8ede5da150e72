#pragma once

#include <string_view>

#include "base/result.h"
#include "engine_onnx/onnx_file.h"

namespace engine_onnx {

// An input or output of a graph (ValueInfoProto): what it is as a tensor, or why it is none here.
base::Result<OnnxEnd> read_onnx_end(std::string_view message, const OnnxLimits& limits);

}  // namespace engine_onnx
