#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/tensor.h"

namespace contract {

// The tensors of one request to a network, one for each of its inputs and in their order. Numbers
// that came in binary stay where they came; the others lie here. Its memory is kept from one
// request to the next.
class Tensors {
 public:
  struct Tensor {
    bool given = false;
    data::Datatype type = data::Datatype::Fp32;
    std::vector<std::int64_t> shape;
    std::string_view bytes;               // Of the request, or of `owned`.
    std::vector<std::string_view> texts;  // Of the request, or of `copies`.
    std::string owned;
    std::deque<std::string> copies;

    engine::TensorView view() const {
      return {.type = type, .shape = shape, .bytes = bytes, .texts = texts};
    }
  };

  // `specs` outlive it.
  explicit Tensors(std::span<const engine::TensorSpec> specs)
      : specs_(specs), tensors_(specs.size()) {}

  void clear();
  std::span<const engine::TensorSpec> specs() const { return specs_; }
  Tensor& operator[](std::size_t at) { return tensors_[at]; }
  const Tensor& operator[](std::size_t at) const { return tensors_[at]; }

  bool any() const;
  // The first extent of the first that was given, or 1.
  std::size_t rows() const;
  // Until the next call, or until a tensor changes. Precondition: all were given.
  std::span<const engine::TensorView> views();
  // How much is kept for requests like the last one.
  std::size_t kept_bytes() const;

 private:
  std::span<const engine::TensorSpec> specs_;
  std::vector<Tensor> tensors_;
  std::vector<engine::TensorView> views_;
};

}  // namespace contract
