#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "base/files.h"
#include "base/result.h"
#include "engine_onnx/ort.h"
#include "engine_onnx/session.h"
#include "engine_onnx/values.h"

namespace engine_onnx {

// The weights of a model that lie in other files, as values that lie where the files do: the
// runtime makes no copy of them but the one it computes with. Those that are not aligned are
// copied. Must outlive the session.
class ExternalWeights {
 public:
  ExternalWeights(const Library& library, const CheckedModel& model);
  ExternalWeights(const ExternalWeights&) = delete;
  ExternalWeights& operator=(const ExternalWeights&) = delete;

  // Gives them to the session that will be made with these options.
  base::Result<void> add_to(OrtSessionOptions* options);

 private:
  const Library& library_;
  const std::vector<ExternalData> data_;
  std::unordered_map<std::string, base::HeldBytes> files_;  // By location.
  Values values_;
};

}  // namespace engine_onnx
