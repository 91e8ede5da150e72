#include "plan_cells/cell_number.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"
#include "data/frame.h"
#include "plan/categories.h"

namespace plan {
namespace {

constexpr double kDay = 86400;

base::Error unfit(const CellSource& from, std::size_t row, std::string_view expected) {
  return {base::Code::Invalid, fmt::format("row {}: expected {}, got {}", from.row_of_request(row),
                                           expected, cell_text(from[0], row))};
}

// A run of exactly `count` digits.
std::optional<unsigned> digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  unsigned value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool takes(std::string_view& text, std::string_view any) {
  if (text.empty() || any.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// "12", "12:51", "12:51:00" and "12:51:00.25" as seconds.
std::optional<double> parse_time(std::string_view text) {
  const auto hour = digits(text, 2);
  if (!hour || *hour > 23) return std::nullopt;
  double seconds = *hour * 3600.0;
  for (const double unit : {60.0, 1.0}) {
    if (text.empty()) return seconds;
    const auto part = takes(text, ":") ? digits(text, 2) : std::nullopt;
    if (!part || *part > 59) return std::nullopt;
    seconds += *part * unit;
  }
  if (text.empty()) return seconds;
  if (!takes(text, ".") || text.empty() || text.size() > 9) return std::nullopt;
  double unit = 0.1;
  while (!text.empty()) {
    const auto digit = digits(text, 1);
    if (!digit) return std::nullopt;
    seconds += *digit * unit;
    unit /= 10;
  }
  return seconds;
}

}  // namespace

double CastNumber::cast(double number) const {
  switch (cast_.to) {
    case NumberCast::To::Float: return number;
    case NumberCast::To::Float32: return static_cast<double>(static_cast<float>(number));
    case NumberCast::To::Bool: return number == 0 ? 0 : 1;
    case NumberCast::To::Integer: break;
  }
  const double whole = std::trunc(number);
  if (cast_.bits >= 64) return whole;
  const double range = std::ldexp(1, static_cast<int>(cast_.bits));
  double wrapped = whole - range * std::floor(whole / range);
  if (cast_.is_signed && wrapped >= range / 2) wrapped -= range;
  return wrapped;
}

base::Result<double> CastNumber::number_of(const CellSource& from, std::size_t row) const {
  if (from[0].type == data::ColumnType::Number) return from[0].numbers[row];
  const std::string_view text = from[0].texts[row];
  if (data::is_missing(text)) return data::kMissingNumber;
  const bool integer = cast_.to == NumberCast::To::Integer;
  if (cast_.to == NumberCast::To::Bool) return text.empty() ? 0.0 : 1.0;
  double number = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  if (text.empty() || parsed.ec != std::errc{} || parsed.ptr != end ||
      (integer && text.find_first_not_of("-0123456789") != std::string_view::npos)) {
    return unfit(from, row, integer ? "an integer" : "a number");
  }
  return number;
}

base::Result<void> CastNumber::run(const CellSource& from, CellTarget& to, State*) const {
  const std::span<double> out = to.numbers(from.rows());
  const bool integer = cast_.to == NumberCast::To::Integer;
  for (std::size_t i = 0; i < out.size(); ++i) {
    TRY_ASSIGN(const double number, number_of(from, i));
    if (std::isnan(number) && cast_.missing_stays) {
      out[i] = number;
      continue;
    }
    if (integer && !(std::abs(number) < 0x1p63)) return unfit(from, i, "a finite number");
    out[i] = cast(number);
  }
  return {};
}

std::string Cut::describe() const {
  return fmt::format("cut into {} intervals", rules_.edges.size() - 1);
}

std::optional<std::size_t> Cut::interval(double x) const {
  if (std::isnan(x)) return std::nullopt;
  const std::vector<double>& edges = rules_.edges;
  auto at = rules_.right ? std::lower_bound(edges.begin(), edges.end(), x)
                         : std::upper_bound(edges.begin(), edges.end(), x);
  if (rules_.include_lowest && x == edges.front()) at = edges.begin() + 1;
  if (at == edges.begin() || at == edges.end()) return std::nullopt;
  return static_cast<std::size_t>(at - edges.begin()) - 1;
}

base::Result<void> Cut::run(const CellSource& from, CellTarget& to, State*) const {
  const std::span<const double> cells = from[0].numbers;
  if (!rules_.texts.empty()) {
    const std::span<std::string_view> out = to.texts(from.rows());
    for (std::size_t i = 0; i < out.size(); ++i) {
      const auto at = interval(cells[i]);
      out[i] = at ? std::string_view(rules_.texts[*at]) : data::kMissingText;
    }
    return {};
  }
  const std::span<double> out = to.numbers(from.rows());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto at = interval(cells[i]);
    out[i] = !at                      ? data::kMissingNumber
             : rules_.numbers.empty() ? static_cast<double>(*at)
                                      : rules_.numbers[*at];
  }
  return {};
}

std::optional<double> parse_date(std::string_view text) {
  const auto year = digits(text, 4);
  if (!year) return std::nullopt;
  unsigned month = 1;
  unsigned day = 1;
  if (!text.empty()) {
    const auto found = takes(text, "-") ? digits(text, 2) : std::nullopt;
    if (!found || *found < 1 || *found > 12) return std::nullopt;
    month = *found;
  }
  if (!text.empty()) {
    const auto found = takes(text, "-") ? digits(text, 2) : std::nullopt;
    if (!found || *found < 1 || *found > 31) return std::nullopt;
    day = *found;
  }
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(month), std::chrono::day(day)};
  if (!date.ok()) return std::nullopt;
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  const double seconds = static_cast<double>(days) * kDay;
  if (text.empty()) return seconds;
  const auto time = takes(text, "T ") ? parse_time(text) : std::nullopt;
  if (!time) return std::nullopt;
  return seconds + *time;
}

base::Result<void> ParseDate::run(const CellSource& from, CellTarget& to, State*) const {
  const std::span<double> out = to.numbers(from.rows());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::string_view text = from[0].texts[i];
    out[i] = data::kMissingNumber;
    if (data::is_missing(text)) continue;
    const auto seconds = parse_date(text);
    if (!seconds) return unfit(from, i, "a date such as 2001-02-03 or 2001-02-03T04:05:06");
    out[i] = whole_days_ ? std::floor(*seconds / kDay) * kDay : std::floor(*seconds);
  }
  return {};
}

