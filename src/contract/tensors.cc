#include "contract/tensors.h"

#include <algorithm>

namespace contract {

void Tensors::clear() {
  for (Tensor& each : tensors_) {
    each.given = false;
    each.shape.clear();
    each.bytes = {};
    each.texts.clear();
    each.copies.clear();
  }
}

bool Tensors::any() const {
  return std::any_of(tensors_.begin(), tensors_.end(),
                     [](const Tensor& each) { return each.given; });
}

std::size_t Tensors::rows() const {
  for (const Tensor& each : tensors_) {
    if (each.given) return each.shape.empty() ? 1 : static_cast<std::size_t>(each.shape.front());
  }
  return 1;
}

std::span<const engine::TensorView> Tensors::views() {
  views_.clear();
  for (const Tensor& each : tensors_) views_.push_back(each.view());
  return views_;
}

std::size_t Tensors::kept_bytes() const {
  std::size_t bytes = 0;
  for (const Tensor& each : tensors_) {
    bytes += each.owned.capacity() + each.texts.capacity() * sizeof(std::string_view);
    for (const std::string& copy : each.copies) bytes += copy.capacity();
  }
  return bytes;
}

}  // namespace contract
