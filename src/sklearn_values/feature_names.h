#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plan/builder.h"

namespace sklearn {

// get_feature_names_out: what transformers call the features that they make, so that a later
// selection by name finds them, and answers say what they are.

// Nowhere past plan::kNamedFeaturesMax, nor of names of more bytes than this: a file could make
// very many of them from a long one.
inline constexpr std::size_t kNameBytesMax = 256;

// The names of the port's features, which without any are x0, x1, ... None past the limits.
std::vector<std::string> names_of(const plan::Port& port);

// The names of some features; empty where they are the first ones of features without names, and
// past the limit.
std::vector<std::string> picked(const std::vector<std::string>& names,
                                const std::vector<std::size_t>& positions);

bool is_too_long(const std::string& name);

// A number as Python's str() writes it, when it is one of integers, of floats or a bool.
std::string python_text(double number, plan::NumberKind kind);

// A number of NumPy's, of 2, 4 or 8 bytes, as its str() writes it: the fewest digits that read back
// as the same number of that size. From NumPy 2.3 on it has an exponent from fewer digits on, where
// it is of 2 or 4 bytes.
enum class NumpyText : std::uint8_t { Before23, Since23 };
std::string numpy_text(double number, std::size_t bytes, NumpyText numpy);

}  // namespace sklearn
