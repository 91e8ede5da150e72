#pragma once

#include <string_view>

#include "base/result.h"
#include "pickle/heap.h"

namespace pickle {

// The few Python literals that NumPy writes into headers: dictionaries, tuples, lists, strings
// without escapes, True, False, None and decimal integers. Nesting is bounded.
base::Result<Value> parse_literal(Heap& heap, std::string_view text);

}  // namespace pickle
