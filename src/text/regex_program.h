#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "text/regex_tree.h"

namespace text {

// What text::Regex runs: a tree as instructions, the preferred way first.
struct RegexProgram {
  static constexpr std::size_t kInstructionsMax = 4096;

  enum class Op : unsigned char {
    Point,   // consume the code point `a`
    Set,     // consume one of the set `a`
    Assert,  // go on where Assertion `a` holds
    Split,   // go to `a`, or else to `b`
    Jump,    // go to `a`
    Save,    // the capturing group begins (`a` = 0) or ends (1) here
    Match,
  };
  struct Instruction {
    Op op;
    std::uint32_t a = 0;
    std::uint32_t b = 0;
  };

  // Nothing where the program would be larger than kInstructionsMax.
  static std::optional<RegexProgram> compile(const RegexTree& tree);

  std::vector<Instruction> instructions;
};

}  // namespace text
