#pragma once

#include <string_view>

#include "base/result.h"
#include "contract/offer.h"
#include "contract/tensor_input.h"

namespace contract {

// What a body is that holds the data of a model's only input and nothing else: a text, or numbers,
// of which as many as there are come to one extent of the shape. Invalid where the model has
// several inputs, or one whose shape is not known by that.
base::Result<TensorHead> head_of_raw(std::string_view body, const Offer& offer);

}  // namespace contract
