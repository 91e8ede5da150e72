#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "base/result.h"
#include "contract/json_body.h"
#include "plan/plan.h"
#include "scorer/columns_scorer.h"

namespace contract {

// What requests of several protocols say alike, read and refused with the same words.

// How many of the best a match should give: an integer from 1.
base::Result<std::size_t> read_top_k(simdjson::ondemand::value value);

// The method of that name, if the scorer has it. `what` is what the error calls the name's place.
base::Result<plan::Method> parse_offered(std::string_view name, const scorer::ColumnsScorer& scorer,
                                         std::string_view what);

// The error of a key that is none of those known, with the nearest of them.
base::Error unknown_key(simdjson::ondemand::field& field, JsonBody& json,
                        const std::vector<std::string_view>& known);

}  // namespace contract
