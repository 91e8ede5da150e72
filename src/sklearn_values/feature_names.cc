#include "sklearn_values/feature_names.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace sklearn {

using plan::kNamedFeaturesMax;

bool is_too_long(const std::string& name) { return name.size() > kNameBytesMax; }

std::vector<std::string> names_of(const plan::Port& port) {
  if (port.width > kNamedFeaturesMax) return {};
  std::vector<std::string> names;
  if (port.names.size() == port.width) {
    if (std::none_of(port.names.begin(), port.names.end(), is_too_long)) names = port.names;
    return names;
  }
  for (std::size_t i = 0; i < port.width; ++i) names.push_back(fmt::format("x{}", i));
  return names;
}

std::vector<std::string> picked(const std::vector<std::string>& names,
                                const std::vector<std::size_t>& positions) {
  std::vector<std::string> some;
  if (names.empty()) {
    bool first_ones = true;
    for (std::size_t k = 0; k < positions.size(); ++k) first_ones &= positions[k] == k;
    if (first_ones || positions.size() > kNamedFeaturesMax) return some;
  }
  for (const std::size_t position : positions) {
    if (position < names.size()) {
      some.push_back(names[position]);
    } else if (names.empty()) {
      some.push_back(fmt::format("x{}", position));
    }
  }
  return some;
}

std::string python_text(double number, plan::NumberKind kind) {
  using plan::NumberKind;
  if (kind == NumberKind::Bool) return number != 0 ? "True" : "False";
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
  if (kind == NumberKind::Int) return fmt::format("{:.0f}", number);
  // repr: the fewest digits that read back, with an exponent from 1e16 on and below 1e-4.
  std::string text = fmt::format("{}", number);
  const double size = std::abs(number);
  const bool plain = number == 0 || (size >= 1e-4 && size < 1e16);
  if (plain) {
    if (text.find('e') != std::string::npos) text = fmt::format("{:.0f}", number);
    if (text.find('.') == std::string::npos) text += ".0";
  }
  return text;
}

}  // namespace sklearn
