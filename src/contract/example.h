#pragma once

#include <string>
#include <string_view>

#include "contract/offer.h"
#include "scorer/golden.h"

namespace contract {

// One row as a JSON object by the names of the offer's inputs: the first of the examples, or, where
// there is none, zeros, and texts that an encoder of the model knows.
std::string example_row(const Offer& offer, const scorer::Examples& examples);

// The row as a request to /score.
std::string example_request(const Offer& offer, std::string_view row);

}  // namespace contract
