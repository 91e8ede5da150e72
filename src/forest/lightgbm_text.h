#pragma once

#include <fmt/format.h>

#include <charconv>
#include <cstddef>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/text.h"

namespace forest {

// What the two readers of LightGBM's text model share: lines and lists of numbers.

struct KeyValue {
  std::string_view key;
  std::string_view value;
};

// Takes the next line off `text`, without its end.
inline std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

inline KeyValue split_line(std::string_view line) {
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) return {line, {}};
  return {line.substr(0, equals), line.substr(equals + 1)};
}

inline base::Error wrong_value(std::string_view key, std::string_view wanted,
                               std::string_view value) {
  return {base::Code::Corrupt,
          fmt::format("{}: expected {}, got {}", base::quote(key), wanted, base::quote(value))};
}

// The whole of `text` as a T. LightGBM writes nothing that from_chars does not read to the bit.
template <typename T>
bool read_number(std::string_view text, T& out) {
  const char* end = text.data() + text.size();
  const auto [stopped, problem] = std::from_chars(text.data(), end, out);
  return problem == std::errc{} && stopped == end && !text.empty();
}

// Exactly `count` numbers with one space between them. Allocates no more than `value` has room for.
template <typename T>
base::Result<void> read_numbers(KeyValue line, std::size_t count, std::vector<T>& out) {
  const std::string_view rest = line.value;
  out.clear();
  if (count > rest.size() / 2 + 1) {
    return wrong_value(line.key, fmt::format("{} numbers", count), line.value);
  }
  out.resize(count);
  const char* at = rest.data();
  const char* end = at + rest.size();
  for (std::size_t i = 0; i < count; ++i) {
    const auto [stopped, problem] = std::from_chars(at, end, out[i]);
    const bool apart = stopped == end || *stopped == ' ';
    if (problem != std::errc{} || !apart) {
      const std::string_view left(at, static_cast<std::size_t>(end - at));
      return wrong_value(line.key, fmt::format("{} numbers, number {} here", count, i + 1), left);
    }
    at = stopped == end ? end : stopped + 1;
  }
  if (at == end) return {};
  const std::string_view left(at, static_cast<std::size_t>(end - at));
  return wrong_value(line.key, fmt::format("{} numbers and no more", count), left);
}

}  // namespace forest
