#include "threads/parallel.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace threads {
namespace {

using base::Code;
using base::Error;

TEST(ParallelTest, DoesEachOnce) {
  for (const std::size_t parallel : {0U, 1U, 3U, 50U}) {
    std::vector<std::atomic<int>> done(10);
    const auto outcome =
        in_parallel(done.size(), parallel,
                    [&](std::size_t index, const std::stop_token&) -> base::Result<void> {
                      ++done[index];
                      return {};
                    });
    EXPECT_TRUE(outcome.ok());
    for (const auto& each : done) EXPECT_EQ(each, 1);
  }
  EXPECT_TRUE(in_parallel(0, 4, nullptr).ok());
}

TEST(ParallelTest, DoesAsManyAtOnceAsToldAndNoMore) {
  std::mutex mutex;
  std::condition_variable changed;
  int running = 0;
  int most = 0;
  const auto outcome =
      in_parallel(9, 3, [&](std::size_t index, const std::stop_token&) -> base::Result<void> {
        std::unique_lock lock(mutex);
        most = std::max(most, ++running);
        changed.notify_all();
        // The first three wait for one another.
        if (index < 3) changed.wait(lock, [&] { return most == 3; });
        --running;
        return {};
      });
  EXPECT_TRUE(outcome.ok());
  EXPECT_EQ(most, 3);
}

TEST(ParallelTest, BeginsNothingAfterTheFirstErrorAndStopsTheRest) {
  std::atomic<int> begun = 0;
  const auto outcome = in_parallel(
      100, 2, [&](std::size_t index, const std::stop_token& stop) -> base::Result<void> {
        ++begun;
        if (index == 1) return Error(Code::Corrupt, "the second");
        while (!stop.stop_requested()) std::this_thread::yield();
        return Error(Code::Cancelled, "because of another");
      });
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().message(), "the second");
  EXPECT_EQ(begun, 2);
}

}  // namespace
}  // namespace threads
