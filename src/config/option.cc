#include "config/option.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "base/number.h"
#include "base/text.h"

namespace config {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t factor;
};

// Largest first, so that a value is shown in the largest unit that divides it.
constexpr std::array<Unit, 4> kSizes = {
    {{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}}};
constexpr std::array<Unit, 4> kDurations = {
    {{"h", 3'600'000}, {"min", 60'000}, {"s", 1'000}, {"ms", 1}}};

template <typename Units>
std::optional<std::int64_t> parse_with_unit(std::string_view text, const Units& units) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto count = base::parse_int(text.substr(0, digits));
  text.remove_prefix(digits);
  if (text.starts_with(' ')) text.remove_prefix(1);
  if (!count) return std::nullopt;
  for (const Unit& unit : units) {
    if (unit.name != text) continue;
    if (*count > kNoBound / unit.factor) return std::nullopt;
    return *count * unit.factor;
  }
  return std::nullopt;
}

template <typename Units>
std::string show_with_unit(std::int64_t value, const Units& units) {
  for (const Unit& unit : units) {
    if (value != 0 && value % unit.factor == 0) {
      return fmt::format("{} {}", value / unit.factor, unit.name);
    }
  }
  return fmt::format("{} {}", value, units.back().name);
}

std::string show_bound(Type type, std::int64_t value) {
  if (type == Type::Bytes) return show_with_unit(value, kSizes);
  if (type == Type::Duration) return show_with_unit(value, kDurations);
  return fmt::format("{}", value);
}

std::string_view noun(Type type) {
  switch (type) {
    case Type::Bool: return "true or false";
    case Type::Int: return "a whole number";
    case Type::Number: return "a number";
    case Type::Text: return "text";
    case Type::Texts: return "a list of texts";
    case Type::Bytes: return "a size such as 16 KiB";
    case Type::Duration: return "a duration such as 10 s";
  }
  return "text";
}

bool within(const Option& option, std::size_t length) {
  return length >= static_cast<std::size_t>(option.min) &&
         length <= static_cast<std::size_t>(option.max);
}

std::optional<Value> parse_count(const Option& option, std::string_view text) {
  std::optional<std::int64_t> count;
  if (option.type == Type::Int) {
    count = base::parse_int(text);
  } else if (option.type == Type::Bytes) {
    count = parse_with_unit(text, kSizes);
    if (!count) count = base::parse_int(text);
  } else {
    count = parse_with_unit(text, kDurations);
  }
  if (!count || *count < option.min || *count > option.max) return std::nullopt;
  return *count;
}

std::optional<Value> parse_number(const Option& option, std::string_view text) {
  const auto number = base::parse_double(text);
  if (!number || !(*number >= static_cast<double>(option.min)) ||
      !(*number <= static_cast<double>(option.max))) {
    return std::nullopt;
  }
  return *number;
}

std::vector<std::string> split_at_commas(std::string_view text) {
  std::vector<std::string> texts;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    texts.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return texts;
}

std::optional<Value> parse_as_type(const Option& option, std::string_view text) {
  switch (option.type) {
    case Type::Bool:
      if (text == "true" || text == "false") return text == "true";
      return std::nullopt;
    case Type::Int:
    case Type::Bytes:
    case Type::Duration: return parse_count(option, text);
    case Type::Number: return parse_number(option, text);
    case Type::Text:
      if (!within(option, text.size())) return std::nullopt;
      return std::string(text);
    case Type::Texts: {
      auto texts = split_at_commas(text);
      if (!within(option, texts.size())) return std::nullopt;
      return texts;
    }
  }
  return std::nullopt;
}

base::Error refused(const Option& option, const std::string& got) {
  return {base::Code::Invalid, fmt::format("expected {}, got {}", expectation(option), got)};
}

}  // namespace

std::string expectation(const Option& option) {
  std::string_view what = noun(option.type);
  const bool bounded = option.min != 0 || option.max != kNoBound;
  if (option.type == Type::Bool || !bounded) return std::string(what);
  if (option.type == Type::Bytes) what = "a size";
  if (option.type == Type::Duration) what = "a duration";
  const std::string min = show_bound(option.type, option.min);
  const std::string_view of = option.type == Type::Text    ? " of length"
                              : option.type == Type::Texts ? " of length"
                                                           : "";
  if (option.max == kNoBound) return fmt::format("{}{} of at least {}", what, of, min);
  return fmt::format("{}{} from {} to {}", what, of, min, show_bound(option.type, option.max));
}

base::Result<Value> parse_value(const Option& option, std::string_view text) {
  if (auto value = parse_as_type(option, text)) return *std::move(value);
  return refused(option, base::quote(text));
}

base::Result<Value> parse_value(const Option& option, const std::vector<std::string>& texts) {
  if (option.type != Type::Texts) return refused(option, "a list");
  if (!within(option, texts.size())) return refused(option, fmt::format("{} texts", texts.size()));
  return Value(texts);
}

std::string flag_name(const Option& option) {
  std::string name = "--" + std::string(option.name);
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

}  // namespace config
