#pragma once

#include <string_view>

#include "base/result.h"
#include "scorer/candidates.h"

namespace scorer {

// The categories of a network, in the order of its output: each an id and, as `answer_id`, a name.
//
// Text of a line each: `n02127052<tab>lynx`, or a name alone, whose id is its number, from 0. Or
// the JSON that Keras has: {"0": ["n01440764", "tench"], ...}. UTF-8; no id twice. `file` stands in
// messages.
base::Result<Candidates> parse_labels(std::string_view file, std::string_view text);

}  // namespace scorer
