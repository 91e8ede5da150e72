#include "pickle/literal.h"

#include <vector>

#include <fmt/format.h>

#include "base/number.h"
#include "base/text.h"

namespace pickle {
namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr unsigned kLiteralDepthMax = 16;

class LiteralParser {
 public:
  LiteralParser(Heap& heap, std::string_view text) : heap_(heap), text_(text) {}

  Result<Value> whole() {
    TRY_ASSIGN(const Value value, any(0));
    skip_blank();
    if (at_ != text_.size()) return wrong("the end");
    return value;
  }

 private:
  Error wrong(std::string_view expected) const {
    return {Code::Corrupt, fmt::format("byte {}: expected {}, got {}", at_, expected,
                                       base::quote(text_.substr(at_, 20)))};
  }

  void skip_blank() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }
  bool take(char c) {
    skip_blank();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool take_word(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  Result<Value> any(unsigned depth) {
    if (depth > kLiteralDepthMax) return wrong("less nesting");
    skip_blank();
    if (take('{')) return dict(depth + 1);
    if (take('(')) return sequence(Kind::Tuple, ')', depth + 1);
    if (take('[')) return sequence(Kind::List, ']', depth + 1);
    if (take('\'')) return string('\'');
    if (take('"')) return string('"');
    if (take_word("None")) return Value(heap_.make(Kind::None, at_));
    if (take_word("True")) return truth(true);
    if (take_word("False")) return truth(false);
    return integer();
  }

  Value truth(bool value) {
    Node& node = heap_.make(Kind::Bool, at_);
    node.boolean = value;
    return Value(node);
  }

  Result<Value> string(char quote) {
    const std::size_t end = text_.find(quote, at_);
    if (end == std::string_view::npos) return wrong("a string that ends");
    const std::string_view inside = text_.substr(at_, end - at_);
    if (inside.find('\\') != std::string_view::npos || base::find_invalid_utf8(inside)) {
      return wrong("a string of plain text");
    }
    Node& node = heap_.text(Kind::String, inside, at_);
    at_ = end + 1;
    return Value(node);
  }

  Result<Value> integer() {
    const std::size_t from = at_;
    while (at_ < text_.size() && (text_[at_] == '-' || (text_[at_] >= '0' && text_[at_] <= '9'))) {
      ++at_;
    }
    const auto value = base::parse_int(text_.substr(from, at_ - from));
    if (!value) return wrong("a literal");
    Node& node = heap_.integer(*value, from);
    // How Python 2 wrote a long.
    if (at_ < text_.size() && text_[at_] == 'L') ++at_;
    return Value(node);
  }

  Result<Value> sequence(Kind kind, char close, unsigned depth) {
    std::vector<Value> items;
    while (!take(close)) {
      TRY_ASSIGN(const Value item, any(depth));
      items.push_back(item);
      if (take(',')) continue;
      if (take(close)) break;
      return wrong("a comma");
    }
    TRY_ASSIGN(const auto kept, heap_.copy(items));
    return Value(heap_.sequence(kind, kept, at_));
  }

  Result<Value> dict(unsigned depth) {
    Node& node = heap_.make(Kind::Dict, at_);
    while (!take('}')) {
      TRY_ASSIGN(const Value key, any(depth));
      if (!take(':')) return wrong("a colon");
      TRY_ASSIGN(const Value value, any(depth));
      const std::uint32_t before = node.dict->size;
      TRY(heap_.insert(*node.dict, {.key = key, .value = value}));
      if (node.dict->size == before) return wrong("each key once");
      if (take(',')) continue;
      if (take('}')) break;
      return wrong("a comma");
    }
    return Value(node);
  }

  Heap& heap_;
  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Result<Value> parse_literal(Heap& heap, std::string_view text) {
  return LiteralParser(heap, text).whole();
}

}  // namespace pickle
