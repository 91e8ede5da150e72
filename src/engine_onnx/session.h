#pragma once

#include <memory>
#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "engine/network.h"
#include "engine_onnx/onnx_file.h"
#include "engine_onnx/ort.h"
#include "engine_onnx/runtime.h"

namespace engine_onnx {

// A model that was read and checked. A network keeps the external files, and nothing else of it.
struct CheckedModel {
  const OnnxFile& file;
  const base::HeldBytes& held;
  std::span<const ExternalFile> external;
};

// A session of the runtime as a network.
base::Result<std::unique_ptr<engine::Network>> make_network(
    const std::shared_ptr<const Library>& library, const CheckedModel& model,
    const LoadOptions& options);

}  // namespace engine_onnx
