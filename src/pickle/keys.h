#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "pickle/node.h"

namespace pickle {

// Python's idea of which dictionary keys are the same: 1, True, 1.0 and numpy.int64(1) are, and
// tuples are when their elements are. Instances of classes are the same only as themselves,
// since what their __eq__ says is not known.

// Nothing for what Python cannot hash: lists, dictionaries, sets, bytearrays, arrays.
// Equal keys have equal hashes. Looks at the first few elements of a tuple only.
std::optional<std::uint32_t> key_hash(Value key);
std::uint32_t text_hash(std::string_view text);

// `steps` counts what was compared; a tuple may share its elements many times over, so equality
// stops with Exhausted once it is past `steps_max`.
base::Result<bool> same_key(Value a, Value b, std::uint64_t& steps, std::uint64_t steps_max);

// The text that a String, or a NumPy scalar that holds one, is found by.
std::optional<std::string_view> key_text(Value key);

}  // namespace pickle
