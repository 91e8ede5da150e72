#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/files.h"
#include "base/result.h"
#include "engine/tensor.h"
#include "engine_onnx/onnx_file.h"

namespace cli {

// What `sooth inspect` says of a network. The runtime is not needed for it.
struct NetworkInspection {
  struct External {
    std::string location;
    std::uint64_t bytes = 0;
  };

  std::string path;
  std::uint64_t file_bytes = 0;
  std::string producer;
  std::int64_t ir_version = 0;
  std::vector<engine_onnx::Opset> opsets;
  std::uint64_t nodes = 0;
  std::uint64_t parameters = 0;
  std::uint64_t weight_bytes = 0;
  std::vector<External> external;
  std::vector<engine::TensorSpec> inputs;
  std::vector<engine::TensorSpec> outputs;
};

// Of a network's bytes. The files of weights that it refers to lie beside `name` among `files`.
// Refuses what cannot be run, as it is refused when it is loaded, but for operators of libraries
// that an operator of the server may have; `path` stands in messages.
base::Result<NetworkInspection> inspect_network(const std::string& path, base::Bytes bytes,
                                                const base::Files& files, const std::string& name);

std::string to_text(const NetworkInspection& inspection);
std::string to_json(const NetworkInspection& inspection);

}  // namespace cli
