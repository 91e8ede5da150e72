#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "text/char_set.h"
#include "text/unicode.h"

namespace text {

// The parsed form of a pattern of Python's re. Refuses, naming the construct and the character
// where it stands: with Invalid what re.compile refuses too, with Unsupported what text::Regex
// does not do (lookaround, backreferences, flags other than u, possessive quantifiers, more).
struct RegexTree {
  static constexpr std::size_t kPatternBytesMax = 4096;
  static constexpr std::size_t kDepthMax = 50;
  static constexpr std::uint32_t kEndless = 0xFFFFFFFF;

  enum class Kind : unsigned char { Empty, Point, Set, Assert, Sequence, Choice, Repeat, Capture };
  enum class Assertion : unsigned char { Begin, End, EndOrLastNewline, Boundary, NotBoundary };

  struct Node {
    Kind kind = Kind::Empty;
    bool lazy = false;                 // Repeat
    Assertion assertion{};             // Assert
    char32_t point = 0;                // Point
    std::uint32_t set = 0;             // Set: into `sets`
    std::uint32_t min = 0, max = 0;    // Repeat; max may be kEndless
    std::vector<std::uint32_t> parts;  // Sequence, Choice; one of Repeat and Capture; into `nodes`
  };

  static base::Result<RegexTree> parse(std::string_view pattern, const Unicode& unicode);

  // Whether the node can match the empty text.
  bool nullable(std::uint32_t node) const;

  std::vector<Node> nodes;
  std::vector<CharSet> sets;  // No two alike.
  std::uint32_t root = 0;
  bool captures = false;
};

}  // namespace text
