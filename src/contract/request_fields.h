#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "base/result.h"
#include "contract/json_body.h"

namespace contract {

// What requests of several protocols say alike, read and refused with the same words.

// How many of the best a match should give: an integer from 1.
base::Result<std::size_t> read_top_k(simdjson::ondemand::value value);

// The error of a key that is none of those known, with the nearest of them.
base::Error unknown_key(simdjson::ondemand::field& field, JsonBody& json,
                        const std::vector<std::string_view>& known);

// The error of a key that may come once only: which of two is meant, readers do not agree on.
base::Error repeated_key(std::string_view key);

// What Triton's clients may ask beside, and is not done here.
base::Error no_classification();
base::Error no_shared_memory();

}  // namespace contract
