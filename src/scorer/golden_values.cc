#include "scorer/golden_values.h"

#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/number.h"

namespace scorer {

void append_number(double value, std::string& text) {
  if (std::isnan(value)) {
    text += R"("nan")";
  } else if (std::isinf(value)) {
    text += value > 0 ? R"("inf")" : R"("-inf")";
  } else if (value == 0 && std::signbit(value)) {
    text += "-0.0";  // -0 would be read as a whole number, which has no sign.
  } else {
    char digits[base::kDoubleTextMax];
    text.append(digits, base::write_double(digits, value));
  }
}

std::optional<double> number_of(const nlohmann::json& value) {
  if (value.is_number()) return value.get<double>();
  if (!value.is_string()) return std::nullopt;
  const auto& text = value.get_ref<const std::string&>();
  if (text == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (text == "inf") return std::numeric_limits<double>::infinity();
  if (text == "-inf") return -std::numeric_limits<double>::infinity();
  return std::nullopt;
}

base::Error bad_golden(std::string_view where, std::string_view expected) {
  return {base::Code::Corrupt, fmt::format("golden rows: {}: expected {}", where, expected)};
}

}  // namespace scorer
