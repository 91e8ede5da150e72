#include "threads/give_way.h"

#include <algorithm>
#include <cerrno>

#include <sched.h>
#include <sys/resource.h>

namespace threads {
namespace {

// Each step of niceness takes a fifth of the weight: ten leave 110 of 1024.
constexpr int kSteps = 10;
constexpr int kMost = 19;

}  // namespace

void give_way() {
  if (::sched_getscheduler(0) != SCHED_OTHER) return;
  // On Linux both are of the calling thread.
  errno = 0;
  const int nice = ::getpriority(PRIO_PROCESS, 0);
  if (errno == 0) ::setpriority(PRIO_PROCESS, 0, std::min(nice + kSteps, kMost));
}

}  // namespace threads
