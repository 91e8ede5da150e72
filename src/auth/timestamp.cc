#include "auth/timestamp.h"

#include <cstddef>

#include <fmt/format.h>

#include "base/text.h"

namespace auth {
namespace {

namespace chrono = std::chrono;

constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:ddZ";

bool has_form(std::string_view text) {
  if (text.size() != kForm.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kForm[i] == 'd' ? !digit : text[i] != kForm[i]) return false;
  }
  return true;
}

// Precondition: digits.
int number(std::string_view digits) {
  int value = 0;
  for (const char digit : digits) value = 10 * value + (digit - '0');
  return value;
}

}  // namespace

base::Result<Timestamp> parse_timestamp(std::string_view text) {
  const auto bad = [&] {
    return base::Error(
        base::Code::Invalid,
        fmt::format("expected a time such as \"2026-01-02T03:04:05Z\", got {}", base::quote(text)));
  };
  if (!has_form(text)) return bad();
  const int year = number(text.substr(0, 4));
  const chrono::year_month_day day(chrono::year(year),
                                   chrono::month(static_cast<unsigned>(number(text.substr(5, 2)))),
                                   chrono::day(static_cast<unsigned>(number(text.substr(8, 2)))));
  const int hour = number(text.substr(11, 2));
  const int minute = number(text.substr(14, 2));
  const int second = number(text.substr(17, 2));
  if (year < 1970 || !day.ok() || hour > 23 || minute > 59 || second > 59) return bad();
  return chrono::sys_days(day) + chrono::hours(hour) + chrono::minutes(minute) +
         chrono::seconds(second);
}

std::string format_timestamp(Timestamp time) {
  const auto days = chrono::floor<chrono::days>(time);
  const chrono::year_month_day day(days);
  const chrono::hh_mm_ss clock(time - days);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(day.year()),
                     static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

}  // namespace auth
