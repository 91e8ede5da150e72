#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "config/option.h"
#include "config/settings.h"

namespace auth {

// How often something may happen: `burst` times at once, and each second so many times.
struct Rate {
  double per_second = 0;  // 0: as often as anybody likes.
  std::int64_t burst = 1;
};

// How often each of many may do something: a token bucket for each name, as the moment at which
// it would be full (GCRA), in a table of fixed size. Asking costs some 50 ns. Any thread may ask.
//
// A name that finds its part of the table full takes the place of the one that has the least to
// wait for, and with it what that one still owes: coming under ever new names therefore never
// gives a fresh burst to who has filled the table. Whoever shares a part of the table shares its
// debts, so which names share one follows from a secret.
class RateLimit {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::size_t kNames = 65'536;

  // `secret` is random and nobody else knows it.
  RateLimit(Rate rate, std::array<std::uint64_t, 2> secret);
  RateLimit(const RateLimit&) = delete;
  RateLimit& operator=(const RateLimit&) = delete;
  ~RateLimit();

  bool is_on() const { return interval_ns_ > 0; }

  // Counts once more for `name`: nothing, or after how long it may try again, and then it did not
  // count.
  std::optional<std::chrono::nanoseconds> take(std::string_view name, Time now);
  // What take() would say, without counting.
  std::optional<std::chrono::nanoseconds> peek(std::string_view name, Time now) const;

 private:
  struct Shard;

  std::optional<std::chrono::nanoseconds> ask(std::string_view name, Time now, bool count) const;

  std::int64_t interval_ns_ = 0;  // Between two, in the long run.
  std::int64_t debt_ns_max_ = 0;  // Of a burst.
  std::array<std::uint64_t, 2> secret_;
  std::unique_ptr<Shard[]> shards_;
};

// Rounded up to whole seconds, at least one: what Retry-After says.
std::chrono::seconds retry_after(std::chrono::nanoseconds wait);

// The name of an address as sources are limited: an IPv4 address itself, of an IPv6 address its
// /64 network, as any host has one to itself. An IPv4 address within IPv6 counts as IPv4. What is
// no address stands for itself.
struct SourceName {
  std::array<char, 16> bytes{};
  std::size_t size = 0;
  std::string_view view() const { return {bytes.data(), size}; }
};
SourceName source_name(std::string_view address);

// The rates of a server: of a key, of an endpoint, and of refused credentials from one source.
struct RateLimits {
  Rate of_key;
  Rate of_endpoint;
  Rate of_refused_source;
};
std::span<const config::Option> rate_options();
RateLimits rate_limits(const config::Settings& settings);  // Of rate_options().

}  // namespace auth
