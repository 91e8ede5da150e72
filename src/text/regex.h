#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "text/char_set.h"
#include "text/regex_program.h"
#include "text/regex_tree.h"
#include "text/span.h"
#include "text/unicode.h"

namespace text {

// The subset of Python's re that token patterns need, with Python's own meaning (leftmost match,
// first alternative, code points, one release's Unicode): literals, ., classes, \w \W \d \D \s \S,
// \b \B ^ $ \A \Z, escapes, (?:...), one capturing group, |, greedy and lazy * + ? {m,n}, (?u).
// Everything else is an error of make(), never a different match.
//
// A search follows all alternatives at once (Thompson, Pike): its time is proportional to text
// times program, whatever the pattern. Immutable; shared by all threads.
class Regex {
 public:
  // What find_all writes on: one per thread, reused; with it warm nothing is allocated.
  class Scratch;

  static base::Result<Regex> make(std::string_view pattern, PythonVersion version);

  // Appends what re.findall gives: all of each match, or its capturing group (empty where that
  // took no part). Precondition: `text` is valid UTF-8.
  //
  // With some patterns each of n matches takes n steps, in Python too. A text that needs more than
  // 16 steps for each of its bytes and each instruction, and some millions, is refused: Exhausted.
  base::Result<void> find_all(std::string_view text, Scratch& scratch,
                              std::vector<Span>& found) const;

 private:
  // Patterns for which nothing need be searched: the longest runs of one set, or those words that
  // are all of one set.
  struct Runs {
    enum class Of : unsigned char { Set, Word, WordWithinSet };
    Of of;
    std::uint32_t set;
    std::size_t points_min;
  };
  class Search;

  Regex(const Unicode& unicode, PythonVersion version) : unicode_(&unicode), version_(version) {}

  static std::optional<Runs> as_runs(const RegexTree& tree, const Unicode& unicode);
  void find_first_points();
  void find_runs(std::string_view text, Scratch& scratch, std::vector<Span>& found) const;
  void find_set_runs(std::string_view text, std::vector<Span>& found) const;
  bool all_in_set(std::string_view text) const;

  const Unicode* unicode_;
  PythonVersion version_;
  std::vector<CharSet> sets_;
  RegexProgram program_;
  std::optional<Runs> runs_;
  std::array<bool, 128> first_{};  // The ASCII characters that a match may begin with.
  bool nullable_ = false;
  bool captures_ = false;
};

class Regex::Scratch {
 private:
  friend class Regex;

  // A match under way: its next instruction, its start and its group.
  struct Thread {
    std::uint32_t at = 0;
    std::size_t start = 0;
    Span group;
  };
  // Threads in order of preference, no two at one instruction.
  struct List {
    std::vector<Thread> threads;
    std::vector<std::uint64_t> seen;  // By instruction: the `round` in which it was reached.
    std::uint64_t round = 0;

    void clear(std::size_t instructions) {
      threads.clear();
      if (seen.size() < instructions) seen.resize(instructions);
      ++round;
    }
  };

  List now_, next_;
  std::vector<Thread> pending_;
  std::vector<std::uint64_t> bits_;
};

}  // namespace text
