#include "engine_onnx/weights.h"

#include <cstddef>
#include <cstdint>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/text.h"

namespace engine_onnx {
namespace {

using base::Code;
using base::Error;
using base::Result;

// Beyond, the numbers of the runtime's API are others than ONNX's.
constexpr std::int32_t kSharedElementMax = 23;

}  // namespace

ExternalWeights::ExternalWeights(const Library& library, const CheckedModel& model)
    : library_(library), data_(model.file.external()), values_(library, data_.size()) {
  for (const ExternalFile& file : model.external) files_.emplace(file.location, file.held);
}

Result<void> ExternalWeights::add_to(OrtSessionOptions* options) {
  if (data_.empty()) return {};
  std::vector<const char*> names;
  for (std::size_t i = 0; i < data_.size(); ++i) {
    const ExternalData& data = data_[i];
    if (data.element > kSharedElementMax) {
      return Error(Code::Unsupported,
                   fmt::format("tensor {}: expected elements of its type in the model's own file",
                               base::quote(data.tensor)));
    }
    // open_external() has opened the file, and found it long enough.
    const base::Bytes all = files_.find(data.location)->second.bytes;
    TRY(values_.set_numbers(i, static_cast<ONNXTensorElementDataType>(data.element), data.shape,
                            base::as_text(all.subspan(static_cast<std::size_t>(data.offset),
                                                      static_cast<std::size_t>(data.length)))));
    names.push_back(data.tensor.c_str());
  }
  return outcome(*library_.api, library_.api->AddExternalInitializers(
                                    options, names.data(), values_.data(), names.size()));
}

}  // namespace engine_onnx
