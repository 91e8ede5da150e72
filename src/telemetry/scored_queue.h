#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

#include "base/result.h"
#include "telemetry/metrics.h"
#include "telemetry/scored.h"
#include "threads/guarded.h"

namespace telemetry {

// Between those who serve and those who write down what was served: bounded, and lossy rather than
// in anybody's way. Any thread may push, which takes no lock, allocates nothing and wakes nobody as
// long as the queue is mostly empty; a thread of its own hands what came to the sinks, in the order
// in which it came, at most kPause later.
//   sooth_events_dropped_total: events that found the queue full
class ScoredQueue {
 public:
  static constexpr std::size_t kCapacityMax = std::size_t{1} << 20U;
  static constexpr std::chrono::milliseconds kPause{100};

  // The sinks and the metrics outlive the queue. `capacity` is rounded up to a power of two.
  static base::Result<std::unique_ptr<ScoredQueue>> start(std::size_t capacity,
                                                          std::vector<ScoredSink*> sinks,
                                                          Metrics& metrics);
  ScoredQueue(const ScoredQueue&) = delete;
  ScoredQueue& operator=(const ScoredQueue&) = delete;
  ~ScoredQueue() { stop(); }

  // False: dropped, and counted.
  bool push(const Scored& event);

  // Hands over what waits, and ends the thread. Nobody pushes any more.
  void stop();

 private:
  // Whose turn it is: at `position` a producer's, at `position + 1` the consumer's.
  struct alignas(64) Slot {
    std::atomic<std::size_t> turn = 0;
    Scored event;
  };
  struct State {
    bool woken = false;
    bool stopping = false;
  };

  ScoredQueue(std::size_t capacity, std::vector<ScoredSink*> sinks, Metrics& metrics);
  void work();
  std::size_t take(std::vector<Scored>& batch);
  void sleep();
  void wake();

  Counter& dropped_;
  std::vector<Slot> slots_;
  const std::size_t mask_;
  const std::size_t wakes_at_;  // So many events do not wait for the pause to end.
  alignas(64) std::atomic<std::size_t> tail_ = 0;
  alignas(64) std::atomic<std::size_t> head_ = 0;
  std::atomic<bool> asleep_ = false;
  const std::vector<ScoredSink*> sinks_;
  threads::Guarded<State> state_;
  std::condition_variable changed_;
  std::jthread thread_;
};

}  // namespace telemetry
