#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Writes the pickle of a value by hand, protocol 3, so that a test says what the file says. Each
// function gives the opcodes that leave its value on the stack. For tests.
namespace fitted::test_pickle {

using Items = std::vector<std::string>;
using Attributes = std::vector<std::pair<std::string, std::string>>;

inline std::string bytes_of(std::uint64_t value, unsigned count, bool big_endian) {
  std::string out;
  for (unsigned i = 0; i < count; ++i) {
    out += static_cast<char>(value >> 8 * (big_endian ? count - 1 - i : i) & 0xFFU);
  }
  return out;
}

inline std::string none() { return "N"; }
inline std::string flag(bool value) { return value ? "\x88" : "\x89"; }
inline std::string integer(std::int64_t value) { return "I" + std::to_string(value) + "\n"; }
inline std::string number(double value) {
  return "G" + bytes_of(std::bit_cast<std::uint64_t>(value), 8, true);
}
inline std::string text(std::string_view value) {
  return "X" + bytes_of(value.size(), 4, false) + std::string(value);
}
inline std::string joined(const Items& items) {
  std::string out;
  for (const std::string& item : items) out += item;
  return out;
}
inline std::string list(const Items& items) { return "](" + joined(items) + "e"; }
inline std::string tuple(const Items& items) { return "(" + joined(items) + "t"; }
inline std::string dict(const Attributes& entries) {
  std::string out = "}(";
  for (const auto& [key, value] : entries) out += text(key) + value;
  return out + "u";
}
inline std::string global(const std::string& module, const std::string& name) {
  return "c" + module + "\n" + name + "\n";
}
inline std::string object(const std::string& module, const std::string& name,
                          const Attributes& attributes) {
  return global(module, name) + ")\x81" + dict(attributes) + "b";
}
// numpy.ndarray of float64.
inline std::string array(const std::vector<std::int64_t>& shape,
                         const std::vector<double>& values) {
  std::string raw;
  for (const double value : values) {
    raw += bytes_of(std::bit_cast<std::uint64_t>(value), 8, false);
  }
  Items extents;
  for (const std::int64_t extent : shape) extents.push_back(integer(extent));
  const std::string bytes = "B" + bytes_of(raw.size(), 4, false) + raw;
  const std::string dtype =
      global("numpy", "dtype") + tuple({text("f8"), integer(0), integer(1)}) + "R" +
      tuple({integer(3), text("<"), none(), none(), none(), integer(-1), integer(-1), integer(0)}) +
      "b";
  return global("numpy.core.multiarray", "_reconstruct") +
         tuple({global("numpy", "ndarray"), tuple({integer(0)}), text("b")}) + "R" +
         tuple({integer(1), tuple(extents), dtype, flag(false), bytes}) + "b";
}
// Keeps what is on the stack under a number; gets it again.
inline std::string put(unsigned slot) { return "q" + bytes_of(slot, 1, false); }
inline std::string get(unsigned slot) { return "h" + bytes_of(slot, 1, false); }

inline std::string file(const std::string& value) { return "\x80\x03" + value + "."; }

}  // namespace fitted::test_pickle
