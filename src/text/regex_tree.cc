// The grammar is that of CPython's Lib/re/_parser.py, with its rules for what is literal ('{' that
// begins no quantifier, ']' that comes first) and for what may be repeated.
#include "text/regex_tree.h"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace text {
namespace {

using Kind = RegexTree::Kind;
using Node = RegexTree::Node;
using Assertion = RegexTree::Assertion;
using Category = CharSet::Category;

constexpr char32_t kLastPoint = 0x10FFFF;
constexpr std::uint32_t kRepeatMax = 1000;

bool is_digit(char32_t point) { return point >= '0' && point <= '9'; }
bool is_ascii_letter(char32_t point) {
  return (point >= 'a' && point <= 'z') || (point >= 'A' && point <= 'Z');
}

std::optional<Category> category(char32_t letter) {
  switch (letter) {
    case 'w': return Category::Word;
    case 'W': return Category::NotWord;
    case 'd': return Category::Digit;
    case 'D': return Category::NotDigit;
    case 's': return Category::Space;
    case 'S': return Category::NotSpace;
    default: return std::nullopt;
  }
}

std::optional<Assertion> assertion(char32_t letter) {
  switch (letter) {
    case 'A': return Assertion::Begin;
    case 'Z': return Assertion::End;
    case 'b': return Assertion::Boundary;
    case 'B': return Assertion::NotBoundary;
    default: return std::nullopt;
  }
}

std::optional<char32_t> control(char32_t letter) {
  switch (letter) {
    case 'a': return '\a';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'v': return '\v';
    default: return std::nullopt;
  }
}

class Parser {
 public:
  Parser(std::u32string pattern, const Unicode& unicode)
      : pattern_(std::move(pattern)), unicode_(unicode) {}

  base::Result<RegexTree> parse() {
    while (looking_at(U"(?u)")) at_ += 4;
    TRY_ASSIGN(tree_.root, choice(0));
    if (!done()) return invalid("unbalanced parenthesis", at_);
    return std::move(tree_);
  }

 private:
  using Index = std::uint32_t;

  base::Error error(base::Code code, std::string_view what, std::size_t at) const {
    return {code, fmt::format("regular expression: {} at character {}", what, at)};
  }
  base::Error invalid(std::string_view what, std::size_t at) const {
    return error(base::Code::Invalid, what, at);
  }
  base::Error unsupported(std::string_view what, std::size_t at) const {
    return error(base::Code::Unsupported, fmt::format("unsupported {}", what), at);
  }

  bool done() const { return at_ == pattern_.size(); }
  char32_t peek() const { return done() ? U'\0' : pattern_[at_]; }
  bool looking_at(std::u32string_view text) const {
    return std::u32string_view(pattern_).substr(at_, text.size()) == text;
  }
  bool skip(char32_t point) {
    if (done() || pattern_[at_] != point) return false;
    ++at_;
    return true;
  }

  Index add(Node node) {
    tree_.nodes.push_back(std::move(node));
    return static_cast<Index>(tree_.nodes.size() - 1);
  }
  Index add_point(char32_t point) {
    Node node;
    node.kind = Kind::Point;
    node.point = point;
    return add(std::move(node));
  }
  Index add_assertion(Assertion kind) {
    Node node;
    node.kind = Kind::Assert;
    node.assertion = kind;
    return add(std::move(node));
  }
  Index add_set(CharSet set) {
    set.freeze(unicode_);
    const auto same = std::find(tree_.sets.begin(), tree_.sets.end(), set);
    Node node;
    node.kind = Kind::Set;
    node.set = static_cast<Index>(same - tree_.sets.begin());
    if (same == tree_.sets.end()) tree_.sets.push_back(std::move(set));
    return add(std::move(node));
  }
  Index add_category(Category named) {
    CharSet set;
    set.add(named);
    return add_set(std::move(set));
  }
  Index add_list(Kind kind, std::vector<Index> parts) {
    if (parts.size() == 1) return parts.front();
    Node node;
    node.kind = parts.empty() ? Kind::Empty : kind;
    node.parts = std::move(parts);
    return add(std::move(node));
  }

