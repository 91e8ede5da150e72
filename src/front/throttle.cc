#include "front/throttle.h"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace front {
namespace {

telemetry::Counter& throttled(telemetry::Metrics& metrics, const char* by) {
  return metrics.counter("sooth_throttled_total",
                         "Requests turned away since too many came, by whose limit it was.",
                         {{"by", by}});
}

Throttle::Wait wait_for(std::chrono::nanoseconds time, std::string_view what,
                        const auth::Rate& rate) {
  const std::chrono::seconds after = auth::retry_after(time);
  return {.error = {base::Code::Exhausted,
                    fmt::format("{}: expected at most {} requests each second, got more; try "
                                "again in {} s",
                                what, rate.per_second, after.count())},
          .retry_after = after};
}

}  // namespace

Throttle::Throttle(Options options, telemetry::Metrics& metrics)
    : options_(std::move(options)),
      of_source_(options_.rates.of_refused_source, options_.secret),
      of_key_(options_.rates.of_key, options_.secret),
      of_endpoint_(options_.rates.of_endpoint, options_.secret),
      sources_(throttled(metrics, "source")),
      keys_(throttled(metrics, "key")),
      endpoints_(throttled(metrics, "endpoint")) {}

std::optional<Throttle::Wait> Throttle::wait_of_source(std::string_view source) const {
  if (!of_source_.is_on()) return std::nullopt;
  const auto time = of_source_.peek(auth::source_name(source).view(), options_.now());
  if (!time) return std::nullopt;
  sources_.add();
  return wait_for(*time, "this address, without a valid key", options_.rates.of_refused_source);
}

void Throttle::count_refused(std::string_view source) {
  if (!of_source_.is_on()) return;
  static_cast<void>(of_source_.take(auth::source_name(source).view(), options_.now()));
}

std::optional<Throttle::Wait> Throttle::take_key(std::string_view caller) {
  if (!of_key_.is_on()) return std::nullopt;
  const auto time = of_key_.take(caller, options_.now());
  if (!time) return std::nullopt;
  keys_.add();
  return wait_for(*time, fmt::format("key {}", base::quote(caller)), options_.rates.of_key);
}

std::optional<Throttle::Wait> Throttle::take_endpoint(std::string_view endpoint) {
  if (!of_endpoint_.is_on()) return std::nullopt;
  const auto time = of_endpoint_.take(endpoint, options_.now());
  if (!time) return std::nullopt;
  endpoints_.add();
  return wait_for(*time, fmt::format("endpoint {}", base::quote(endpoint)),
                  options_.rates.of_endpoint);
}

}  // namespace front
