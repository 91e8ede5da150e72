#include "threads/give_way.h"

#include <algorithm>
#include <cerrno>

#include <sched.h>
#include <sys/resource.h>

namespace threads {
namespace {

constexpr int kMost = 19;

// Each step of niceness takes a fifth of the weight: fifteen leave 36 of 1024, seventeen 23. A
// thread that wakes takes the processor from another only while it has had less than its share of
// it, and otherwise waits for the next tick, up to 4 ms later. Beside a worker of a third of the
// weight who reads requests had had too much for 13 us after every 40 us of reading, beside one of
// a 28th for 1.4 us: measured while megabytes of JSON came in, the longest waits were 3.1 and 0.13
// ms.
int steps_of(Way way) { return way == Way::OfWork ? 15 : 17; }

}  // namespace

void give_way(Way way) {
  if (::sched_getscheduler(0) != SCHED_OTHER) return;
  // On Linux both are of the calling thread.
  errno = 0;
  const int nice = ::getpriority(PRIO_PROCESS, 0);
  if (errno == 0) ::setpriority(PRIO_PROCESS, 0, std::min(nice + steps_of(way), kMost));
}

}  // namespace threads
