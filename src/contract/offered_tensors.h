#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "contract/offer.h"
#include "data/datatype.h"

namespace contract {

// An offer's inputs and outputs as protocols of tensors describe them, whatever the model: a column
// is a vector of numbers or texts. They are views of the offer.
struct OfferedTensor {
  std::string_view name;
  data::Datatype datatype = data::Datatype::Fp64;
  std::vector<std::int64_t> shape;  // -1: as many as come.
  bool optional = false;            // Nothing reads it.
  bool any_rank = false;            // The shape, [-1] then, says nothing.
};
std::vector<OfferedTensor> offered_inputs(const Offer& offer);
std::vector<OfferedTensor> offered_outputs(const Offer& offer);

}  // namespace contract
