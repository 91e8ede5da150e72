#pragma once

#include <cstddef>
#include <cstdint>

// The data behind text/unicode.h, made by tools/unicode/generate.py; nothing else includes it.
//
// A code point's properties are kRecords[kBlocks[kStages[release][point / 256] * 256 + point %
// 256]]. Code points past the last stage have the properties of record 0, which are none. The
// blocks are shared between releases.
//
// NFKD, the same in every release for the points that it decomposes (Decomposed): those of page
// p = point / 256 stand at [kDecomposedPages[p], kDecomposedPages[p + 1]) of kDecomposedLow (point
// % 256, ascending), kDecomposedAt and kDecomposedBytes (where in kDecomposedText their UTF-8 is).
namespace text::tables {

enum Flag : std::uint8_t {
  Word = 1,
  Space = 2,
  Decimal = 4,
  CaseIgnorable = 8,
  Cased = 16,  // And not Case_Ignorable.
  Decomposed = 32,
};

struct Record {
  std::uint8_t flags;
  std::uint8_t combining;  // Canonical_Combining_Class
  std::int32_t lower;      // The lower-case code point minus this one.
};

// Of the rows of kStages: Python 3.6, 3.7, 3.8, 3.9 (and 3.10), 3.11, 3.12, 3.13, 3.14.
inline constexpr std::size_t kReleases = 8;
inline constexpr std::size_t kStageBlocks = 3586;
inline constexpr std::size_t kDecomposedPageCount = 764;

extern const Record kRecords[];
extern const std::uint8_t kBlocks[];
extern const std::uint16_t kStages[kReleases][kStageBlocks];
extern const std::uint16_t kDecomposedPages[];
extern const std::uint8_t kDecomposedLow[];
extern const std::uint16_t kDecomposedAt[];
extern const std::uint8_t kDecomposedBytes[];
extern const std::uint8_t kDecomposedText[];

}  // namespace text::tables
