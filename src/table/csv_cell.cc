#include "table/csv_cell.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <limits>

namespace table {
namespace {

// STR_NA_VALUES of pandas 1.x to 3.0.
constexpr std::array<std::string_view, 19> kMissing = {
    "",     "#N/A", "#N/A N/A", "#NA",  "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
    "<NA>", "N/A",  "NA",       "NULL", "NaN",     "None",     "n/a",  "nan",  "null"};
constexpr std::size_t kMissingMax = 8;         // Bytes of the longest of them.
constexpr std::string_view kFirst = "#-1<Nn";  // What those that are not empty begin with.

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

std::string_view without_spaces(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<double> parse_word(std::string_view word) {
  if (word == "True" || word == "true" || word == "TRUE") return 1;
  if (word == "False" || word == "false" || word == "FALSE") return 0;
  return std::nullopt;
}

}  // namespace

bool is_missing_cell(std::string_view cell) {
  if (cell.empty()) return true;
  if (cell.size() > kMissingMax || kFirst.find(cell[0]) == std::string_view::npos) return false;
  return std::find(kMissing.begin(), kMissing.end(), cell) != kMissing.end();
}

std::optional<double> parse_number_cell(std::string_view cell) {
  std::string_view digits = without_spaces(cell);
  if (digits.empty()) return std::nullopt;
  const bool negative = digits.front() == '-';
  if (negative || digits.front() == '+') digits.remove_prefix(1);
  if (digits.empty()) return std::nullopt;
  const double sign = negative ? -1 : 1;
  if (digits.front() != '.' && (digits.front() < '0' || digits.front() > '9')) {
    if (equals_ignoring_case(digits, "inf") || equals_ignoring_case(digits, "infinity")) {
      return sign * std::numeric_limits<double>::infinity();
    }
    return digits.size() == without_spaces(cell).size() ? parse_word(digits) : std::nullopt;
  }
  double value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stopped, problem] = std::from_chars(digits.data(), end, value);
  if (stopped != end || problem != std::errc{}) return std::nullopt;
  return sign * value;
}

}  // namespace table
