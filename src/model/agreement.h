#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "model/parity.h"

namespace model {

// How far the answers of a network on one provider are from those of the runtime's own kernels in
// fp32, on one machine: what its owner has let pass when it was registered.
struct Agreement {
  std::string provider;   // "openvino"
  std::string precision;  // "bf16"
  std::string runtime;    // "OpenVINO 1.8.1 in ONNX Runtime 1.32.0"
  std::string processor;  // "avx2 avx512f avx512_bf16 amx_bf16"
  Parity parity;          // Its tolerance is the owner's bound.
  // Of pictures, and of the rows of a network that has one output of several numbers for each: the
  // share whose best category is the same, and how many of the five best are.
  std::optional<double> top1;
  std::optional<double> top5;
  std::optional<std::uint64_t> top_rows;  // Of how many rows, where they are no pictures.
};

}  // namespace model
