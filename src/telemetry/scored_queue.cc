#include "telemetry/scored_queue.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <system_error>
#include <utility>

#include <pthread.h>

#include <fmt/format.h>

// A ring of slots, each with a turn (Vyukov's bounded queue, with one consumer). A producer that
// wins a position by moving the tail owns its slot until it hands the turn on; the consumer waits
// for nobody: a slot whose producer was interrupted is simply not there yet.

namespace telemetry {
namespace {

constexpr std::size_t kBatchMax = 64;
constexpr std::size_t kCapacityMin = 2;  // One slot could not tell full from empty.

}  // namespace

ScoredQueue::ScoredQueue(std::size_t capacity, std::vector<ScoredSink*> sinks, Metrics& metrics)
    : dropped_(metrics.counter("sooth_events_dropped_total",
                               "Events of requests that log and spans had no room for.")),
      slots_(capacity),
      mask_(capacity - 1),
      wakes_at_(std::max<std::size_t>(capacity / 4, 1)),
      sinks_(std::move(sinks)) {
  for (std::size_t i = 0; i < capacity; ++i) slots_[i].turn.store(i, std::memory_order_relaxed);
}

base::Result<std::unique_ptr<ScoredQueue>> ScoredQueue::start(std::size_t capacity,
                                                              std::vector<ScoredSink*> sinks,
                                                              Metrics& metrics) {
  if (capacity < 1 || capacity > kCapacityMax) {
    return base::Error(base::Code::Invalid, fmt::format("queue of events: expected 1 to {}, got {}",
                                                        kCapacityMax, capacity));
  }
  std::unique_ptr<ScoredQueue> queue(
      new ScoredQueue(std::bit_ceil(std::max(capacity, kCapacityMin)), std::move(sinks), metrics));
  try {
    queue->thread_ = std::jthread([q = queue.get()] { q->work(); });
  } catch (const std::system_error& error) {
    return base::Error(base::Code::Exhausted,
                       fmt::format("queue of events: thread: {}", error.what()));
  }
  ::pthread_setname_np(queue->thread_.native_handle(), "events");
  return queue;
}

bool ScoredQueue::push(const Scored& event) {
  std::size_t position = tail_.load(std::memory_order_relaxed);
  Slot* slot = nullptr;
  for (;;) {
    slot = &slots_[position & mask_];
    const std::size_t turn = slot->turn.load(std::memory_order_acquire);
    if (turn == position) {
      if (tail_.compare_exchange_weak(position, position + 1, std::memory_order_relaxed)) break;
    } else if (turn < position) {
      dropped_.add();
      return false;
    } else {
      position = tail_.load(std::memory_order_relaxed);
    }
  }
  slot->event = event;
  slot->turn.store(position + 1, std::memory_order_release);
  if (asleep_.load(std::memory_order_relaxed) &&
      position - head_.load(std::memory_order_relaxed) >= wakes_at_) {
    wake();
  }
  return true;
}

void ScoredQueue::wake() {
  if (!asleep_.exchange(false)) return;  // Somebody else does.
  state_.lock()->woken = true;
  changed_.notify_one();
}

void ScoredQueue::stop() {
  state_.lock()->stopping = true;
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void ScoredQueue::work() {
  std::vector<Scored> batch(kBatchMax);
  for (;;) {
    const bool stopping = state_.lock()->stopping;
    for (std::size_t count = take(batch); count > 0; count = take(batch)) {
      for (ScoredSink* sink : sinks_) sink->take(std::span(batch).first(count));
    }
    if (stopping) return;
    sleep();
  }
}

// How many were there.
std::size_t ScoredQueue::take(std::vector<Scored>& batch) {
  std::size_t position = head_.load(std::memory_order_relaxed);
  std::size_t count = 0;
  for (; count < batch.size(); ++count, ++position) {
    Slot& slot = slots_[position & mask_];
    if (slot.turn.load(std::memory_order_acquire) != position + 1) break;
    batch[count] = slot.event;
    slot.turn.store(position + slots_.size(), std::memory_order_release);
  }
  head_.store(position, std::memory_order_relaxed);
  return count;
}

void ScoredQueue::sleep() {
  asleep_.store(true, std::memory_order_relaxed);
  {
    auto state = state_.lock();
    state.wait_until(changed_, std::chrono::steady_clock::now() + kPause,
                     [](const State& now) { return now.woken || now.stopping; });
    state->woken = false;
  }
  asleep_.store(false, std::memory_order_relaxed);
}

}  // namespace telemetry
