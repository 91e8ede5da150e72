#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"

namespace scorer {

// How golden.json writes what JSON has no form of its own for. A wide model has cells by the
// million: they are written as text at once, not through documents.
void append_number(double value, std::string& text);

// A number, or what stands for one that JSON does not have. A text cell cannot be mistaken for
// it: rows keep texts in an array of their own kind, {"t": ...}.
std::optional<double> number_of(const nlohmann::json& value);

// A list: `append(i, text)` writes the i-th of so many.
template <typename Append>
void append_list(std::size_t count, std::string& text, const Append& append) {
  text += '[';
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) text += ',';
    append(i, text);
  }
  text += ']';
}

base::Error bad_golden(std::string_view where, std::string_view expected);

}  // namespace scorer