  base::Result<Index> choice(std::size_t depth) {
    if (depth > RegexTree::kDepthMax) return unsupported("nesting this deep", at_);
    std::vector<Index> options;
    do {
      TRY_ASSIGN(const Index option, sequence(depth));
      options.push_back(option);
    } while (skip('|'));
    return add_list(Kind::Choice, std::move(options));
  }

  base::Result<Index> sequence(std::size_t depth) {
    std::vector<Index> parts;
    while (!done() && peek() != '|' && peek() != ')') {
      const std::size_t start = at_;
      const bool captures_before = tree_.captures;
      TRY_ASSIGN(const Index item, atom(depth));
      TRY_ASSIGN(const Index part, repeated(item, start));
      // Python up to 3.10 at times keeps the group of an attempt that it gave up.
      if (tree_.captures != captures_before && part != item && tree_.nodes[part].lazy) {
        return unsupported("capturing group in a lazy repeat", start);
      }
      parts.push_back(part);
    }
    return add_list(Kind::Sequence, std::move(parts));
  }

  base::Result<Index> atom(std::size_t depth) {
    const std::size_t start = at_;
    const char32_t point = pattern_[at_++];
    switch (point) {
      case '(': return group(depth, start);
      case '[': return set(start);
      case '\\': return escape(start);
      case '^': return add_assertion(Assertion::Begin);
      case '$': return add_assertion(Assertion::EndOrLastNewline);
      case '*':
      case '+':
      case '?': return invalid("nothing to repeat", start);
      case '{': return brace(start);
      case '.': {
        CharSet any;
        any.add('\n', '\n');
        any.negate();
        return add_set(std::move(any));
      }
      default: return add_point(point);
    }
  }

  // A '{' where an atom is due: a quantifier of nothing, or itself.
  base::Result<Index> brace(std::size_t start) {
    at_ = start;
    TRY_ASSIGN(const auto bounds, quantifier());
    if (bounds) return invalid("nothing to repeat", start);
    at_ = start + 1;
    return add_point('{');
  }

  base::Result<Index> group(std::size_t depth, std::size_t start) {
    const bool plain = !looking_at(U"?");
    if (!plain) TRY(extension(start));
    if (plain && std::exchange(tree_.captures, true)) {
      return invalid("more than one capturing group, of which a token pattern may have one,",
                     start);
    }
    TRY_ASSIGN(const Index inside, choice(depth + 1));
    if (!skip(')')) return invalid("missing ), unterminated subpattern", start);
    if (!plain) return inside;
    Node node;
    node.kind = Kind::Capture;
    node.parts = {inside};
    return add(std::move(node));
  }

  // Passes over "?:" and refuses whatever else a '(' and '?' may begin.
  base::Result<void> extension(std::size_t start) {
    ++at_;
    if (skip(':')) return {};
    if (looking_at(U"=") || looking_at(U"!")) return unsupported("lookahead", start);
    if (looking_at(U"<")) return unsupported("lookbehind", start);
    if (looking_at(U"P=")) return unsupported("backreference", start);
    if (looking_at(U"P")) return unsupported("named group", start);
    if (looking_at(U"#")) return unsupported("comment", start);
    if (looking_at(U">")) return unsupported("atomic group", start);
    if (looking_at(U"(")) return unsupported("conditional", start);
    const auto flag = [](char32_t point) { return is_ascii_letter(point) || point == '-'; };
    if (flag(peek())) {
      std::string flags = "flags (?";
      while (flag(peek())) flags += static_cast<char>(pattern_[at_++]);
      return unsupported(flags + (peek() == ':' ? ":...)" : ")"), start);
    }
    return invalid("unknown extension (?", start);
  }

