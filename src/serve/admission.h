#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "serve/work.h"

// Whether to take a piece of work that cannot start at once, as functions of values: how long it
// would wait, how long it may, and how busy the workers are.
//
// The arithmetic. Work of a cost S that waits for at most W is answered after W + S, so that W = S
// keeps the slowest answer at twice the unloaded one. What arrives at random (Poisson) at r times
// the capacity then leaves one worker idle in exp(-r W / S) / (r + exp(-r W / S)) of the time: with
// W = S 6.3 % at twice the capacity, 0.1 % at five times. That is the most that any order of
// service reaches with one worker; two waste 1.0 % and four nothing. A shorter wait leaves room for
// errors of the prediction, for work that takes longer than most and for what refusing takes of a
// processor: 0.8 S + 0.05 S / workers, with which one worker is idle for 8.4 % at twice the
// capacity (where arrivals are even, never). The more is offered, the less it need be: what waits
// is there to bridge the time until the next arrival, and 3.5 arrivals are enough for it. That
// makes 0.7 S at five times the capacity of one worker and 0.35 S at ten times, for 0.6 and 0.3 %
// of idleness.
//
// The same bound at half the load would refuse every tenth request of one worker (of two, every
// fiftieth): what comes at random comes in bursts. Below capacity the queue empties itself, so
// while not more is offered than can be done, work may wait six times its cost; of 1,000 requests
// at half the load one is refused then. Between 1.1 and 1.4 times the capacity, measured over some
// ten pieces of work for each worker, the one bound turns into the other: about as many are
// answered late when an overload begins, and 100 ms after it ends it is forgotten.

namespace serve {

enum class Priority : std::uint8_t {
  Normal,
  Low,  // Gives way to normal work, and is the first to be refused.
};

// Work that is ahead of another in the queue.
struct Backlog {
  std::size_t count = 0;
  double cost_us = 0;
};

// When the next worker is free for work that has `ahead` before it. `busy_us` says for each
// worker how long it will still run what it runs, and is scratch. Exact where all that is ahead
// costs the same and is not much; otherwise at most the cost of one piece too long.
// Precondition: there is a worker.
double predicted_wait_us(std::span<double> busy_us, const Backlog& ahead);

// How much work is offered, in multiples of what the workers can do, lately.
class OfferedLoad {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Precondition: at least one worker.
  explicit OfferedLoad(std::size_t workers) : workers_(static_cast<double>(workers)) {}

  // A piece of work was offered. Gives the load with it.
  double offer(Time now, double cost_us);
  double at(Time now) const;
  // As of the last offer, however much it is; the others stop counting at 2.5, so that the end of
  // an overload is soon seen.
  double uncapped() const { return uncapped_; }

 private:
  double span_us() const;
  // Of what has been counted, the share that counts still.
  double kept(Time now) const;

  double workers_;
  double load_ = 0;
  double uncapped_ = 0;
  double size_us_ = 0;  // Of the larger pieces.
  Time last_{};
};

struct AdmissionLimits {
  std::size_t queue_max = 256;
  double queue_time_max_us = 500'000;
};

// How much is offered, in multiples of what so many workers can do.
struct Offered {
  double load = 0;  // Up to 2.5.
  double uncapped = 0;
  std::size_t workers = 1;
};

// How long work may wait while so much is offered.
double wait_limit_us(double cost_us, Priority priority, const Offered& offered,
                     const AdmissionLimits& limits);

struct Ask {
  double cost_us = 0;
  std::optional<double> due_us;  // Until its deadline, from now; negative: it has passed.
  Priority priority = Priority::Normal;
};

struct QueueView {
  std::size_t queued = 0;
  bool worker_is_free = false;     // For this piece: more are free than wait.
  bool alone_of_its_kind = false;  // Nothing of its deployment waits.
  bool others_are_ahead = false;   // Of other deployments, at work or waiting.
  double longest_us = 0;           // That a worker is at work on.
  double wait_us = 0;              // As predicted.
  Offered offered;
};

// Nothing: take it. A free worker takes everything that has not expired, so that a wrong estimate
// is found out instead of refusing everything for ever. A deployment of which nothing waits may
// have one piece wait, whatever the others keep waiting; behind its own work, as long as that
// might.
std::optional<Reason> refusal_of(const Ask& ask, const QueueView& view,
                                 const AdmissionLimits& limits);

}  // namespace serve
