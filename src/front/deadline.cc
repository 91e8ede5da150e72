#include "front/deadline.h"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

#include "base/number.h"
#include "base/text.h"

namespace front {
namespace {

using std::chrono::nanoseconds;

constexpr config::Option kDeadlineOptions[] = {
    {.name = "request_time_max",
     .type = config::Type::Duration,
     .fallback = "60 s",
     .min = 1,
     .max = 3'600'000,
     .sentence = "Longest time from a request to its answer; clients may ask for less with "
                 "X-Request-Timeout."},
};

constexpr nanoseconds kTimeoutMax = std::chrono::hours(24 * 365);
constexpr std::int64_t kNsOfSecond = 1'000'000'000;
constexpr std::int64_t kNsOfMillisecond = 1'000'000;
constexpr std::size_t kDigitsMax = 15;
constexpr std::size_t kGrpcDigitsMax = 8;

constexpr std::string_view kDigits = "0123456789";

// Of units in nanoseconds, cut at the longest.
nanoseconds times(std::int64_t count, std::int64_t unit_ns) {
  if (count >= kTimeoutMax.count() / unit_ns) return kTimeoutMax;
  return nanoseconds(count * unit_ns);
}

// Up to so many digits and nothing else.
std::optional<std::int64_t> whole(std::string_view text, std::size_t digits_max) {
  if (text.empty() || text.size() > digits_max) return std::nullopt;
  if (text.find_first_not_of(kDigits) != std::string_view::npos) return std::nullopt;
  return base::parse_int(text);
}

// Digits, and a fraction perhaps, of which what is below a nanosecond does not count.
std::optional<nanoseconds> decimal(std::string_view text, std::int64_t unit_ns) {
  const std::size_t point = text.find('.');
  const auto count = whole(text.substr(0, point), kDigitsMax);
  if (!count) return std::nullopt;
  nanoseconds time = times(*count, unit_ns);
  if (point == std::string_view::npos) return time;
  const std::string_view fraction = text.substr(point + 1);
  if (!whole(fraction, kDigitsMax)) return std::nullopt;
  for (const char digit : fraction) {
    unit_ns /= 10;
    time += nanoseconds((digit - '0') * unit_ns);
  }
  return std::min(time, kTimeoutMax);
}

std::optional<nanoseconds> with_unit(std::string_view text) {
  std::int64_t unit_ns = kNsOfSecond;
  if (text.ends_with("ms")) {
    unit_ns = kNsOfMillisecond;
    text.remove_suffix(2);
  } else if (text.ends_with('s')) {
    text.remove_suffix(1);
  }
  if (text.ends_with(' ')) text.remove_suffix(1);
  return decimal(text, unit_ns);
}

std::optional<nanoseconds> milliseconds_of(std::string_view text) {
  const auto count = whole(text, kDigitsMax);
  if (!count) return std::nullopt;
  return times(*count, kNsOfMillisecond);
}

std::int64_t grpc_unit_ns(char unit) {
  switch (unit) {
    case 'H': return 3600 * kNsOfSecond;
    case 'M': return 60 * kNsOfSecond;
    case 'S': return kNsOfSecond;
    case 'm': return kNsOfMillisecond;
    case 'u': return 1000;
    case 'n': return 1;
    default: return 0;
  }
}

std::optional<nanoseconds> grpc_timeout(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const std::int64_t unit_ns = grpc_unit_ns(text.back());
  const auto count = whole(text.substr(0, text.size() - 1), kGrpcDigitsMax);
  if (unit_ns == 0 || !count) return std::nullopt;
  return times(*count, unit_ns);
}

struct TimeoutField {
  std::string_view name;
  std::optional<nanoseconds> (*parse)(std::string_view);
  std::string_view expected;
};

constexpr TimeoutField kFields[] = {
    {"X-Request-Timeout", with_unit, "a time such as 2, 0.25 or 250ms"},
    {"X-Envoy-Expected-Rq-Timeout-Ms", milliseconds_of, "a whole number of milliseconds"},
    {"grpc-timeout", grpc_timeout, "1 to 8 digits and one of H, M, S, m, u and n"},
};

}  // namespace

base::Result<void> TimeoutReader::see(std::string_view name, std::string_view value) {
  for (const TimeoutField& field : kFields) {
    if (!net::same_name(name, field.name)) continue;
    const auto time = field.parse(value);
    if (!time) {
      return base::Error(base::Code::Invalid, fmt::format("{}: expected {}, got {}", field.name,
                                                          field.expected, base::quote(value)));
    }
    timeout_ = std::min(*time, timeout_.value_or(kTimeoutMax));
  }
  return {};
}

base::Result<std::optional<nanoseconds>> asked_time(const net::RequestHead& head) {
  TimeoutReader reader;
  for (const net::Header& header : head.headers) TRY(reader.see(header.name, header.value));
  return reader.timeout();
}

base::Result<nanoseconds> request_time(const net::RequestHead& head, nanoseconds request_time_max) {
  TRY_ASSIGN(const std::optional<nanoseconds> asked, asked_time(head));
  return std::min(asked.value_or(request_time_max), request_time_max);
}

std::span<const config::Option> deadline_options() { return kDeadlineOptions; }

}  // namespace front
