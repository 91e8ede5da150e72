#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace companions {

// Where a parser is in a piece of Python. Everything but quoted() skips the space before it.
class PythonText {
 public:
  explicit PythonText(std::string_view text) : text_(text) {}

  std::string_view whole() const { return text_; }
  // The next character, 0 at the end.
  char next();
  bool at_end() { return next() == '\0'; }
  bool sees(std::string_view symbol);
  bool takes(std::string_view symbol);
  // A word by itself: "if", and not the start of "iffy".
  bool takes_word(std::string_view word);
  // Letters, digits and underscores, as many as there are.
  std::string_view name();
  // Precondition: the next is a quote. Escapes are refused.
  base::Result<std::string> quoted();
  struct Number {
    double value;
    bool whole;
  };
  base::Result<Number> number();
  base::Result<std::size_t> position();

  std::size_t mark() const { return at_; }
  void return_to(std::size_t mark) { at_ = mark; }

  // `expression "...": expected {what} at character {at}`
  base::Error error(std::string_view expected) const;

 private:
  std::string_view rest() const { return text_.substr(at_); }

  std::string_view text_;
  std::size_t at_ = 0;
};

bool starts_python_name(char c);
bool is_in_python_name(char c);

}  // namespace companions
