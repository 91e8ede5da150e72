#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "serve/admission.h"
#include "serve/lane.h"
#include "serve/work.h"
#include "threads/guarded.h"

namespace serve {

// The workers of a server, and the bounded queue that they pull scoring work from. Whether a piece
// is taken is decided at once, by when it would be done (admission.h); what is refused, what has
// expired and what nobody waits for any more is dropped without being run. Lanes take turns, and
// within a lane the oldest is first. Low priority gives way to normal for half of the longest
// wait, and from then on goes first. Any thread may submit; submitting never waits and allocates
// nothing.
class WorkQueue {
 public:
  using Time = std::chrono::steady_clock::time_point;

  struct Options {
    std::string name;  // Stands in messages, and names the threads in a debugger.
    std::size_t workers = 1;
    AdmissionLimits limits;
    std::function<Time()> now;
  };

  // What is known of a piece of work before it is done.
  struct Terms {
    Lane& lane;
    double estimate_us = 0;  // Before the lane's calibration.
    std::optional<Time> deadline;
    Priority priority = Priority::Normal;
  };

  // How it stands with the queue now.
  struct Figures {
    std::size_t queued = 0;
    std::size_t running = 0;
    double offered = 0;  // In multiples of what the workers can do, lately.
  };

  static base::Result<std::unique_ptr<WorkQueue>> start(Options options);
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;
  // Stops at once: drops what waits, and waits for what runs.
  ~WorkQueue();

  // Runs the work on a worker, or drops it: now, on this thread, where it is refused; later, on
  // any, where it expires or is abandoned. Says whether it was taken.
  bool submit(const Terms& terms, Work work);

  Figures figures() const;

  // Refuses new work and lets the workers empty the queue until `deadline`, then drops the rest.
  // Says whether everything was done by then. May be called again.
  bool stop(Time deadline);

 private:
  struct Place {
    Work work;
    Lane* lane = nullptr;
    double estimate_us = 0;
    double cost_us = 0;
    Time submitted{};
    std::optional<Time> deadline;
    double turn_us = 0;
    std::uint32_t next = Line::kNobody;  // In its line, or among the free ones.
  };
  struct Worker {
    bool runs = false;
    const Lane* lane = nullptr;  // Compared, never followed.
    Time started{};
    double cost_us = 0;
  };
  struct State;
  // What a worker has taken out of its place.
  struct Taken {
    Work work;
    Lane* lane = nullptr;
    double estimate_us = 0;
    Time started{};
    std::optional<Reason> dropped;

    explicit operator bool() const { return static_cast<bool>(work); }
  };

  explicit WorkQueue(Options options);
  base::Result<void> start_workers();
  void work(std::size_t worker);
  Taken take(std::size_t worker);
  void do_one(Taken& taken) const;
  double wait_us(State& state, const Terms& terms, double cost_us, Time now) const;
  QueueView view_of(State& state, const Terms& terms, double cost_us, Time now) const;

  const Options options_;
  mutable threads::Guarded<std::unique_ptr<State>> state_;
  std::condition_variable arrived_;
  std::condition_variable settled_;
  std::vector<std::jthread> threads_;
};

}  // namespace serve
