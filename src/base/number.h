#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace base {

// The whole of `text` as a number in C notation ("nan" and "inf" included), else nothing.
inline std::optional<double> parse_double(std::string_view text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, problem] = std::from_chars(text.data(), end, value);
  if (problem != std::errc{} || stopped != end || text.empty()) return std::nullopt;
  return value;
}

inline std::optional<std::int64_t> parse_int(std::string_view text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, problem] = std::from_chars(text.data(), end, value);
  if (problem != std::errc{} || stopped != end || text.empty()) return std::nullopt;
  return value;
}

// Longest text that write_double writes.
constexpr std::size_t kDoubleTextMax = 32;

// Writes the shortest text that reads back as the same double, and gives its end. Whole
// numbers are written without a fraction. Precondition: kDoubleTextMax bytes are free at `out`.
inline char* write_double(char* out, double value) {
  return std::to_chars(out, out + kDoubleTextMax, value).ptr;
}

}  // namespace base
