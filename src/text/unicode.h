#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "text/unicode_tables.h"

namespace text {

// The Python release that trained a model: its str and re decide what a word is.
struct PythonVersion {
  int major = 3;
  int minor = 14;

  // "3.11", "3.11.7" and "3.13.0rc1" alike; refuses what is not a version of Python 3.
  static base::Result<PythonVersion> parse(std::string_view text);

  // NOLINTNEXTLINE(modernize-use-nullptr): the check misreads comparisons the compiler writes.
  friend auto operator<=>(const PythonVersion&, const PythonVersion&) = default;
};

// Unicode as one Python release knows it, bit for bit with that release's str, re and unicodedata
// (3.6: Unicode 9, 3.7: 11, 3.8: 12.1, 3.9 and 3.10: 13, 3.11: 14, 3.12: 15.0, 3.13: 15.1,
// 3.14: 16). Immutable and shared by all threads. Text given to it must be valid UTF-8; only
// append_nfkd ever allocates anything but `out`.
class Unicode {
 public:
  // The release's own table; the nearest one for releases before 3.6 and after the newest.
  static const Unicode& of(PythonVersion version);
  static const Unicode& newest() { return of(PythonVersion{}); }

  bool is_word(char32_t point) const { return has(point, tables::Word); }        // \w of re
  bool is_space(char32_t point) const { return has(point, tables::Space); }      // \s, str.isspace
  bool is_decimal(char32_t point) const { return has(point, tables::Decimal); }  // \d of re
  std::uint8_t combining(char32_t point) const { return record(point).combining; }

  // str.lower(), with its contextual final sigma and the two characters of U+0130.
  void append_lower(std::string_view utf8, std::string& out) const;

  // unicodedata.normalize("NFKD", ...), in time n log n whatever the text.
  void append_nfkd(std::string_view utf8, std::string& out) const;

  // NFKD without the characters whose combining class is not 0.
  void append_unaccented(std::string_view utf8, std::string& out) const;

  // str.strip(): without space at both ends. A part of `utf8`.
  std::string_view stripped(std::string_view utf8) const;

  // The ASCII characters of NFKD.
  void append_ascii(std::string_view utf8, std::string& out) const;

 private:
  constexpr explicit Unicode(const std::uint16_t* stage) : stage_(stage) {}

  const tables::Record& record(char32_t point) const {
    const std::size_t page = point >> 8;
    if (page >= tables::kStageBlocks) return tables::kRecords[0];
    return tables::kRecords[tables::kBlocks[std::size_t{stage_[page]} * 256 + (point & 0xFF)]];
  }
  bool has(char32_t point, tables::Flag flag) const { return (record(point).flags & flag) != 0; }

  // Whether the capital sigma that ends before `after` and starts at `at` ends a word.
  bool final_sigma(std::string_view utf8, std::size_t at, std::size_t after) const;

  const std::uint16_t* stage_;
};

}  // namespace text
