#include <chrono>

#include "auth/rate_limit.h"

namespace auth {
namespace {

constexpr config::Option of_rate(std::string_view name, std::string_view fallback,
                                 std::string_view sentence) {
  return {.name = name,
          .type = config::Type::Number,
          .fallback = fallback,
          .min = 0,
          .max = 1'000'000,
          .unit = "requests",
          .sentence = sentence};
}

constexpr config::Option of_burst(std::string_view name, std::string_view fallback,
                                  std::string_view sentence) {
  return {.name = name,
          .type = config::Type::Int,
          .fallback = fallback,
          .min = 1,
          .max = 1'000'000,
          .unit = "requests",
          .sentence = sentence};
}

constexpr config::Option kRateOptions[] = {
    of_rate("key_rate_max", "0", "Most requests each second with one key; 0: no limit."),
    of_burst("key_burst_max", "100", "Most requests at once with one key, where it is limited."),
    of_rate("endpoint_rate_max", "0", "Most requests each second to one endpoint; 0: no limit."),
    of_burst("endpoint_burst_max", "100",
             "Most requests at once to one endpoint, where it is limited."),
    of_rate("refused_rate_max", "10",
            "Most requests each second without a valid key from one IPv4 address or IPv6 /64 "
            "network, beyond which it is not heard; 0: no limit."),
    of_burst("refused_burst_max", "100",
             "Most requests at once without a valid key from one such source."),
};

Rate rate_of(const config::Settings& settings, std::string_view rate, std::string_view burst) {
  return {.per_second = settings.number(rate), .burst = settings.integer(burst)};
}

}  // namespace

std::span<const config::Option> rate_options() { return kRateOptions; }

RateLimits rate_limits(const config::Settings& settings) {
  return {.of_key = rate_of(settings, "key_rate_max", "key_burst_max"),
          .of_endpoint = rate_of(settings, "endpoint_rate_max", "endpoint_burst_max"),
          .of_refused_source = rate_of(settings, "refused_rate_max", "refused_burst_max")};
}

}  // namespace auth
