#include "plan_cells/cell_domain.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"

namespace plan {
namespace {

double number_of(const CellRules::Put& put) {
  const double* number = std::get_if<double>(&put);
  return number == nullptr ? data::kMissingNumber : *number;
}

std::string_view text_of(const CellRules::Put& put) {
  const std::string* text = std::get_if<std::string>(&put);
  return text == nullptr ? data::kMissingText : std::string_view(*text);
}

bool puts(const CellRules::Put& put) { return !std::holds_alternative<std::monostate>(put); }

}  // namespace

bool CellRules::does_nothing() const {
  const bool all_valid = !categories && !least && !most;
  return !missing_refused && !puts(missing_put) && !missing_to_null && all_valid &&
         outlier == Outlier::Keep;
}

CheckDomain::CheckDomain(data::ColumnType type, CellRules rules, std::string name)
    : type_(type),
      rules_(std::move(rules)),
      name_(std::move(name)),
      missing_put_(number_of(rules_.missing_put)),
      missing_value_(puts(rules_.missing_put) ? missing_put_ : number_of(rules_.missing_value)),
      invalid_put_(number_of(rules_.invalid_put)) {}

std::string CheckDomain::describe() const {
  return fmt::format("check the domain of {}", name_.empty() ? "a column" : base::quote(name_));
}

bool CheckDomain::is_missing(double x) const {
  if (std::isnan(x)) return rules_.null;
  return std::find(rules_.missing_numbers.begin(), rules_.missing_numbers.end(), x) !=
         rules_.missing_numbers.end();
}

bool CheckDomain::is_missing(std::string_view text) const {
  if (data::is_missing(text)) return rules_.null;
  return std::find(rules_.missing_texts.begin(), rules_.missing_texts.end(), text) !=
         rules_.missing_texts.end();
}

// A comparison with NaN is false.
bool CheckDomain::is_valid(double x) const {
  if (rules_.categories) return rules_.categories->find(x).has_value();
  if (rules_.least && !(x >= *rules_.least)) return false;
  return !rules_.most || x <= *rules_.most;
}

base::Error CheckDomain::refusal(const CellSource& from, std::size_t row, bool missing) const {
  const std::string column = name_.empty() ? "" : fmt::format(", column {}", base::quote(name_));
  std::string expected = "a value";
  if (!missing && rules_.categories) {
    expected = fmt::format("one of {} known categories", rules_.categories->size());
  } else if (!missing) {
    expected = fmt::format("a number from {} to {}", rules_.least.value_or(-HUGE_VAL),
                           rules_.most.value_or(HUGE_VAL));
  }
  return {base::Code::Invalid,
          fmt::format("row {}{}: expected {}, got {}", from.row_of_request(row), column, expected,
                      cell_text(from[0], row))};
}

base::Result<void> CheckDomain::run(const CellSource& from, CellTarget& to, State*) const {
  return type_ == data::ColumnType::Number ? run_numbers(from, to) : run_texts(from, to);
}

base::Result<void> CheckDomain::run_numbers(const CellSource& from, CellTarget& to) const {
  const std::span<const double> cells = from[0].numbers;
  const std::span<double> out = to.numbers(from.rows());
  const bool put = puts(rules_.missing_put);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double x = cells[i];
    out[i] = x;
    if (is_missing(x)) {
      if (rules_.missing_refused) return refusal(from, i, true);
      if (put || rules_.missing_to_null) out[i] = missing_put_;
    } else if (is_valid(x)) {
      if (rules_.outlier == CellRules::Outlier::Keep || !(x < rules_.low || x > rules_.high)) {
        continue;
      }
      const double bound = x < rules_.low ? rules_.low : rules_.high;
      out[i] = rules_.outlier == CellRules::Outlier::AsExtreme ? bound : missing_value_;
    } else if (rules_.invalid == CellRules::Treatment::Refuse) {
      return refusal(from, i, false);
    } else if (rules_.invalid == CellRules::Treatment::AsMissing) {
      if (rules_.missing_refused) return refusal(from, i, false);
      out[i] = missing_value_;
    } else if (rules_.invalid == CellRules::Treatment::Put) {
      out[i] = invalid_put_;
    }
  }
  return {};
}

base::Result<void> CheckDomain::run_texts(const CellSource& from, CellTarget& to) const {
  const std::span<const std::string_view> cells = from[0].texts;
  const std::span<std::string_view> out = to.texts(from.rows());
  const bool put = puts(rules_.missing_put);
  const std::string_view missing =
      put ? text_of(rules_.missing_put) : text_of(rules_.missing_value);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::string_view text = cells[i];
    out[i] = text;
    if (is_missing(text)) {
      if (rules_.missing_refused) return refusal(from, i, true);
      if (put || rules_.missing_to_null) out[i] = text_of(rules_.missing_put);
    } else if (!rules_.categories || rules_.categories->find(text)) {
      continue;
    } else if (rules_.invalid == CellRules::Treatment::Refuse) {
      return refusal(from, i, false);
    } else if (rules_.invalid == CellRules::Treatment::AsMissing) {
      if (rules_.missing_refused) return refusal(from, i, false);
      out[i] = missing;
    } else if (rules_.invalid == CellRules::Treatment::Put) {
      out[i] = text_of(rules_.invalid_put);
    }
  }
  return {};
}

}  // namespace plan
