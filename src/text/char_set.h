#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "text/unicode.h"

namespace text {

// A class of characters of a regular expression, such as [a-z\d] or \W: quick for ASCII, exact
// for the rest of the Unicode that the set was frozen for.
class CharSet {
 public:
  enum class Category : unsigned char {
    Word = 1,
    NotWord = 2,
    Digit = 4,
    NotDigit = 8,
    Space = 16,
    NotSpace = 32
  };

  void add(char32_t first, char32_t last) { ranges_.emplace_back(first, last); }
  void add(Category category) { categories_ |= static_cast<unsigned char>(category); }
  void negate() { negated_ = true; }

  // Fills the ASCII table; to be called once, after the last change.
  void freeze(const Unicode& unicode) {
    for (char32_t point = 0; point < ascii_.size(); ++point) ascii_[point] = find(point, unicode);
  }

  bool contains(char32_t point, const Unicode& unicode) const {
    return point < ascii_.size() ? ascii_[point] : find(point, unicode);
  }

  // Whether it is \w and nothing else.
  bool is_word() const {
    return ranges_.empty() && !negated_ &&
           categories_ == static_cast<unsigned char>(Category::Word);
  }

  // Whether it is certain that all of its characters are \w.
  bool within_word(const Unicode& unicode) const {
    const auto has = [&](Category category) {
      return (categories_ & static_cast<unsigned char>(category)) != 0;
    };
    if (negated_) return has(Category::NotWord);
    if (has(Category::NotWord) || has(Category::NotDigit)) return false;
    if (has(Category::Space) || has(Category::NotSpace)) return false;
    for (const auto& [first, last] : ranges_) {
      for (char32_t point = first; point <= last; ++point) {
        if (!unicode.is_word(point)) return false;
      }
    }
    return true;
  }

  friend bool operator==(const CharSet&, const CharSet&) = default;

 private:
  bool find(char32_t point, const Unicode& unicode) const {
    bool found = false;
    for (const auto& [first, last] : ranges_) found = found || (first <= point && point <= last);
    const auto named = [&](Category yes, Category no, bool is) {
      return (categories_ & static_cast<unsigned char>(is ? yes : no)) != 0;
    };
    if (categories_ != 0) {
      found = found || named(Category::Word, Category::NotWord, unicode.is_word(point)) ||
              named(Category::Digit, Category::NotDigit, unicode.is_decimal(point)) ||
              named(Category::Space, Category::NotSpace, unicode.is_space(point));
    }
    return found != negated_;
  }

  std::array<bool, 128> ascii_{};
  std::vector<std::pair<char32_t, char32_t>> ranges_;
  unsigned char categories_ = 0;
  bool negated_ = false;
};

}  // namespace text
