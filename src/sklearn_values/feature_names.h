#pragma once

#include <cstddef>
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

}  // namespace sklearn
