#include "threads/promptness.h"

#include <thread>

#include <gtest/gtest.h>

#include <sched.h>
#include <sys/resource.h>

namespace threads {
namespace {

TEST(PromptnessTest, LeavesPolicyAndNicenessAsTheyAre) {
  std::thread([] {
    const int nice = ::getpriority(PRIO_PROCESS, 0);
    be_prompt();
    EXPECT_EQ(::sched_getscheduler(0), SCHED_OTHER);
    EXPECT_EQ(::getpriority(PRIO_PROCESS, 0), nice);
    const sched_param none{};
    ASSERT_EQ(::sched_setscheduler(0, SCHED_BATCH, &none), 0);
    be_prompt();
    EXPECT_EQ(::sched_getscheduler(0), SCHED_BATCH);
  }).join();
}

}  // namespace
}  // namespace threads
