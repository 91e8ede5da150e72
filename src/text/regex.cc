#include "text/regex.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "text/word_runs.h"

namespace text {
namespace {

using Kind = RegexTree::Kind;
using Node = RegexTree::Node;
using Assertion = RegexTree::Assertion;
using Op = RegexProgram::Op;

constexpr std::size_t kStepsFree = std::size_t{1} << 22;
constexpr std::size_t kStepsPerByteAndInstruction = 16;

}  // namespace

// One find_all over one text.
class Regex::Search {
 public:
  struct Match {
    Span whole;
    Span group;
  };

  Search(const Regex& regex, std::string_view text, Scratch& scratch)
      : regex_(regex),
        text_(text),
        scratch_(scratch),
        steps_left_(kStepsFree + kStepsPerByteAndInstruction * code().size() * text.size()) {}

  // Whether the steps ran out; then a match that was not found means nothing.
  bool exhausted() const { return steps_left_ == 0; }

  // The first match that starts at `from` or later and, where `not_empty`, is not the empty one
  // at `from`.
  std::optional<Match> first_match(std::size_t from, bool not_empty) {
    std::optional<Match> best;
    scratch_.now_.clear(code().size());
    std::size_t at = from;
    while (!exhausted()) {
      Scratch::List& now = scratch_.now_;
      if (!best) {
        if (now.threads.empty()) {
          while (at < text_.size() && !may_begin(at)) ++at;  // ASCII all.
          now.clear(code().size());  // What was reached was reached elsewhere.
        }
        if (may_begin(at)) add(now, {0, at, {}}, at);
      }
      if (now.threads.empty() && best) break;
      std::size_t after = at;
      const char32_t point = at < text_.size() ? base::next_point(text_, after) : kNone;
      scratch_.next_.clear(code().size());
      for (const Scratch::Thread& thread : now.threads) {
        if (code()[thread.at].op == Op::Match) {
          if (not_empty && at == from) continue;
          best = Match{{thread.start, at}, thread.group};
          break;
        }
        if (point != kNone && consumes(thread.at, point)) {
          add(scratch_.next_, {thread.at + 1, thread.start, thread.group}, after);
        }
      }
      if (point == kNone) break;
      std::swap(scratch_.now_, scratch_.next_);
      at = after;
    }
    return best;
  }

 private:
  static constexpr char32_t kNone = 0xFFFFFFFF;

  const std::vector<RegexProgram::Instruction>& code() const {
    return regex_.program_.instructions;
  }

  // False where it is certain that no match begins here.
  bool may_begin(std::size_t at) const {
    if (regex_.nullable_) return true;
    if (at == text_.size()) return false;
    const auto byte = static_cast<unsigned char>(text_[at]);
    return byte >= 0x80 || regex_.first_[byte];
  }

  bool consumes(std::uint32_t at, char32_t point) const {
    const auto& instruction = code()[at];
    if (instruction.op == Op::Point) return instruction.a == point;
    return regex_.sets_[instruction.a].contains(point, *regex_.unicode_);
  }

  // Adds all that `thread` becomes without consuming, preferred first.
  void add(Scratch::List& list, const Scratch::Thread& thread, std::size_t at) {
    scratch_.pending_.assign(1, thread);
    while (!scratch_.pending_.empty() && steps_left_ > 0) {
      --steps_left_;
      Scratch::Thread here = scratch_.pending_.back();
      scratch_.pending_.pop_back();
      if (std::exchange(list.seen[here.at], list.round) == list.round) continue;
      const auto& instruction = code()[here.at];
      switch (instruction.op) {
        case Op::Point:
        case Op::Set:
        case Op::Match: list.threads.push_back(here); continue;
        case Op::Assert:
          if (!holds(static_cast<Assertion>(instruction.a), at)) continue;
          ++here.at;
          break;
        case Op::Save:
          (instruction.a == 0 ? here.group.begin : here.group.end) = at;
          ++here.at;
          break;
        case Op::Jump: here.at = instruction.a; break;
        case Op::Split:
          here.at = instruction.b;
          scratch_.pending_.push_back(here);
          here.at = instruction.a;
          break;
      }
      scratch_.pending_.push_back(here);
    }
  }

  bool holds(Assertion assertion, std::size_t at) const {
    switch (assertion) {
      case Assertion::Begin: return at == 0;
      case Assertion::End: return at == text_.size();
      case Assertion::EndOrLastNewline:
        return at == text_.size() || (at + 1 == text_.size() && text_[at] == '\n');
      case Assertion::Boundary: return !text_.empty() && boundary(at);
      case Assertion::NotBoundary:
        // Of the empty text Python says neither, until 3.14.
        return text_.empty() ? regex_.version_ >= PythonVersion{3, 14} : !boundary(at);
    }
    return false;
  }

  bool boundary(std::size_t at) const { return word_before(at) != word_after(at); }

  bool word_before(std::size_t at) const {
    if (at == 0) return false;
    do {
      --at;
    } while ((static_cast<unsigned char>(text_[at]) & 0xC0) == 0x80);
    return word_after(at);
  }
  bool word_after(std::size_t at) const {
    return at < text_.size() && regex_.unicode_->is_word(base::next_point(text_, at));
  }

