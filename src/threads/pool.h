#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "threads/guarded.h"
#include "threads/task.h"

namespace threads {

// Worker threads that pull tasks from one bounded queue, oldest first. Any thread may submit;
// submitting never waits and allocates nothing. A task that is dropped (refused, or still queued
// when stop() runs out of time) is destroyed without being called, so what must be answered in
// any case is answered by a destructor. Tasks do not throw.
class Pool {
 public:
  struct Options {
    std::string name;  // Stands in messages, and names the threads in a debugger.
    std::size_t threads = 1;
    std::size_t queue_max = 64;  // Tasks that wait; those that run are not counted.
  };

  static base::Result<std::unique_ptr<Pool>> start(Options options);
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  // Stops at once: drops what waits, and waits for what runs.
  ~Pool();

  // Exhausted when the queue is full, Unavailable after stop().
  base::Result<void> submit(Task task);

  // Tasks that wait now.
  std::size_t queued() const;

  // Refuses new tasks and lets the workers empty the queue until `deadline`, then drops the
  // rest. Says whether everything ran to its end by then. May be called again.
  bool stop(std::chrono::steady_clock::time_point deadline);

 private:
  struct State {
    std::vector<Task> ring;
    std::size_t first = 0;
    std::size_t count = 0;
    std::size_t running = 0;
    bool stopping = false;
  };

  explicit Pool(Options options);
  void work();
  Task next();

  const Options options_;
  mutable Guarded<State> state_;
  std::condition_variable arrived_;
  std::condition_variable settled_;
  std::vector<std::jthread> threads_;
};

}  // namespace threads
