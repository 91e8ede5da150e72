#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace config {

enum class Type : unsigned char {
  Bool,
  Int,
  Number,
  Text,
  Texts,     // A list of texts; as one text, separated by commas.
  Bytes,     // "512", "16 KiB", "8 MiB", "1 GiB"
  Duration,  // "250 ms", "10 s", "5 min", "1 h"
};

constexpr std::int64_t kNoBound = std::numeric_limits<std::int64_t>::max();

// One row of a room's table of options. All text is of static storage.
struct Option {
  std::string_view name;  // snake_case: the key in YAML; "--snake-case" as a flag.
  Type type = Type::Text;
  std::string_view fallback;  // The default, as a person would write it.
  // Bounds of the value: of bytes for Bytes, of milliseconds for Duration, of the length for
  // Text, of the number of items for Texts.
  std::int64_t min = 0;
  std::int64_t max = kNoBound;
  std::string_view unit;      // What an Int or Number counts, for the help: "connections".
  std::string_view sentence;  // What it is for, ending with a full stop.
};

// Bytes as a count, Duration as milliseconds.
using Value = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>>;

// The value that `text` says, within the option's bounds. An error says what was expected.
base::Result<Value> parse_value(const Option& option, std::string_view text);
base::Result<Value> parse_value(const Option& option, const std::vector<std::string>& texts);

// What a value of this option must be: "a size from 1 KiB to 1 GiB".
std::string expectation(const Option& option);

// "body_bytes_max" -> "--body-bytes-max".
std::string flag_name(const Option& option);

}  // namespace config
