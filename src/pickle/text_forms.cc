#include "pickle/text_forms.h"

#include <cstdint>
#include <cstring>
#include <vector>

#include "base/text.h"

namespace pickle {
namespace {

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

// `count` hexadecimal digits at `at`, which moves behind them.
std::optional<std::uint32_t> hex_number(std::string_view text, std::size_t& at, std::size_t count) {
  if (count > text.size() - at) return std::nullopt;
  std::uint32_t value = 0;
  for (const std::size_t end = at + count; at < end; ++at) {
    const auto digit = hex_digit(text[at]);
    if (!digit) return std::nullopt;
    value = value << 4U | *digit;
  }
  return value;
}

bool is_octal(char c) { return c >= '0' && c <= '7'; }

unsigned char octal_number(std::string_view text, std::size_t& at) {
  unsigned value = 0;
  for (int i = 0; i < 3 && at < text.size() && is_octal(text[at]); ++i, ++at) {
    value = value * 8 + static_cast<unsigned>(text[at] - '0');
  }
  return static_cast<unsigned char>(value);
}

// What a letter behind a backslash stands for.
std::optional<std::string_view> simple_escape(char letter) {
  switch (letter) {
    case '\n': return "";
    case '\\': return "\\";
    case '\'': return "'";
    case '"': return "\"";
    case 'a': return "\a";
    case 'b': return "\b";
    case 'f': return "\f";
    case 'n': return "\n";
    case 'r': return "\r";
    case 't': return "\t";
    case 'v': return "\v";
    default: return std::nullopt;
  }
}

bool is_high_surrogate(char32_t point) { return point >= 0xd800 && point < 0xdc00; }
bool is_low_surrogate(char32_t point) { return point >= 0xdc00 && point < 0xe000; }

// One character of raw-unicode-escape. A backslash that starts no \u or \U stands for itself and
// makes the character behind it, even another backslash, stand for itself too.
std::optional<char32_t> raw_point(std::string_view text, std::size_t& at, bool& literal) {
  const char c = text[at++];
  const bool escape = c == '\\' && !literal && at < text.size();
  literal = false;
  if (!escape) return static_cast<unsigned char>(c);
  if (text[at] != 'u' && text[at] != 'U') {
    literal = true;
    return U'\\';
  }
  const std::size_t digits = text[at] == 'u' ? 4 : 8;
  ++at;
  return hex_number(text, at, digits);
}

}  // namespace

std::optional<std::string> decimal_to_twos_complement(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  std::vector<std::uint32_t> words(1, 0);
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    std::uint64_t carry = static_cast<std::uint64_t>(c - '0');
    for (std::uint32_t& word : words) {
      carry += std::uint64_t{word} * 10;
      word = static_cast<std::uint32_t>(carry);
      carry >>= 32U;
    }
    if (carry != 0) words.push_back(static_cast<std::uint32_t>(carry));
  }
  // Room for the sign.
  words.push_back(0);
  std::uint64_t carry = 1;
  std::string bytes;
  for (std::uint32_t word : words) {
    if (negative) {
      carry += static_cast<std::uint32_t>(~word);
      word = static_cast<std::uint32_t>(carry);
      carry >>= 32U;
    }
    for (unsigned shift = 0; shift < 32; shift += 8) {
      bytes += static_cast<char>(static_cast<unsigned char>(word >> shift));
    }
  }
  return bytes;
}

std::optional<std::string> unescape_string(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at++];
    if (c != '\\') {
      out += c;
      continue;
    }
    if (at == text.size()) return std::nullopt;
    if (is_octal(text[at])) {
      out += static_cast<char>(octal_number(text, at));
    } else if (text[at] == 'x') {
      const auto value = hex_number(text, ++at, 2);
      if (!value) return std::nullopt;
      out += static_cast<char>(static_cast<unsigned char>(*value));
    } else if (const auto simple = simple_escape(text[at])) {
      out += *simple;
      ++at;
    } else {
      out += '\\';
      out += text[at++];
    }
  }
  return out;
}

std::optional<std::string> unescape_unicode(std::string_view text) {
  std::string out;
  char32_t high = 0;
  bool literal = false;
  for (std::size_t at = 0; at < text.size();) {
    const auto point = raw_point(text, at, literal);
    if (!point || *point > 0x10ffff) return std::nullopt;
    if ((high != 0) != is_low_surrogate(*point)) return std::nullopt;
    if (is_high_surrogate(*point)) {
      high = *point;
    } else if (high != 0) {
      base::append_utf8(out, 0x10000 + ((high - 0xd800) << 10U) + (*point - 0xdc00));
      high = 0;
    } else {
      base::append_utf8(out, *point);
    }
  }
  if (high != 0) return std::nullopt;
  return out;
}

bool is_utf8(std::string_view text) {
  std::size_t at = 0;
  while (text.size() - at >= 8) {
    std::uint64_t eight;
    std::memcpy(&eight, text.data() + at, 8);
    if ((eight & 0x8080808080808080U) != 0) break;
    at += 8;
  }
  return !base::find_invalid_utf8(text.substr(at));
}

}  // namespace pickle
