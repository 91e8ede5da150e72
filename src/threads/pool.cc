#include "threads/pool.h"

#include <system_error>
#include <utility>

#include <pthread.h>

#include <fmt/format.h>

namespace threads {
namespace {

constexpr std::size_t kThreadsMax = 1024;
constexpr std::size_t kQueueMax = std::size_t{1} << 20;
constexpr std::size_t kThreadNameMax = 15;  // Of pthread_setname_np, without the terminator.

// Takes the oldest task out of the ring. Precondition: there is one.
template <typename State>
Task pop(State& state) {
  Task task = std::move(state.ring[state.first]);
  state.first = (state.first + 1) % state.ring.size();
  --state.count;
  return task;
}

base::Error out_of_bounds(const Pool::Options& options, std::string_view what, std::size_t max,
                          std::size_t got) {
  return {base::Code::Invalid,
          fmt::format("pool \"{}\": expected 1 to {} {}, got {}", options.name, max, what, got)};
}

}  // namespace

Pool::Pool(Options options) : options_(std::move(options)) {
  state_.lock()->ring.resize(options_.queue_max);
}

base::Result<std::unique_ptr<Pool>> Pool::start(Options options) {
  if (options.threads < 1 || options.threads > kThreadsMax) {
    return out_of_bounds(options, "threads", kThreadsMax, options.threads);
  }
  if (options.queue_max < 1 || options.queue_max > kQueueMax) {
    return out_of_bounds(options, "queued tasks", kQueueMax, options.queue_max);
  }
  std::unique_ptr<Pool> pool(new Pool(std::move(options)));
  try {
    for (std::size_t i = 0; i < pool->options_.threads; ++i) {
      auto& thread = pool->threads_.emplace_back([p = pool.get()] { p->work(); });
      const std::string name = pool->options_.name.substr(0, kThreadNameMax);
      ::pthread_setname_np(thread.native_handle(), name.c_str());
    }
  } catch (const std::system_error& error) {
    return base::Error(base::Code::Exhausted,
                       fmt::format("pool \"{}\": thread: {}", pool->options_.name, error.what()));
  }
  return pool;
}

Pool::~Pool() {
  stop(std::chrono::steady_clock::time_point());
  threads_.clear();
}

base::Result<void> Pool::submit(Task task) {
  {
    auto state = state_.lock();
    if (state->stopping) {
      return base::Error(base::Code::Unavailable,
                         fmt::format("pool \"{}\": stopping", options_.name));
    }
    if (state->count == state->ring.size()) {
      return base::Error(base::Code::Exhausted, fmt::format("pool \"{}\": queue of {} is full",
                                                            options_.name, state->ring.size()));
    }
    state->ring[(state->first + state->count) % state->ring.size()] = std::move(task);
    ++state->count;
  }
  arrived_.notify_one();
  return {};
}

std::size_t Pool::queued() const { return state_.lock()->count; }

void Pool::work() {
  while (Task task = next()) {
    task();
    task = Task();  // What it owns goes before it counts as settled.
    auto state = state_.lock();
    --state->running;
    if (state->stopping && state->running == 0 && state->count == 0) settled_.notify_all();
  }
}

// The next task, or none once the pool stops and nothing waits.
Task Pool::next() {
  auto state = state_.lock();
  state.wait_until(arrived_, std::chrono::steady_clock::time_point::max(),
                   [](const State& s) { return s.count > 0 || s.stopping; });
  if (state->count == 0) return {};
  ++state->running;
  return pop(*state);
}

bool Pool::stop(std::chrono::steady_clock::time_point deadline) {
  std::vector<Task> dropped;
  bool all_ran = false;
  {
    auto state = state_.lock();
    state->stopping = true;
    arrived_.notify_all();
    all_ran = state.wait_until(settled_, deadline,
                               [](const State& s) { return s.count == 0 && s.running == 0; });
    while (state->count > 0) dropped.push_back(pop(*state));
  }
  // Destroyed here, outside the lock.
  return all_ran;
}

}  // namespace threads
