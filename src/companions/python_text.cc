#include "companions/python_text.h"

#include <charconv>

#include <fmt/format.h>

#include "base/text.h"

namespace companions {

bool starts_python_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_in_python_name(char c) { return starts_python_name(c) || (c >= '0' && c <= '9'); }

char PythonText::next() {
  while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) {
    ++at_;
  }
  return at_ < text_.size() ? text_[at_] : '\0';
}

bool PythonText::sees(std::string_view symbol) {
  next();
  return rest().starts_with(symbol);
}

bool PythonText::takes(std::string_view symbol) {
  if (!sees(symbol)) return false;
  at_ += symbol.size();
  return true;
}

bool PythonText::takes_word(std::string_view word) {
  if (!sees(word)) return false;
  const std::size_t end = at_ + word.size();
  if (end < text_.size() && is_in_python_name(text_[end])) return false;
  at_ = end;
  return true;
}

std::string_view PythonText::name() {
  next();
  const std::size_t begin = at_;
  while (at_ < text_.size() && is_in_python_name(text_[at_])) ++at_;
  return text_.substr(begin, at_ - begin);
}

base::Result<std::string> PythonText::quoted() {
  const char quote = text_[at_++];
  std::string value;
  while (at_ < text_.size() && text_[at_] != quote) {
    if (text_[at_] == '\\') return error("a text without escapes");
    value += text_[at_++];
  }
  if (at_ == text_.size()) return error("the end of the text");
  ++at_;
  return value;
}

base::Result<PythonText::Number> PythonText::number() {
  next();
  Number made{};
  const char* begin = text_.data() + at_;
  const auto parsed = std::from_chars(begin, text_.data() + text_.size(), made.value);
  if (parsed.ec != std::errc{}) return error("a number");
  const std::string_view digits(begin, static_cast<std::size_t>(parsed.ptr - begin));
  made.whole = digits.find_first_of(".eE") == std::string_view::npos;
  at_ += digits.size();
  if (at_ < text_.size() && is_in_python_name(text_[at_])) return error("a plain number");
  if (made.whole && !(made.value < 0x1p53)) return error("an integer below 2^53");
  return made;
}

base::Result<std::size_t> PythonText::position() {
  next();
  std::size_t made = 0;
  const char* begin = text_.data() + at_;
  const auto parsed = std::from_chars(begin, text_.data() + text_.size(), made);
  if (parsed.ec != std::errc{}) return error("a position or a name of a column");
  at_ += static_cast<std::size_t>(parsed.ptr - begin);
  return made;
}

base::Error PythonText::error(std::string_view expected) const {
  return {base::Code::Unsupported, fmt::format("expression {}: expected {} at character {}",
                                               base::quote(text_), expected, at_)};
}

}  // namespace companions
