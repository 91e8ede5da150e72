#include "threads/give_way.h"

#include <algorithm>
#include <thread>

#include <gtest/gtest.h>

#include <sched.h>
#include <sys/resource.h>

namespace threads {
namespace {

TEST(GiveWayTest, IsOfTheThreadThatAskedAndHasAnEnd) {
  const int usual = ::getpriority(PRIO_PROCESS, 0);
  std::thread([&] {
    give_way(Way::OfWork);
    EXPECT_EQ(::getpriority(PRIO_PROCESS, 0), std::min(usual + 15, 19));
    for (int i = 0; i < 3; ++i) give_way(Way::OfBackground);
    EXPECT_EQ(::getpriority(PRIO_PROCESS, 0), 19);
  }).join();
  std::thread([&] {
    give_way(Way::OfBackground);
    EXPECT_EQ(::getpriority(PRIO_PROCESS, 0), std::min(usual + 17, 19));
  }).join();
  EXPECT_EQ(::getpriority(PRIO_PROCESS, 0), usual);
}

TEST(GiveWayTest, APolicyThatSomebodyChoseStays) {
  std::thread([] {
    const sched_param none{};
    ASSERT_EQ(::sched_setscheduler(0, SCHED_BATCH, &none), 0);
    const int nice = ::getpriority(PRIO_PROCESS, 0);
    give_way(Way::OfWork);
    EXPECT_EQ(::sched_getscheduler(0), SCHED_BATCH);
    EXPECT_EQ(::getpriority(PRIO_PROCESS, 0), nice);
  }).join();
}

}  // namespace
}  // namespace threads