  base::Result<Index> escape(std::size_t start) {
    if (done()) return invalid("bad escape (end of pattern)", start);
    if (const auto named = category(peek())) {
      ++at_;
      return add_category(*named);
    }
    if (const auto place = assertion(peek())) {
      ++at_;
      return add_assertion(*place);
    }
    if (peek() >= '1' && peek() <= '9') return unsupported("backreference or octal escape", start);
    TRY_ASSIGN(const char32_t point, escaped_point(start));
    return add_point(point);
  }

  // What follows a backslash that is neither a class nor a place.
  base::Result<char32_t> escaped_point(std::size_t start) {
    const char32_t letter = pattern_[at_++];
    if (const auto known = control(letter)) return *known;
    if (letter == 'x') return hex(2, start);
    if (letter == 'u') return hex(4, start);
    if (letter == 'U') return hex(8, start);
    if (letter == 'N') return unsupported("named character \\N", start);
    if (letter == 'z') return unsupported("escape \\z", start);
    if (is_digit(letter)) return unsupported("octal escape", start);
    if (is_ascii_letter(letter)) {
      return invalid(fmt::format("bad escape \\{}", static_cast<char>(letter)), start);
    }
    return letter;
  }

  base::Result<char32_t> hex(std::size_t digits, std::size_t start) {
    char32_t value = 0;
    for (std::size_t i = 0; i < digits; ++i, ++at_) {
      const char32_t digit = peek();
      const char32_t low = digit | 0x20;
      if (is_digit(digit)) {
        value = value * 16 + (digit - '0');
      } else if (low >= 'a' && low <= 'f') {
        value = value * 16 + (low - 'a' + 10);
      } else {
        return invalid("incomplete escape", start);
      }
    }
    if (value > kLastPoint) return invalid("bad escape, past U+10FFFF,", start);
    return value;
  }

  base::Result<Index> set(std::size_t start) {
    CharSet set;
    const bool negated = skip('^');
    const std::size_t first = at_;
    while (at_ == first || peek() != ']') {
      if (done()) return invalid("unterminated character set", start);
      TRY(set_item(set, start));
    }
    ++at_;
    if (negated) set.negate();
    return add_set(std::move(set));
  }

  base::Result<void> set_item(CharSet& set, std::size_t start) {
    const std::size_t item = at_;
    TRY_ASSIGN(const SetEnd low, set_end(start));
    const bool range = peek() == '-' && at_ + 1 < pattern_.size() && pattern_[at_ + 1] != ']';
    if (!range) {
      if (low.named) set.add(*low.named);
      if (!low.named) set.add(low.point, low.point);
      return {};
    }
    ++at_;
    TRY_ASSIGN(const SetEnd high, set_end(start));
    if (low.named || high.named || high.point < low.point) {
      return invalid("bad character range", item);
    }
    set.add(low.point, high.point);
    return {};
  }

  // One end of a range, or what stands alone.
  struct SetEnd {
    std::optional<Category> named;
    char32_t point = 0;
  };

  base::Result<SetEnd> set_end(std::size_t start) {
    if (done()) return invalid("unterminated character set", start);
    const std::size_t here = at_;
    const char32_t point = pattern_[at_++];
    if (point != '\\') return SetEnd{std::nullopt, point};
    if (done()) return invalid("bad escape (end of pattern)", here);
    if (const auto named = category(peek())) {
      ++at_;
      return SetEnd{named, 0};
    }
    if (skip('b')) return SetEnd{std::nullopt, '\b'};
    TRY_ASSIGN(const char32_t escaped, escaped_point(here));
    return SetEnd{std::nullopt, escaped};
  }

  struct Bounds {
    std::uint32_t min;
    std::uint32_t max;
  };

