#include "deploy/quantity.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "base/text.h"

namespace deploy {
namespace {

using base::Code;
using base::Error;

// A decimal number without sign or exponent: value = digits / scale.
struct Decimal {
  std::int64_t digits = 0;
  std::int64_t scale = 1;
};

// So many digits that no product below overflows: a fraction of at most 10^6 parts times the
// largest unit, 2^40.
constexpr std::size_t kDigitsMax = 15;
constexpr std::int64_t kScaleMax = 1'000'000;

// Takes the number off the front of `text`.
std::optional<Decimal> take_decimal(std::string_view& text) {
  Decimal number;
  std::size_t digits = 0;
  bool point = false;
  std::size_t at = 0;
  for (; at < text.size() && (is_digit(text[at]) || (text[at] == '.' && !point)); ++at) {
    if (text[at] == '.') {
      point = true;
      continue;
    }
    if (++digits > kDigitsMax) return std::nullopt;
    number.digits = number.digits * 10 + (text[at] - '0');
    if (point) number.scale *= 10;
    if (number.scale > kScaleMax) return std::nullopt;
  }
  if (digits == 0) return std::nullopt;
  text.remove_prefix(at);
  return number;
}

// A number of units, in ones: rounded down, and whether that changed it. Nothing where it is more
// than `max`.
struct Scaled {
  std::int64_t ones = 0;
  bool exact = true;
};

std::optional<Scaled> scaled(const Decimal& number, std::int64_t factor, std::int64_t max) {
  const std::int64_t whole = number.digits / number.scale;
  if (whole > max / factor) return std::nullopt;
  const std::int64_t part = number.digits % number.scale * factor;
  return Scaled{whole * factor + part / number.scale, part % number.scale == 0};
}

struct Unit {
  std::string_view name;
  std::int64_t factor;
};

// Largest first, so that the first that divides gives the shortest text.
constexpr std::array<Unit, 8> kUnits = {{{"Ti", std::int64_t{1} << 40},
                                         {"T", 1'000'000'000'000},
                                         {"Gi", std::int64_t{1} << 30},
                                         {"G", 1'000'000'000},
                                         {"Mi", std::int64_t{1} << 20},
                                         {"M", 1'000'000},
                                         {"Ki", std::int64_t{1} << 10},
                                         {"k", 1'000}}};

Error wrong_cpu(std::string_view text) {
  return {Code::Invalid,
          fmt::format("expected processors such as \"500m\" or \"2\", from 1m to {}, got {}",
                      Cpu::kMillisMax / 1000, base::quote(text))};
}

Error wrong_memory(std::string_view text, std::string_view next = "") {
  return {Code::Invalid,
          fmt::format("expected memory such as \"512Mi\" or \"2Gi\", from 1Mi to 16Ti, got {}{}",
                      base::quote(text), next)};
}

// What people write who mean bytes in another notation.
std::string hint(std::string_view text, std::string_view unit) {
  const std::string_view number = text.substr(0, text.size() - unit.size());
  const auto meant = [&](std::string_view right) {
    return fmt::format("; did you mean \"{}{}\"?", number, right);
  };
  if (unit == "m") return meant("Mi");
  if (unit == "MB" || unit == "mb" || unit == "Mb") return meant("M");
  if (unit == "GB" || unit == "gb" || unit == "Gb" || unit == "g") return meant("G");
  if (unit == "MiB") return meant("Mi");
  if (unit == "GiB") return meant("Gi");
  return "";
}

}  // namespace

base::Result<Cpu> Cpu::parse(std::string_view text) {
  std::string_view unit = text;
  const auto number = take_decimal(unit);
  if (!number || (!unit.empty() && unit != "m")) return wrong_cpu(text);
  const auto millis = scaled(*number, unit.empty() ? 1000 : 1, kMillisMax);
  if (!millis || !millis->exact || millis->ones < 1 || millis->ones > kMillisMax) {
    return wrong_cpu(text);
  }
  return Cpu{millis->ones};
}

std::string Cpu::text() const {
  return millis % 1000 == 0 ? fmt::format("{}", millis / 1000) : fmt::format("{}m", millis);
}

base::Result<Memory> Memory::parse(std::string_view text) {
  std::string_view unit = text;
  const auto number = take_decimal(unit);
  if (!number) return wrong_memory(text);
  std::int64_t factor = 1;
  if (!unit.empty()) {
    const auto* known = std::find_if(kUnits.begin(), kUnits.end(),
                                     [&](const Unit& each) { return each.name == unit; });
    if (known == kUnits.end()) return wrong_memory(text, hint(text, unit));
    factor = known->factor;
  }
  const auto bytes = scaled(*number, factor, kBytesMax);
  if (!bytes) return wrong_memory(text);
  const Memory memory{bytes->ones + (bytes->exact ? 0 : 1)};
  if (memory.bytes < kBytesMin || memory.bytes > kBytesMax) return wrong_memory(text);
  return memory;
}

std::string Memory::text() const {
  for (const Unit& unit : kUnits) {
    if (bytes % unit.factor == 0) return fmt::format("{}{}", bytes / unit.factor, unit.name);
  }
  return fmt::format("{}", bytes);
}

}  // namespace deploy
