#include "plan/categories.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"
#include "data/frame.h"

namespace plan {

Categories Categories::of_numbers(const std::vector<std::pair<double, std::int32_t>>& codes) {
  Categories made;
  made.type_ = data::ColumnType::Number;
  for (const auto& [number, code] : codes) {
    if (std::isnan(number)) {
      made.missing_ = code;
    } else {
      made.numbers_.emplace_back(number, code);
    }
  }
  std::stable_sort(made.numbers_.begin(), made.numbers_.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  return made;
}

Categories Categories::of_texts(std::vector<std::pair<std::string, std::int32_t>> codes) {
  Categories made;
  made.type_ = data::ColumnType::Text;
  for (auto& [text, code] : codes) made.texts_.emplace(std::move(text), code);
  return made;
}

std::vector<std::string> Categories::texts(std::size_t most) const {
  std::vector<std::pair<std::int32_t, std::string>> by_code;
  for (const auto& [number, code] : numbers_) by_code.emplace_back(code, fmt::format("{}", number));
  for (const auto& [text, code] : texts_) by_code.emplace_back(code, text);
  std::sort(by_code.begin(), by_code.end());
  std::vector<std::string> texts;
  for (auto& [code, text] : by_code) {
    if (texts.size() == most) break;
    texts.push_back(std::move(text));
  }
  return texts;
}

std::optional<std::string> Categories::find_beyond(const Categories& other) const {
  for (const auto& [number, code] : numbers_) {
    if (other.type_ != type_ || !other.find(number)) return fmt::format("{}", number);
  }
  const std::string* first = nullptr;
  for (const auto& [text, code] : texts_) {
    if (other.type_ == type_ && other.find(text)) continue;
    if (first == nullptr || text < *first) first = &text;
  }
  return first == nullptr ? std::nullopt : std::optional(base::quote(*first));
}

Categories Categories::recoded(const Categories& other) const {
  Categories made;
  made.type_ = type_;
  made.missing_ = other.missing_;
  for (const auto& [number, code] : numbers_) {
    if (const auto of_other = other.find(number)) made.numbers_.emplace_back(number, *of_other);
  }
  for (const auto& [text, code] : texts_) {
    if (const auto of_other = other.find(text)) made.texts_.emplace(text, *of_other);
  }
  return made;
}

std::optional<std::int32_t> Categories::find(double number) const {
  if (std::isnan(number)) return missing_;
  const auto at = std::lower_bound(numbers_.begin(), numbers_.end(), number,
                                   [](const auto& a, double b) { return a.first < b; });
  if (at == numbers_.end() || at->first != number) return std::nullopt;
  return at->second;
}

std::optional<std::int32_t> Categories::find(std::string_view text) const {
  if (data::is_missing(text)) return missing_;
  const auto at = texts_.find(text);
  if (at == texts_.end()) return std::nullopt;
  return at->second;
}

std::string cell_text(const Cells::Column& column, std::size_t row) {
  if (column.type == data::ColumnType::Number) {
    const double number = column.numbers[row];
    return std::isnan(number) ? "a missing value" : fmt::format("{}", number);
  }
  const std::string_view text = column.texts[row];
  return data::is_missing(text) ? "a missing value" : base::quote(text);
}

}  // namespace plan