  // The quantifier that stands here, passed over; none leaves the place as it was.
  base::Result<std::optional<Bounds>> quantifier() {
    const std::size_t start = at_;
    if (skip('*')) return std::optional(Bounds{0, RegexTree::kEndless});
    if (skip('+')) return std::optional(Bounds{1, RegexTree::kEndless});
    if (skip('?')) return std::optional(Bounds{0, 1});
    if (!skip('{') || peek() == '}') return none(start);
    TRY_ASSIGN(const auto low, number());
    auto high = low;
    const bool comma = skip(',');
    if (comma) {
      TRY_ASSIGN(high, number());
    }
    if (!skip('}') || (!comma && !low)) return none(start);
    const Bounds bounds{low.value_or(0), high.value_or(RegexTree::kEndless)};
    if (bounds.max < bounds.min) {
      return invalid("min repeat greater than max repeat", start);
    }
    return std::optional(bounds);
  }

  std::optional<Bounds> none(std::size_t start) {
    at_ = start;
    return std::nullopt;
  }

  base::Result<std::optional<std::uint32_t>> number() {
    const std::size_t start = at_;
    std::uint32_t value = 0;
    while (is_digit(peek())) {
      value = value * 10 + (pattern_[at_++] - '0');
      if (value > kRepeatMax) {
        return unsupported(fmt::format("repeat count over {}", kRepeatMax), start);
      }
    }
    return at_ == start ? std::nullopt : std::optional(value);
  }

  base::Result<Index> repeated(Index item, std::size_t start) {
    const std::size_t here = at_;
    TRY_ASSIGN(const auto bounds, quantifier());
    if (!bounds) return item;
    if (tree_.nodes[item].kind == Kind::Assert && pattern_[start] != '(') {
      return invalid("nothing to repeat", here);
    }
    // Python ends such a loop by rules of its own, which no linear-time machine follows.
    if (bounds->max > 1 && bounds->min != bounds->max && tree_.nullable(item)) {
      return unsupported("repeat of something that can match nothing", start);
    }
    Node node;
    node.kind = Kind::Repeat;
    node.min = bounds->min;
    node.max = bounds->max;
    node.lazy = skip('?');
    node.parts = {item};
    if (!node.lazy && skip('+')) return unsupported("possessive quantifier", here);
    const std::size_t again = at_;
    TRY_ASSIGN(const auto second, quantifier());
    if (second) return invalid("multiple repeat", again);
    return add(std::move(node));
  }

  std::u32string pattern_;
  const Unicode& unicode_;
  std::size_t at_ = 0;
  RegexTree tree_;
};

}  // namespace

base::Result<RegexTree> RegexTree::parse(std::string_view pattern, const Unicode& unicode) {
  if (pattern.size() > kPatternBytesMax) {
    return base::Error(base::Code::Unsupported,
                       fmt::format("regular expression: expected at most {} bytes, got {}",
                                   kPatternBytesMax, pattern.size()));
  }
  if (const auto bad = base::find_invalid_utf8(pattern)) {
    return base::Error(base::Code::Invalid,
                       fmt::format("regular expression: expected UTF-8, got {} at byte {}",
                                   base::quote(pattern.substr(*bad, 1)), *bad));
  }
  std::u32string points;
  for (std::size_t at = 0; at < pattern.size();) points += base::next_point(pattern, at);
  return Parser(std::move(points), unicode).parse();
}

bool RegexTree::nullable(std::uint32_t node) const {
  const Node& n = nodes[node];
  const auto part_nullable = [&](std::uint32_t part) { return nullable(part); };
  switch (n.kind) {
    case Kind::Empty:
    case Kind::Assert: return true;
    case Kind::Point:
    case Kind::Set: return false;
    case Kind::Sequence: return std::all_of(n.parts.begin(), n.parts.end(), part_nullable);
    case Kind::Choice: return std::any_of(n.parts.begin(), n.parts.end(), part_nullable);
    case Kind::Repeat: return n.min == 0 || nullable(n.parts.front());
    case Kind::Capture: return nullable(n.parts.front());
  }
  return true;
}

}  // namespace text