  const Regex& regex_;
  std::string_view text_;
  Scratch& scratch_;
  std::size_t steps_left_;
};

base::Result<Regex> Regex::make(std::string_view pattern, PythonVersion version) {
  const Unicode& unicode = Unicode::of(version);
  TRY_ASSIGN(RegexTree tree, RegexTree::parse(pattern, unicode));
  auto program = RegexProgram::compile(tree);
  if (!program) {
    return base::Error(base::Code::Unsupported,
                       fmt::format("regular expression: expected at most {} instructions, got more",
                                   RegexProgram::kInstructionsMax));
  }
  Regex regex(unicode, version);
  regex.runs_ = as_runs(tree, unicode);
  regex.nullable_ = tree.nullable(tree.root);
  regex.captures_ = tree.captures;
  regex.sets_ = std::move(tree.sets);
  regex.program_ = *std::move(program);
  regex.find_first_points();
  return regex;
}

// x... x+ finds each longest run of the set x that is long enough. \b before or after changes
// nothing if x is \w. \b before and after finds, if x is part of \w, the words that are all x: a
// match cannot end inside a word, nor begin there.
std::optional<Regex::Runs> Regex::as_runs(const RegexTree& tree, const Unicode& unicode) {
  const Node& root = tree.nodes[tree.root];
  std::vector<std::uint32_t> parts{tree.root};
  if (root.kind == Kind::Sequence) parts = root.parts;
  const auto is_boundary = [&](std::uint32_t part) {
    const Node& n = tree.nodes[part];
    return n.kind == Kind::Assert && n.assertion == Assertion::Boundary;
  };
  const bool after = is_boundary(parts.back());
  if (after) parts.pop_back();
  const bool before = !parts.empty() && is_boundary(parts.front());
  if (before) parts.erase(parts.begin());
  if (parts.empty()) return std::nullopt;

  const Node& last = tree.nodes[parts.back()];
  if (last.kind != Kind::Repeat || last.lazy || last.max != RegexTree::kEndless) {
    return std::nullopt;
  }
  parts.back() = last.parts.front();
  const std::uint32_t set = tree.nodes[parts.back()].set;
  for (const std::uint32_t part : parts) {
    if (tree.nodes[part].kind != Kind::Set || tree.nodes[part].set != set) return std::nullopt;
  }
  const std::size_t points_min = parts.size() - 1 + last.min;
  if (points_min == 0) return std::nullopt;
  const CharSet& x = tree.sets[set];
  if (x.is_word()) return Runs{Runs::Of::Word, set, points_min};
  if (!before && !after) return Runs{Runs::Of::Set, set, points_min};
  if (before && after && x.within_word(unicode)) {
    return Runs{Runs::Of::WordWithinSet, set, points_min};
  }
  return std::nullopt;
}

void Regex::find_first_points() {
  const auto& code = program_.instructions;
  std::vector<bool> seen(code.size());
  std::vector<std::uint32_t> pending{0};
  while (!pending.empty()) {
    const std::uint32_t at = pending.back();
    pending.pop_back();
    if (seen[at]) continue;
    seen[at] = true;
    const auto& instruction = code[at];
    switch (instruction.op) {
      case Op::Point:
        if (instruction.a < first_.size()) first_[instruction.a] = true;
        break;
      case Op::Set:
        for (char32_t point = 0; point < first_.size(); ++point) {
          first_[point] = first_[point] || sets_[instruction.a].contains(point, *unicode_);
        }
        break;
      case Op::Assert:
      case Op::Save: pending.push_back(at + 1); break;
      case Op::Split: pending.push_back(instruction.b); [[fallthrough]];
      case Op::Jump: pending.push_back(instruction.a); break;
      case Op::Match: break;
    }
  }
}

void Regex::find_runs(std::string_view text, Scratch& scratch, std::vector<Span>& found) const {
  if (runs_->of == Runs::Of::Set) return find_set_runs(text, found);
  const std::size_t old = found.size();
  find_word_runs(text, *unicode_, runs_->points_min, scratch.bits_, found);
  if (runs_->of == Runs::Of::Word) return;
  const auto mixed = [&](const Span& word) { return !all_in_set(word.of(text)); };
  const auto first = found.begin() + static_cast<std::ptrdiff_t>(old);
  found.erase(std::remove_if(first, found.end(), mixed), found.end());
}

void Regex::find_set_runs(std::string_view text, std::vector<Span>& found) const {
  const CharSet& set = sets_[runs_->set];
  std::size_t at = 0;
  while (at < text.size()) {
    Span run{at, at};
    std::size_t points = 0;
    while (at < text.size() && set.contains(base::next_point(text, at), *unicode_)) {
      run.end = at;
      ++points;
    }
    if (points >= runs_->points_min) found.push_back(run);
  }
}

bool Regex::all_in_set(std::string_view text) const {
  for (std::size_t at = 0; at < text.size();) {
    if (!sets_[runs_->set].contains(base::next_point(text, at), *unicode_)) return false;
  }
  return true;
}

base::Result<void> Regex::find_all(std::string_view text, Scratch& scratch,
                                   std::vector<Span>& found) const {
  if (runs_) {
    find_runs(text, scratch, found);
    return {};
  }
  Search search(*this, text, scratch);
  const bool retries_after_empty = version_ >= PythonVersion{3, 7};
  bool after_empty = false;
  std::size_t at = 0;
  while (const auto match = search.first_match(at, after_empty)) {
    found.push_back(captures_ ? match->group : match->whole);
    const bool empty = match->whole.begin == match->whole.end;
    at = match->whole.end;
    after_empty = empty && retries_after_empty;
    if (!empty || retries_after_empty) continue;
    // Before 3.7 Python stepped over the character after an empty match.
    if (at == text.size()) break;
    base::next_point(text, at);
  }
  if (search.exhausted()) {
    return base::Error(base::Code::Exhausted,
                       fmt::format("token_pattern: text of {} bytes: expected to be searched in "
                                   "a number of steps proportional to its length, got more",
                                   text.size()));
  }
  return {};
}

}  // namespace text
