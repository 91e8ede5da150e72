#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/tensor.h"

namespace engine {

struct NamedTensor {
  std::string name;
  Tensor tensor;
};

// A tensor as others look at it. The texts' views need a place of their own, which is kept here; so
// it is neither copied nor moved, and the tensor outlives it.
class Viewed {
 public:
  explicit Viewed(const Tensor& tensor) : texts_(tensor.texts.begin(), tensor.texts.end()) {
    view_ = {.type = tensor.type, .shape = tensor.shape, .bytes = tensor.bytes, .texts = texts_};
  }
  Viewed(const Viewed&) = delete;
  Viewed& operator=(const Viewed&) = delete;
  ~Viewed() = default;

  const TensorView& view() const { return view_; }

 private:
  std::vector<std::string_view> texts_;
  TensorView view_;
};

}  // namespace engine
