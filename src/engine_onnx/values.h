#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/tensor.h"
#include "engine_onnx/ort.h"

namespace engine_onnx {

// The values of one run; what the runtime made is given back.
class Values {
 public:
  Values(const Library& library, std::size_t count) : library_(library), values_(count) {}
  Values(const Values&) = delete;
  Values& operator=(const Values&) = delete;
  ~Values() {
    for (OrtValue* value : values_) {
      if (value != nullptr) library_.api->ReleaseValue(value);
    }
  }

  OrtValue** data() { return values_.data(); }
  OrtValue* operator[](std::size_t i) const { return values_[i]; }
  std::size_t size() const { return values_.size(); }

  // Makes one of elements of that type, of a tensor that check_input() has let through, which must
  // outlive it.
  base::Result<void> set(std::size_t i, ONNXTensorElementDataType type,
                         const engine::TensorView& tensor);
  // The same of numbers of any type that the runtime knows, by its own number.
  base::Result<void> set_numbers(std::size_t i, ONNXTensorElementDataType type,
                                 std::span<const std::int64_t> shape, std::string_view bytes);

 private:
  base::Result<void> set_texts(std::size_t i, const engine::TensorView& tensor);

  const Library& library_;
  std::vector<OrtValue*> values_;
  std::vector<std::unique_ptr<std::byte[]>> copies_;  // Of numbers that were not aligned.
};

// Takes a tensor out of a value.
base::Result<void> read_tensor(const Library& library, const OrtValue* value, engine::Tensor& into);

// The classes of a ZipMap, as its maps hold them: in the order of their keys.
struct MapKeys {
  std::vector<std::int64_t> numbers;  // Where keys are integers.
  std::vector<std::string> texts;     // Where they are texts.
  std::vector<std::size_t> columns;   // Of each key: which label it is.
};
MapKeys make_map_keys(const std::vector<std::string>& labels, bool numbers);

// Takes a sequence of maps from classes to numbers as a tensor of a row for each map and a column
// for each label. Internal where a map has other keys.
base::Result<void> read_maps(const Library& library, const OrtValue* value, const MapKeys& keys,
                             engine::Tensor& into);

}  // namespace engine_onnx
