#include "front/refresh_schedule.h"

#include <gtest/gtest.h>

namespace front {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using Time = RefreshSchedule::Time;

constexpr Time kStart = Time(hours(1000));

// Whether the schedule is due at this time after the start, and not a moment before.
bool due_first_at(const RefreshSchedule& schedule, milliseconds time) {
  return schedule.is_due(kStart + time) && !schedule.is_due(kStart + time - milliseconds(1));
}

TEST(RefreshScheduleTest, ComesEveryTenMinutesATenthMoreOrLess) {
  RefreshSchedule schedule({});
  EXPECT_TRUE(schedule.is_due(kStart));
  schedule.succeeded(kStart, 0);
  EXPECT_TRUE(due_first_at(schedule, minutes(9)));
  schedule.succeeded(kStart, 0.5);
  EXPECT_TRUE(due_first_at(schedule, minutes(10)));
  schedule.succeeded(kStart, 1);
  EXPECT_TRUE(due_first_at(schedule, minutes(11)));
}

TEST(RefreshScheduleTest, AWishIsGrantedOnceAMinute) {
  RefreshSchedule schedule({});
  schedule.wish();
  EXPECT_TRUE(schedule.is_due(kStart));
  schedule.succeeded(kStart, 0.5);
  for (int i = 0; i < 1000; ++i) schedule.wish();
  EXPECT_TRUE(due_first_at(schedule, minutes(1)));
  schedule.succeeded(kStart + minutes(1), 0.5);
  EXPECT_TRUE(due_first_at(schedule, minutes(11)));
  schedule.wish();
  EXPECT_TRUE(due_first_at(schedule, minutes(2)));
}

TEST(RefreshScheduleTest, TriesSoonWhileThereAreNoKeys) {
  RefreshSchedule schedule({});
  const int pauses[] = {1, 2, 4, 8, 16, 32, 60, 60, 60};
  for (const int pause : pauses) {
    schedule.failed(kStart, 0);
    schedule.wish();
    EXPECT_TRUE(due_first_at(schedule, seconds(pause)));
  }
  for (int i = 0; i < 100; ++i) schedule.failed(kStart, 1);
  EXPECT_TRUE(due_first_at(schedule, seconds(90)));
  EXPECT_FALSE(schedule.is_stale(kStart + hours(10'000)));
}

TEST(RefreshScheduleTest, TriesEachMinuteWhileOldKeysStandIn) {
  RefreshSchedule schedule({});
  schedule.succeeded(kStart - minutes(10), 0.5);
  schedule.failed(kStart, 0);
  EXPECT_TRUE(due_first_at(schedule, minutes(1)));
  schedule.wish();
  EXPECT_TRUE(due_first_at(schedule, minutes(1)));
  schedule.failed(kStart, 1);
  EXPECT_TRUE(due_first_at(schedule, seconds(90)));
}

TEST(RefreshScheduleTest, OldKeysStandInForADay) {
  RefreshSchedule schedule({});
  schedule.succeeded(kStart, 0.5);
  schedule.failed(kStart + hours(23), 0.5);
  EXPECT_FALSE(schedule.is_stale(kStart + hours(24)));
  EXPECT_TRUE(schedule.is_stale(kStart + hours(24) + milliseconds(1)));
  schedule.succeeded(kStart + hours(25), 0.5);
  EXPECT_FALSE(schedule.is_stale(kStart + hours(25)));
}

}  // namespace
}  // namespace front
