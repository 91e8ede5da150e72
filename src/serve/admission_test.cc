#include "serve/admission.h"

#include <chrono>
#include <vector>

#include <gtest/gtest.h>

#include "base/status.h"
#include "config/settings.h"
#include "serve/queue_options.h"

namespace serve {
namespace {

using std::chrono::milliseconds;

TEST(PredictedWaitTest, WorksOutWhenTheNextWorkerIsFree) {
  const struct {
    std::vector<double> busy_us;
    Backlog ahead;
    double expected_us;
  } cases[] = {
      {{0}, {0, 0}, 0},
      {{700}, {0, 0}, 700},
      {{700}, {2, 2000}, 2700},
      {{0, 0}, {0, 0}, 0},
      {{300, 900}, {0, 0}, 300},
      {{300, 900}, {1, 1000}, 900},
      {{300, 900}, {2, 2000}, 1300},
      {{300, 900}, {3, 3000}, 1900},
      // One that hangs is worked around.
      {{1e9, 100}, {2, 2000}, 2100},
      {{0, 250, 500, 750}, {4, 4000}, 1000},
  };
  for (const auto& c : cases) {
    std::vector<double> busy_us = c.busy_us;
    EXPECT_DOUBLE_EQ(predicted_wait_us(busy_us, c.ahead), c.expected_us)
        << c.busy_us.size() << " workers, " << c.ahead.count << " ahead";
  }
}

TEST(PredictedWaitTest, OfALongQueueIsAtMostOnePieceTooLong) {
  for (const std::size_t workers : {1U, 2U, 7U, 16U}) {
    std::vector<double> busy_us;
    for (std::size_t i = 0; i < workers; ++i) busy_us.push_back(static_cast<double>(i * 13 % 100));
    // 100 pieces of 100 us, given one by one to whoever is free first.
    std::vector<double> free_us = busy_us;
    for (int i = 0; i < 100; ++i) *std::min_element(free_us.begin(), free_us.end()) += 100;
    const double exact_us = *std::min_element(free_us.begin(), free_us.end());
    const double predicted_us = predicted_wait_us(busy_us, {100, 10'000});
    EXPECT_GE(predicted_us, exact_us - 1e-9) << workers;
    EXPECT_LE(predicted_us, exact_us + 100) << workers;
  }
}

TEST(PredictedWaitTest, WorksAroundAHangingWorkerInALongQueue) {
  std::vector<double> busy_us = {1e12, 0, 0};
  EXPECT_DOUBLE_EQ(predicted_wait_us(busy_us, {1000, 20'000}), 10'000);
}

// Offers pieces of `cost_us` at so many times the capacity of the workers.
double offered_after(OfferedLoad& load, OfferedLoad::Time& now, std::size_t workers, double cost_us,
                     double times, milliseconds during) {
  const auto gap =
      std::chrono::duration<double, std::micro>(cost_us / (times * static_cast<double>(workers)));
  const auto end = now + during;
  double offered = 0;
  while (now < end) {
    now += std::chrono::duration_cast<OfferedLoad::Time::duration>(gap);
    offered = load.offer(now, cost_us);
  }
  return offered;
}

TEST(OfferedLoadTest, TellsHowManyTimesTheCapacityIsOffered) {
  for (const std::size_t workers : {1U, 2U, 16U}) {
    for (const double times : {0.3, 0.9, 2.0}) {
      OfferedLoad load(workers);
      OfferedLoad::Time now{};
      EXPECT_NEAR(offered_after(load, now, workers, 5000, times, milliseconds(1000)), times, 0.1)
          << workers;
    }
  }
}

TEST(OfferedLoadTest, SeesTheEndOfAnOverloadWithinATenthOfASecond) {
  for (const std::size_t workers : {1U, 2U, 16U}) {
    OfferedLoad load(workers);
    OfferedLoad::Time now{};
    EXPECT_DOUBLE_EQ(offered_after(load, now, workers, 5000, 10, milliseconds(500)), 2.5);
    EXPECT_NEAR(load.uncapped(), 10, 0.5);
    EXPECT_LT(offered_after(load, now, workers, 5000, 0.5, milliseconds(100)), 1.1);
  }
}

TEST(OfferedLoadTest, FadesWhenNothingComes) {
  OfferedLoad load(1);
  OfferedLoad::Time now{};
  load.offer(now, 5000);
  EXPECT_LT(load.at(now + std::chrono::hours(1)), 1e-9);
  // Threads may read the clock in one order and arrive in another.
  EXPECT_GT(load.offer(now - milliseconds(1), 5000), 0);
}

TEST(WaitLimitTest, IsLongForABurstAndShortUnderOverload) {
  const AdmissionLimits limits;
  const struct {
    double cost_us;
    Priority priority;
    Offered offered;
    double expected_us;
  } cases[] = {
      {5000, Priority::Normal, {0.5, 0.5, 1}, 30'000},
      {5000, Priority::Normal, {1.1, 1.1, 1}, 30'000},
      {5000, Priority::Normal, {1.4, 1.4, 1}, 4250},
      {5000, Priority::Normal, {2, 2, 1}, 4250},
      // More workers need less to fall back on, and so does who is offered more.
      {5000, Priority::Normal, {1.5, 1.5, 2}, 4125},
      {5000, Priority::Normal, {2, 2, 2}, 4125},
      {5000, Priority::Normal, {2.5, 5, 1}, 3500},
      {5000, Priority::Normal, {2.5, 10, 1}, 1750},
      {5000, Priority::Normal, {2.5, 2.5, 16}, 1000},
      {10, Priority::Normal, {2, 2, 1}, 1000},
      {10, Priority::Normal, {0.5, 0.5, 1}, 1000},
      {1e6, Priority::Normal, {0.5, 0.5, 1}, 500'000},
      {5000, Priority::Low, {0.5, 0.5, 1}, 30'000},
      {5000, Priority::Low, {2, 2, 1}, 0},
  };
  for (const auto& c : cases) {
    EXPECT_NEAR(wait_limit_us(c.cost_us, c.priority, c.offered, limits), c.expected_us, 1e-6)
        << c.cost_us << " at " << c.offered.uncapped << ", " << c.offered.workers << " workers";
  }
  const double between = wait_limit_us(5000, Priority::Normal, {1.25, 1.25, 1}, limits);
  EXPECT_NEAR(between, 17'125, 1);
}

TEST(RefusalTest, FollowsFromTheViewOfTheQueue) {
  const AdmissionLimits limits{.queue_max = 4, .queue_time_max_us = 500'000};
  const QueueView busy{.queued = 1, .longest_us = 100'000, .wait_us = 6000, .offered = {2, 2, 1}};
  const QueueView free{.worker_is_free = true};
  QueueView full = busy;
  full.queued = 4;
  QueueView first = busy;
  first.alone_of_its_kind = true;
  first.others_are_ahead = true;
  first.longest_us = 0;
  QueueView behind_its_own = first;
  behind_its_own.others_are_ahead = false;
  behind_its_own.longest_us = 7100;
  QueueView hangs = first;
  hangs.wait_us = 600'000;
  const struct {
    Ask ask;
    QueueView view;
    std::optional<Reason> expected;
  } cases[] = {
      {{.cost_us = 5000}, busy, Reason::WaitTooLong},
      {{.cost_us = 7200}, busy, std::nullopt},
      {{.cost_us = 7200, .due_us = 13'199}, busy, Reason::TooLate},
      {{.cost_us = 7200, .due_us = 13'200}, busy, std::nullopt},
      // A deadline far away is no wish to wait for long.
      {{.cost_us = 5000, .due_us = 1e9}, busy, Reason::WaitTooLong},
      {{.cost_us = 6000}, full, Reason::QueueFull},
      {{.cost_us = 1}, first, std::nullopt},
      {{.cost_us = 1}, behind_its_own, std::nullopt},
      {{.cost_us = 1, .priority = Priority::Low}, behind_its_own, Reason::WaitTooLong},
      {{.cost_us = 1}, hangs, Reason::WaitTooLong},
      {{.cost_us = 1, .priority = Priority::Low}, first, Reason::WaitTooLong},
      // However wrong the estimate, a free worker tries.
      {{.cost_us = 1e12, .due_us = 1}, free, std::nullopt},
      {{.cost_us = 1, .due_us = 0}, free, Reason::Expired},
      {{.cost_us = 1, .due_us = -5}, full, Reason::Expired},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(refusal_of(c.ask, c.view, limits), c.expected) << c.ask.cost_us;
  }
}

TEST(RefusalTest, EachReasonHasItsStatus) {
  const struct {
    Reason reason;
    int http;
    std::string_view grpc;
  } cases[] = {
      {Reason::QueueFull, 429, "RESOURCE_EXHAUSTED"},
      {Reason::WaitTooLong, 429, "RESOURCE_EXHAUSTED"},
      {Reason::TooLate, 429, "RESOURCE_EXHAUSTED"},
      {Reason::Expired, 504, "DEADLINE_EXCEEDED"},
      {Reason::Abandoned, 499, "CANCELLED"},
      {Reason::Stopping, 503, "UNAVAILABLE"},
  };
  for (const auto& c : cases) {
    const base::Error error = error_of({c.reason, std::chrono::seconds(1)});
    EXPECT_EQ(base::status_of(error.code()).http, c.http);
    EXPECT_EQ(base::status_of(error.code()).grpc_name, c.grpc);
    EXPECT_FALSE(error.message().empty());
  }
}

TEST(QueueOptionsTest, TheDefaultsAreThoseOfTheTable) {
  const AdmissionLimits limits = admission_limits(config::Settings(queue_options()));
  EXPECT_EQ(limits.queue_max, AdmissionLimits().queue_max);
  EXPECT_EQ(limits.queue_time_max_us, AdmissionLimits().queue_time_max_us);
}

}  // namespace
}  // namespace serve
