#include "sklearn_values/feature_names.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

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

namespace {

std::string in_scientific(double number, int digits) {
  return fmt::format("{:.{}e}", number, digits - 1);
}

// What lies nearer to `number` than to any other of so many bytes reads back as it, and where it
// lies in the middle, as that whose last bit is 0.
bool reads_back(const std::string& text, double number, std::size_t bytes) {
  if (bytes == sizeof(float))
    return std::strtof(text.c_str(), nullptr) == static_cast<float>(number);
  constexpr int kHalfBits = 11;
  constexpr int kHalfLeast = -14;
  int exponent = 0;
  const double fraction = std::abs(std::frexp(number, &exponent));
  const double step = std::ldexp(1.0, std::max(exponent - 1, kHalfLeast) - kHalfBits + 1);
  const double away = std::abs(std::strtod(text.c_str(), nullptr)) - std::abs(number);
  // Below a power of two they lie twice as near.
  const bool near_below = fraction == 0.5 && exponent - 1 > kHalfLeast;
  const double above = step / 2;
  const double below = near_below ? step / 4 : step / 2;
  const bool even = std::fmod(std::abs(number) / step, 2) == 0;
  return even ? away <= above && -away <= below : away < above && -away < below;
}

// The fewest digits that read back; where what follows them is a five, either neighbour may be the
// one that does.
std::string shortest(double number, std::size_t bytes) {
  constexpr int kDigitsMost = 9;
  constexpr double kAboveFive = 1 + 1e-12;
  for (int digits = 1; digits < kDigitsMost; ++digits) {
    for (const double each : {number, number * kAboveFive}) {
      std::string text = in_scientific(each, digits);
      if (reads_back(text, number, bytes)) return text;
    }
  }
  return in_scientific(number, kDigitsMost);
}

// "1.25e+03" as 1250.0.
std::string without_exponent(const std::string& scientific) {
  const std::size_t e = scientific.find('e');
  const int exponent = std::stoi(scientific.substr(e + 1));
  std::string text = scientific[0] == '-' ? "-" : "";
  std::string digits;
  for (const char c : scientific.substr(0, e)) {
    if (c >= '0' && c <= '9') digits += c;
  }
  const std::size_t before = exponent < 0 ? 0 : static_cast<std::size_t>(exponent) + 1;
  if (exponent < 0) {
    text += "0." + std::string(static_cast<std::size_t>(-exponent) - 1, '0') + digits;
  } else if (digits.size() <= before) {
    text += digits + std::string(before - digits.size(), '0') + ".0";
  } else {
    text += digits.substr(0, before) + "." + digits.substr(before);
  }
  return text;
}

}  // namespace

std::string numpy_text(double number, std::size_t bytes, NumpyText numpy) {
  if (bytes == sizeof(double) || !std::isfinite(number) || number == 0) {
    return python_text(number, plan::NumberKind::Float);
  }
  const std::string text = shortest(number, bytes);
  const double early = bytes == sizeof(float) ? 1e6 : 1e3;
  const double size = std::abs(number);
  const bool plain = size >= 1e-4 && size < (numpy == NumpyText::Since23 ? early : 1e16);
  return plain ? without_exponent(text) : text;
}

}  // namespace sklearn
