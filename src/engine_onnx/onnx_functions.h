#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "engine_onnx/onnx_file.h"

namespace engine_onnx {

// The nodes of a graph or of a function with those of its subgraphs, and the functions it calls.
struct OnnxBody {
  std::uint64_t nodes = 0;
  std::vector<std::uint32_t> calls;  // Indices of functions, as often as they are called.
};

// How many nodes `graph` has once each call is replaced by its function, as the runtime does.
// Exhausted where that is more than the limit, as a few functions that call each other twice can
// make it, or where functions call each other deeper than the limit or in a circle.
base::Result<std::uint64_t> count_nodes(const OnnxBody& graph,
                                        const std::vector<OnnxBody>& functions,
                                        const OnnxLimits& limits);

}  // namespace engine_onnx
