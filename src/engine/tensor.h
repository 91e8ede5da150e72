#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/datatype.h"

namespace engine {

// An extent that a model leaves open.
inline constexpr std::int64_t kAnyExtent = -1;

// What a network takes or gives at one of its ends.
struct TensorSpec {
  std::string name;
  data::Datatype type = data::Datatype::Fp32;
  std::vector<std::int64_t> shape;  // kAnyExtent: as the caller likes; an empty shape is a scalar.
  // What the places of the last extent stand for, where the model says it (a classifier's classes).
  std::vector<std::string> labels;
  bool any_rank = false;  // The model does not even say how many extents: `shape` is empty.
  bool operator==(const TensorSpec&) const = default;
};

// A tensor that somebody else owns: numbers little-endian in C order, or texts.
struct TensorView {
  data::Datatype type = data::Datatype::Fp32;
  std::span<const std::int64_t> shape;
  std::string_view bytes;                   // Of numbers; need not be aligned.
  std::span<const std::string_view> texts;  // Of BYTES.
};

struct Tensor {
  data::Datatype type = data::Datatype::Fp32;
  std::vector<std::int64_t> shape;
  std::string bytes;
  std::vector<std::string> texts;
};

// "FP32[?,3,224,224]"; a scalar is "FP32[]".
std::string tensor_form(data::Datatype type, std::span<const std::int64_t> shape);
// The same of any rank: "FP32[...]".
std::string tensor_form(const TensorSpec& spec);

// How many elements; Invalid where an extent is negative or their bytes would not fit in memory.
base::Result<std::size_t> count_elements(data::Datatype type, std::span<const std::int64_t> shape);

// Whether the tensor may be given for that input: datatype, extents, as many bytes or texts as the
// shape says, booleans of 0 and 1 alone. Else Invalid:
//   input "data": expected FP32[?,3,224,224], got FP32[1,3,10,10]
base::Result<void> check_input(const TensorSpec& spec, const TensorView& tensor);

}  // namespace engine
