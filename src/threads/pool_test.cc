#include "threads/pool.h"

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "threads/test_time.h"

namespace threads {
namespace {

using std::chrono::steady_clock;

// A task that holds its worker until it is let go.
class Plug {
 public:
  Task task() {
    return [this] {
      started_.set_value();
      release_.get_future().wait();
    };
  }
  void wait_until_started() { started_.get_future().wait(); }
  void release() { release_.set_value(); }

 private:
  std::promise<void> started_;
  std::promise<void> release_;
};

std::unique_ptr<Pool> pool_of(std::size_t threads, std::size_t queue_max) {
  auto pool = Pool::start({.name = "test", .threads = threads, .queue_max = queue_max});
  EXPECT_TRUE(pool.ok());
  return *std::move(pool);
}

TEST(TaskTest, OwnsWhatItCaptures) {
  auto owned = std::make_shared<int>(1);
  const std::weak_ptr<int> seen = owned;
  {
    Task first = [kept = std::move(owned)] { ++*kept; };
    Task second = std::move(first);
    EXPECT_FALSE(static_cast<bool>(first));  // NOLINT(bugprone-use-after-move)
    second();
    EXPECT_EQ(*seen.lock(), 2);
    second = Task();
    EXPECT_TRUE(seen.expired());
  }
}

TEST(TaskTest, AcceptsWhatCannotBeCopied) {
  int result = 0;
  Task task = [number = std::make_unique<int>(7), &result] { result = *number; };
  task();
  EXPECT_EQ(result, 7);
}

TEST(PoolTest, RunsEveryTaskOnce) {
  std::atomic<int> ran = 0;
  const auto pool = pool_of(4, 2000);
  std::vector<std::jthread> submitters;
  for (int t = 0; t < 4; ++t) {
    submitters.emplace_back([&] {
      for (int i = 0; i < 500; ++i) EXPECT_TRUE(pool->submit([&ran] { ++ran; }).ok());
    });
  }
  submitters.clear();
  EXPECT_TRUE(pool->stop(steady_clock::now() + kLong));
  EXPECT_EQ(ran.load(), 2000);
}

TEST(PoolTest, RunsInOrderOfArrival) {
  std::vector<int> order;
  const auto pool = pool_of(1, 10);
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(pool->submit([&order, i] { order.push_back(i); }).ok());
  }
  EXPECT_TRUE(pool->stop(steady_clock::now() + kLong));
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

TEST(PoolTest, RefusesWhatDoesNotFitTheQueue) {
  Plug plug;
  const auto pool = pool_of(1, 2);
  ASSERT_TRUE(pool->submit(plug.task()).ok());
  plug.wait_until_started();
  EXPECT_TRUE(pool->submit([] {}).ok());
  EXPECT_TRUE(pool->submit([] {}).ok());
  EXPECT_EQ(pool->queued(), 2U);
  const auto refused = pool->submit([] {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), base::Code::Exhausted);
  EXPECT_EQ(refused.error().message(), "pool \"test\": queue of 2 is full");
  plug.release();
}

TEST(PoolTest, RefusesTasksOnceStopped) {
  const auto pool = pool_of(1, 2);
  EXPECT_TRUE(pool->stop(steady_clock::now() + kLong));
  const auto refused = pool->submit([] {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), base::Code::Unavailable);
  EXPECT_EQ(refused.error().message(), "pool \"test\": stopping");
}

TEST(PoolTest, StopDropsWhatIsStillQueuedAtTheDeadline) {
  Plug plug;
  bool called = false;
  auto owned = std::make_shared<int>(0);
  const std::weak_ptr<int> seen = owned;
  const auto pool = pool_of(1, 2);
  ASSERT_TRUE(pool->submit(plug.task()).ok());
  plug.wait_until_started();
  ASSERT_TRUE(pool->submit([&called, kept = std::move(owned)] { called = true; }).ok());
  EXPECT_FALSE(pool->stop(steady_clock::now()));
  EXPECT_TRUE(seen.expired());
  plug.release();
  EXPECT_TRUE(pool->stop(steady_clock::now() + kLong));
  EXPECT_FALSE(called);
}

TEST(PoolTest, RefusesSizesThatCannotBeMeant) {
  const auto none = Pool::start({.name = "p", .threads = 0, .queue_max = 1});
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().message(), "pool \"p\": expected 1 to 1024 threads, got 0");
  const auto unqueued = Pool::start({.name = "p", .threads = 1, .queue_max = 0});
  ASSERT_FALSE(unqueued.ok());
  EXPECT_EQ(unqueued.error().message(), "pool \"p\": expected 1 to 1048576 queued tasks, got 0");
}

}  // namespace
}  // namespace threads
