#include "serve/queue_options.h"

#include <chrono>

namespace serve {
namespace {

constexpr config::Option kQueueOptions[] = {
    {.name = "queue_max",
     .type = config::Type::Int,
     .fallback = "256",
     .min = 1,
     .max = 100'000,
     .unit = "requests",
     .sentence = "Most requests that wait for a worker; one more is refused."},
    {.name = "queue_time_max",
     .type = config::Type::Duration,
     .fallback = "500 ms",
     .min = 1,
     .max = 600'000,
     .sentence = "Longest predicted wait of a request for a worker; under overload it is about as "
                 "long as the request takes."},
};

}  // namespace

std::span<const config::Option> queue_options() { return kQueueOptions; }

AdmissionLimits admission_limits(const config::Settings& settings) {
  const std::chrono::duration<double, std::micro> wait = settings.duration("queue_time_max");
  return {.queue_max = static_cast<std::size_t>(settings.integer("queue_max")),
          .queue_time_max_us = wait.count()};
}

}  // namespace serve
