#include "threads/parallel.h"

#include <algorithm>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "threads/guarded.h"

namespace threads {
namespace {

// What is to be done, and how far the threads that do it have come.
class Parallel {
 public:
  Parallel(std::size_t count, const ParallelWork& work) : count_(count), work_(work) {}

  void run() {
    while (const auto index = next()) {
      auto done = work_(*index, stop_.get_token());
      if (!done.ok()) fail(std::move(done).error());
    }
  }

  base::Result<void> outcome() {
    auto state = state_.lock();
    if (state->error) return *std::move(state->error);
    return {};
  }

 private:
  struct State {
    std::size_t next = 0;
    std::optional<base::Error> error = std::nullopt;
  };

  std::optional<std::size_t> next() {
    auto state = state_.lock();
    if (state->error || state->next == count_) return std::nullopt;
    return state->next++;
  }

  void fail(base::Error error) {
    {
      auto state = state_.lock();
      if (!state->error) state->error = std::move(error);
    }
    stop_.request_stop();
  }

  const std::size_t count_;
  const ParallelWork& work_;
  std::stop_source stop_;
  Guarded<State> state_;
};

}  // namespace

base::Result<void> in_parallel(std::size_t count, std::size_t parallel, const ParallelWork& work) {
  Parallel all(count, work);
  const std::size_t threads_wanted = std::min(std::max<std::size_t>(parallel, 1), count);
  {
    std::vector<std::jthread> threads;
    try {
      for (std::size_t i = 1; i < threads_wanted; ++i) threads.emplace_back([&all] { all.run(); });
    } catch (const std::system_error&) {  // Fewer threads do it too.
    }
    all.run();
  }
  return all.outcome();
}

}  // namespace threads
