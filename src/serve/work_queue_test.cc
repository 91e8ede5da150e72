#include "serve/work_queue.h"

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace serve {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

constexpr auto kLongTime = seconds(30);

// What happened to pieces of work, in order.
struct Diary {
  threads::Guarded<std::vector<std::string>> entries;

  void write(const std::string& entry) { entries.lock()->push_back(entry); }
  std::vector<std::string> read() { return *entries.lock(); }
};

std::string name_of(Reason reason) {
  switch (reason) {
    case Reason::QueueFull: return "full";
    case Reason::WaitTooLong: return "wait";
    case Reason::TooLate: return "late";
    case Reason::Expired: return "expired";
    case Reason::Abandoned: return "abandoned";
    case Reason::Stopping: return "stopping";
  }
  return "?";
}

struct Piece {
  Diary* diary;
  std::unique_ptr<std::string> name;
  bool left = false;

  void run() { diary->write(*name); }
  bool abandoned() const { return left; }
  void drop(const Refusal& why) { diary->write(*name + " " + name_of(why.reason)); }
};

// Holds a worker until it is let go.
struct Plug {
  std::promise<void> started;
  std::promise<void> release;

  struct Piece {
    Plug* plug;
    void run() {
      plug->started.set_value();
      plug->release.get_future().wait();
    }
    bool abandoned() const { return false; }
    void drop(const Refusal&) { plug->started.set_value(); }
  };
};

// A queue of one worker, and a clock that stands still.
class WorkQueueTest : public testing::Test {
 protected:
  void start(std::size_t workers = 1, AdmissionLimits limits = {.queue_max = 8}) {
    auto started =
        WorkQueue::start({.name = "test", .workers = workers, .limits = limits, .now = [this] {
                            return WorkQueue::Time(std::chrono::microseconds(now_us.load()));
                          }});
    ASSERT_TRUE(started.ok());
    queue = *std::move(started);
  }
  void plug() {
    ASSERT_TRUE(queue->submit({.lane = plug_lane, .estimate_us = 1}, Plug::Piece{&held}));
    held.started.get_future().wait();
  }
  WorkQueue::Time in(milliseconds time) const {
    return WorkQueue::Time(std::chrono::microseconds(now_us.load())) + time;
  }
  Piece piece(const std::string& name) { return {&diary, std::make_unique<std::string>(name)}; }
  bool submit(const std::string& name, const WorkQueue::Terms& terms) {
    return queue->submit(terms, piece(name));
  }
  std::vector<std::string> finish() {
    held.release.set_value();
    EXPECT_TRUE(queue->stop(Clock::now() + kLongTime));
    return diary.read();
  }

  std::atomic<std::int64_t> now_us = 1'000'000;
  Diary diary;
  Plug held;
  Lane plug_lane;
  Lane lane;
  Lane other;
  Lane third;
  std::unique_ptr<WorkQueue> queue;
};

using Entries = std::vector<std::string>;

TEST_F(WorkQueueTest, RunsTheOldestFirst) {
  start();
  plug();
  for (const char* name : {"a", "b", "c"}) EXPECT_TRUE(submit(name, {.lane = lane}));
  EXPECT_EQ(queue->figures().queued, 3U);
  EXPECT_EQ(queue->figures().running, 1U);
  EXPECT_EQ(finish(), (Entries{"a", "b", "c"}));
}

TEST_F(WorkQueueTest, RefusesWhatDoesNotFit) {
  start(1, {.queue_max = 2});
  plug();
  EXPECT_TRUE(submit("a", {.lane = lane}));
  EXPECT_TRUE(submit("b", {.lane = lane}));
  EXPECT_FALSE(submit("c", {.lane = lane}));
  EXPECT_EQ(finish(), (Entries{"c full", "a", "b"}));
}

TEST_F(WorkQueueTest, LanesTakeTurnsByTheTimeTheirWorkTakes) {
  start();
  plug();
  for (const char* name : {"a1", "a2", "a3"}) submit(name, {.lane = lane, .estimate_us = 200});
  for (const char* name : {"b1", "b2", "b3"}) submit(name, {.lane = other, .estimate_us = 100});
  EXPECT_EQ(finish(), (Entries{"a1", "b1", "b2", "a2", "b3", "a3"}));
}

TEST_F(WorkQueueTest, AFloodOfOneLaneLeavesRoomForAnother) {
  start(1, {.queue_max = 100});
  plug();
  int taken = 0;
  for (int i = 0; i < 50; ++i) taken += submit("flood", {.lane = lane, .estimate_us = 5000});
  EXPECT_LT(taken, 15);
  EXPECT_TRUE(submit("guest", {.lane = other, .estimate_us = 5000}));
  held.release.set_value();
  EXPECT_TRUE(queue->stop(Clock::now() + kLongTime));
  const Entries entries = diary.read();
  const auto first_run = std::find(entries.begin(), entries.end(), "flood");
  EXPECT_LE(std::find(entries.begin(), entries.end(), "guest") - first_run, 1);
}

TEST_F(WorkQueueTest, WhoIsOfferedMoreWaitsLessBehindItsOwnWork) {
  start(1, {.queue_max = 100});
  const WorkQueue::Terms own{.lane = plug_lane, .estimate_us = 20'000};
  ASSERT_TRUE(queue->submit(own, Plug::Piece{&held}));
  held.started.get_future().wait();
  // What has expired is offered all the same: ten times what can be done.
  for (int i = 0; i < 100; ++i) {
    submit("x", {.lane = plug_lane, .estimate_us = 20'000, .deadline = in(milliseconds(-1))});
  }
  EXPECT_FALSE(submit("early", own));
  now_us += 14'000;
  EXPECT_TRUE(submit("in time", own));
  EXPECT_TRUE(submit("guest", {.lane = other, .estimate_us = 100}));
  Entries entries = finish();
  std::erase(entries, "x expired");
  EXPECT_EQ(entries, (Entries{"early wait", "guest", "in time"}));
}

TEST_F(WorkQueueTest, LowPriorityGivesWayButNotForEver) {
  start(1, {.queue_max = 8, .queue_time_max_us = 100'000});
  plug();
  submit("low", {.lane = lane, .priority = Priority::Low});
  submit("normal", {.lane = lane});
  now_us += 40'000;
  submit("later", {.lane = other});
  now_us += 20'000;
  // From here on it has waited for more than half of the longest wait.
  submit("latest", {.lane = third});
  EXPECT_EQ(finish(), (Entries{"low", "normal", "later", "latest"}));
}

TEST_F(WorkQueueTest, NormalWorkGoesBeforeLow) {
  start();
  plug();
  submit("low", {.lane = lane, .priority = Priority::Low});
  submit("a", {.lane = lane});
  submit("b", {.lane = other});
  EXPECT_EQ(finish(), (Entries{"a", "b", "low"}));
}

TEST_F(WorkQueueTest, RefusesWhatWouldBeLateAtOnce) {
  start();
  plug();
  EXPECT_TRUE(submit("a", {.lane = lane, .estimate_us = 5000}));
  EXPECT_FALSE(submit("b", {.lane = lane, .estimate_us = 5000, .deadline = in(milliseconds(9))}));
  EXPECT_TRUE(submit("c", {.lane = lane, .estimate_us = 5000, .deadline = in(milliseconds(11))}));
  EXPECT_FALSE(submit("d", {.lane = lane, .estimate_us = 1, .deadline = in(milliseconds(0))}));
  EXPECT_EQ(finish(), (Entries{"b late", "d expired", "a", "c"}));
}

TEST_F(WorkQueueTest, DropsWhatHasExpiredOrIsAbandonedUncomputed) {
  start();
  plug();
  submit("a", {.lane = lane, .estimate_us = 10, .deadline = in(milliseconds(5))});
  submit("b", {.lane = lane, .estimate_us = 10});
  Piece left = piece("c");
  left.left = true;
  EXPECT_TRUE(queue->submit({.lane = lane, .estimate_us = 10}, std::move(left)));
  submit("d", {.lane = lane, .estimate_us = 10, .deadline = in(milliseconds(500))});
  now_us += 5000;
  EXPECT_EQ(finish(), (Entries{"a expired", "b", "c abandoned", "d"}));
}

TEST_F(WorkQueueTest, AFreeWorkerTriesWhateverTheEstimateSays) {
  start();
  EXPECT_TRUE(submit("a", {.lane = lane, .estimate_us = 1e9, .deadline = in(milliseconds(1))}));
  held.release.set_value();
  EXPECT_TRUE(queue->stop(Clock::now() + kLongTime));
  EXPECT_EQ(diary.read(), (Entries{"a"}));
  EXPECT_LT(lane.calibration().ratio(), 1);
}

TEST_F(WorkQueueTest, StopDropsWhatWaitsAtTheDeadlineAndRefusesMore) {
  start();
  plug();
  submit("a", {.lane = lane});
  EXPECT_FALSE(queue->stop(Clock::now()));
  EXPECT_FALSE(submit("b", {.lane = lane}));
  EXPECT_EQ(finish(), (Entries{"a stopping", "b stopping"}));
}

TEST_F(WorkQueueTest, SaysWhenToTryAgain) {
  start(1, {.queue_max = 1});
  plug();
  submit("a", {.lane = lane});
  struct Timid {
    std::vector<seconds>* waits;
    void run() {}
    bool abandoned() const { return false; }
    void drop(const Refusal& why) { waits->push_back(why.retry_after); }
  };
  std::vector<seconds> waits;
  for (int i = 0; i < 100; ++i) queue->submit({.lane = lane}, Timid{&waits});
  ASSERT_EQ(waits.size(), 100U);
  for (const seconds wait : waits) {
    EXPECT_GE(wait, seconds(1));
    EXPECT_LE(wait, seconds(4));
  }
  finish();
}

TEST_F(WorkQueueTest, RefusesSizesThatCannotBeMeant) {
  const auto none = WorkQueue::start({.name = "q", .workers = 0, .now = Clock::now});
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().message(), "queue \"q\": expected 1 to 1024 workers, got 0");
  const auto unqueued =
      WorkQueue::start({.name = "q", .workers = 1, .limits = {.queue_max = 0}, .now = Clock::now});
  ASSERT_FALSE(unqueued.ok());
  EXPECT_EQ(unqueued.error().message(),
            "queue \"q\": expected 1 to 1048576 queued requests, got 0");
}

TEST(WorkQueueThreadsTest, EveryPieceIsRunOrDroppedOnce) {
  struct Counted {
    std::atomic<int>* ran;
    std::atomic<int>* dropped;
    void run() { ++*ran; }
    bool abandoned() const { return false; }
    void drop(const Refusal&) { ++*dropped; }
  };
  std::atomic<int> ran = 0;
  std::atomic<int> dropped = 0;
  Lane lanes[3];
  auto queue = WorkQueue::start(
      {.name = "test", .workers = 4, .limits = {.queue_max = 16}, .now = Clock::now});
  ASSERT_TRUE(queue.ok());
  std::vector<std::jthread> submitters;
  for (std::size_t t = 0; t < 4; ++t) {
    submitters.emplace_back([&, t] {
      for (std::size_t i = 0; i < 2000; ++i) {
        const auto priority = i % 5 == 0 ? Priority::Low : Priority::Normal;
        (*queue)->submit({.lane = lanes[(t + i) % 3], .estimate_us = 1, .priority = priority},
                         Counted{&ran, &dropped});
        if (i % 100 == 0) static_cast<void>((*queue)->figures());
      }
    });
  }
  submitters.clear();
  EXPECT_TRUE((*queue)->stop(Clock::now() + kLongTime));
  EXPECT_EQ(ran + dropped, 8000);
  EXPECT_GT(ran, 0);
}

}  // namespace
}  // namespace serve
