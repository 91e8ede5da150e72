#include "serve/admission.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace serve {
namespace {

// Pieces ahead up to which their starts are worked out one by one.
constexpr std::size_t kReplayMax = 64;

// What is offered counts as too much from the one to the other.
constexpr double kCrowded = 1.1;
constexpr double kOverloaded = 1.4;
// More is not told apart, so that the end of an overload is soon seen.
constexpr double kLoadMax = 2.5;
constexpr double kSpanPieces = 10;
constexpr double kSpanUsMin = 10'000;
constexpr double kSizeDecay = 1.0 / 64;

// In costs of the work itself.
constexpr double kCalmWait = 6;
constexpr double kCrowdedWait = 0.8;
constexpr double kCrowdedWaitOfOne = 0.05;
constexpr double kArrivals = 3.5;
// Less than this is noise of the machine.
constexpr double kWaitUsMin = 1000;

double us_between(OfferedLoad::Time from, OfferedLoad::Time to) {
  return std::max(0.0, std::chrono::duration<double, std::micro>(to - from).count());
}

// Each piece goes to the worker that is free first.
double replayed(std::span<double> busy_us, const Backlog& ahead) {
  const double each_us = ahead.count > 0 ? ahead.cost_us / static_cast<double>(ahead.count) : 0;
  std::make_heap(busy_us.begin(), busy_us.end(), std::greater<>());
  for (std::size_t i = 0; i < ahead.count; ++i) {
    std::pop_heap(busy_us.begin(), busy_us.end(), std::greater<>());
    busy_us.back() += each_us;
    std::push_heap(busy_us.begin(), busy_us.end(), std::greater<>());
  }
  return busy_us.front();
}

// As if what is ahead could be cut at will: it fills up the workers that are free first, to a
// common level. No piece can start later than this.
double level(std::span<const double> busy_us, double ahead_us) {
  double level_us = std::numeric_limits<double>::infinity();
  for (;;) {
    double sum = ahead_us;
    double workers = 0;
    for (const double busy : busy_us) {
      if (busy >= level_us) continue;
      sum += busy;
      ++workers;
    }
    if (workers == 0 || sum / workers >= level_us) return level_us;
    level_us = sum / workers;
  }
}

}  // namespace

double predicted_wait_us(std::span<double> busy_us, const Backlog& ahead) {
  if (ahead.count <= kReplayMax) return replayed(busy_us, ahead);
  return level(busy_us, ahead.cost_us);
}

double OfferedLoad::span_us() const {
  return std::max(kSpanUsMin, kSpanPieces * size_us_ / workers_);
}

double OfferedLoad::kept(Time now) const { return std::exp(-us_between(last_, now) / span_us()); }

double OfferedLoad::at(Time now) const { return load_ * kept(now); }

double OfferedLoad::offer(Time now, double cost_us) {
  const double share = kept(now);
  size_us_ = std::max(cost_us, size_us_ + (cost_us - size_us_) * kSizeDecay);
  const double more = cost_us / (workers_ * span_us());
  load_ = std::min(kLoadMax, load_ * share + more);
  uncapped_ = uncapped_ * share + more;
  last_ = std::max(last_, now);
  return load_;
}

double wait_limit_us(double cost_us, Priority priority, const Offered& offered,
                     const AdmissionLimits& limits) {
  const auto workers = static_cast<double>(offered.workers);
  const double calm = std::max(kWaitUsMin, kCalmWait * cost_us);
  const double arrivals = kArrivals / std::max(1.0, offered.uncapped * workers);
  const double waits = std::min(kCrowdedWait + kCrowdedWaitOfOne / workers, arrivals);
  const double crowded = priority == Priority::Low ? 0 : std::max(kWaitUsMin, waits * cost_us);
  const double share = std::clamp((offered.load - kCrowded) / (kOverloaded - kCrowded), 0.0, 1.0);
  return std::min(limits.queue_time_max_us, calm + (crowded - calm) * share);
}

std::optional<Reason> refusal_of(const Ask& ask, const QueueView& view,
                                 const AdmissionLimits& limits) {
  if (ask.due_us && *ask.due_us <= 0) return Reason::Expired;
  if (view.worker_is_free) return std::nullopt;
  if (view.queued >= limits.queue_max) return Reason::QueueFull;
  if (ask.due_us && view.wait_us + ask.cost_us > *ask.due_us) return Reason::TooLate;
  const bool first = view.alone_of_its_kind && ask.priority == Priority::Normal;
  const double cost_us = first ? std::max(ask.cost_us, view.longest_us) : ask.cost_us;
  const double limit_us = first && view.others_are_ahead
                              ? limits.queue_time_max_us
                              : wait_limit_us(cost_us, ask.priority, view.offered, limits);
  if (view.wait_us > limit_us) return Reason::WaitTooLong;
  return std::nullopt;
}

}  // namespace serve
