#pragma once

#include <cstdint>
#include <span>

#include "engine/tensor.h"

// Numbers of a benchmark as a network takes them.

namespace bench {

// Of the shape, which it refers to as it does to the numbers.
inline engine::TensorView float_input(std::span<const std::int64_t> shape,
                                      std::span<const float> numbers) {
  return {.type = data::Datatype::Fp32,
          .shape = shape,
          .bytes = {reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes()},
          .texts = {}};
}

}  // namespace bench
