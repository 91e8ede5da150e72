#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "contract/offer.h"
#include "engine/tensor.h"
#include "scorer/golden.h"

namespace contract {

// What documents show of a network: no more elements of a request, nor of an answer.
inline constexpr std::size_t kShownElementsMax = 1024;
std::size_t shown_elements(std::span<const engine::Tensor> tensors);

// Of a network a request's tensors, one for each of its inputs: the first of the examples, or,
// where there is none, zeros and empty texts in the least shape that it takes. Empty where they
// would be large, and of other models.
std::vector<engine::Tensor> example_tensors(const Offer& offer, const scorer::Examples& examples);

// One row as a JSON object by the names of the offer's inputs: the first of the examples, or, where
// there is none, zeros, and texts that an encoder of the model knows. Of a network the whole of
// example_tensors(); empty where that is too large to be shown.
std::string example_row(const Offer& offer, const scorer::Examples& examples);

// The row as a request to /score; empty where it is.
std::string example_request(const Offer& offer, std::string_view row);

}  // namespace contract