base::Result<void> SinceDate::run(const CellSource& from, CellTarget& to, State*) const {
  const std::span<double> out = to.numbers(from.rows());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double date = from[0].numbers[i];
    if (std::isnan(date)) return unfit(from, i, "a date");
    switch (unit_) {
      case Unit::Days: out[i] = std::floor((date - epoch_) / kDay); break;
      case Unit::Seconds: out[i] = std::trunc(date - epoch_); break;
      case Unit::SecondsOfDay: out[i] = std::floor(date - std::floor(date / kDay) * kDay); break;
    }
  }
  return {};
}

std::string RaisePower::describe() const { return fmt::format("numbers to the power {}", power_); }

base::Result<void> RaisePower::run(const CellSource& from, CellTarget& to, State*) const {
  const std::span<double> out = to.numbers(from.rows());
  const std::span<const double> cells = from[0].numbers;
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = power_ == 2 ? cells[i] * cells[i] : std::pow(cells[i], static_cast<double>(power_));
  }
  return {};
}

double Aggregate::of_row(const CellSource& from, std::size_t row) const {
  double sum = 0;
  double product = 1;
  double least = data::kMissingNumber;
  double most = data::kMissingNumber;
  std::size_t count = 0;
  for (std::size_t c = 0; c < from.count(); ++c) {
    const double x = from[c].numbers[row];
    if (std::isnan(x)) continue;
    ++count;
    sum += x;
    product *= x;
    if (!(x >= least)) least = x;
    if (!(x <= most)) most = x;
  }
  switch (function_) {
    case Function::Mean: return sum / static_cast<double>(count);
    case Function::Sum: return sum;
    case Function::Product: return product;
    case Function::Least: return least;
    case Function::Most: break;
  }
  return most;
}

base::Result<void> Aggregate::run(const CellSource& from, CellTarget& to, State*) const {
  const std::span<double> out = to.numbers(from.rows());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = of_row(from, i);
  return {};
}

}  // namespace plan
