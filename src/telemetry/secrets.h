#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace telemetry {

// Where a text has something that looks like a secret. Finders append what they find, in any order
// and overlapping; each takes time linear in the text. scrub() is what they are for.
struct Secret {
  std::size_t begin;
  std::size_t end;
  std::string_view kind;  // Of static storage.
};
using Secrets = std::vector<Secret>;

// By their own form, wherever they stand.
void find_known_tokens(std::string_view text, Secrets& found);  // Keys of services, JWTs.
void find_random_runs(std::string_view text, Secrets& found);
void find_pem(std::string_view text, Secrets& found);
void find_numbers(std::string_view text, Secrets& found);  // Of cards and accounts.

// By what stands beside them.
void find_pairs(std::string_view text, Secrets& found);    // Name and value, header fields.
void find_schemes(std::string_view text, Secrets& found);  // "Bearer ...", "Basic ..."
void find_userinfo(std::string_view text, Secrets& found);
void find_emails(std::string_view text, Secrets& found);

// What stands in place of a secret begins so.
inline constexpr std::string_view kMarker = "[scrubbed";

// Classes of ASCII characters, as bits.
inline constexpr std::uint8_t kIsLower = 1;
inline constexpr std::uint8_t kIsUpper = 2;
inline constexpr std::uint8_t kIsDigit = 4;
inline constexpr std::uint8_t kIsHex = 8;
inline constexpr std::uint8_t kIsUrl64 = 16;  // Besides letters and digits: - and _
inline constexpr std::uint8_t kIsRun = 32;    // Besides those: + and /
inline constexpr std::uint8_t kIsMail = 64;   // What may stand before the @ of an address.
inline constexpr std::uint8_t kIsSpace = 128;
inline constexpr std::uint8_t kIsAlnum = kIsLower | kIsUpper | kIsDigit;

constexpr std::array<std::uint8_t, 256> make_char_classes() {
  std::array<std::uint8_t, 256> classes{};
  const auto add = [&classes](std::string_view chars, std::uint8_t bits) {
    for (const char c : chars) classes[static_cast<unsigned char>(c)] |= bits;
  };
  add("abcdefghijklmnopqrstuvwxyz", kIsLower | kIsUrl64 | kIsRun | kIsMail);
  add("ABCDEFGHIJKLMNOPQRSTUVWXYZ", kIsUpper | kIsUrl64 | kIsRun | kIsMail);
  add("0123456789", kIsDigit | kIsUrl64 | kIsRun | kIsMail);
  add("0123456789abcdefABCDEF", kIsHex);
  add("-_", kIsUrl64 | kIsRun | kIsMail);
  add("+/", kIsRun);
  add(".+%", kIsMail);
  add(" \t\r\n\v\f", kIsSpace);
  return classes;
}
inline constexpr std::array<std::uint8_t, 256> kCharClasses = make_char_classes();

constexpr bool is_of(char c, std::uint8_t classes) {
  return (kCharClasses[static_cast<unsigned char>(c)] & classes) != 0;
}

// The end of the characters of these classes that begin at `at`, at most `count` of them.
inline std::size_t end_of_run(std::string_view text, std::size_t at, std::uint8_t classes,
                              std::size_t count = std::string_view::npos) {
  const std::size_t last = count < text.size() - at ? at + count : text.size();
  while (at < last && is_of(text[at], classes)) ++at;
  return at;
}

// Whether a word begins or ends at `at`: no letter or digit before, or none behind.
inline bool begins_word(std::string_view text, std::size_t at) {
  return at == 0 || !is_of(text[at - 1], kIsAlnum);
}
inline bool ends_word(std::string_view text, std::size_t at) {
  return at >= text.size() || !is_of(text[at], kIsAlnum);
}

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// Whether the text has `word`, which is in lower case, at `at` in any case.
inline bool has_word_at(std::string_view text, std::size_t at, std::string_view word) {
  if (text.size() - at < word.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (lower(text[at + i]) != word[i]) return false;
  }
  return true;
}

}  // namespace telemetry
