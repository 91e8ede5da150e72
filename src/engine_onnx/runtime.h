#pragma once

#include <memory>
#include <string>
#include <utility>

#include "base/files.h"
#include "base/result.h"
#include "engine/network.h"
#include "engine/settings.h"
#include "engine_onnx/onnx_file.h"

namespace engine_onnx {

struct Library;  // The opened library: ort.h.

struct LoadOptions {
  engine::Settings settings;
  OnnxLimits limits;
  // A library of operators, whose code runs in this process: the operator's, never a model's. Where
  // there is one, models may have operators of any domain, and the runtime says which it lacks.
  std::string custom_operators = {};
};

// ONNX Runtime, opened from its library. Any thread may load with it; networks keep what they need
// of it, so that it may go before them.
class Runtime {
 public:
  // NotFound where there is no such library, Unsupported where it is too old or no such library,
  // with the command that installs one. Runs the library's own initialisers: the path is the
  // operator's, never a client's. Never closed again, since the library cannot be.
  static base::Result<std::shared_ptr<const Runtime>> open(const std::string& library);

  // "1.32.0"
  const std::string& version() const;

  // Loads the model `name` of `files`, and the files of weights beside it. What OnnxFile refuses is
  // never seen by the runtime; what the runtime refuses comes with its own words, in one line.
  // Unsupported where the settings want a provider that cannot be had here, or int8 of a network
  // that was not quantised. OpenVINO is the plug-in in the folder "openvino" beside the library,
  // where it is not within it.
  base::Result<std::unique_ptr<engine::Network>> load(const base::Files& files,
                                                      const std::string& name,
                                                      const LoadOptions& options) const;

 private:
  explicit Runtime(std::shared_ptr<const Library> library) : library_(std::move(library)) {}
  std::shared_ptr<const Library> library_;
};

}  // namespace engine_onnx
