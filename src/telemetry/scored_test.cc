#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include "telemetry/request_log.h"
#include "telemetry/scored_queue.h"

namespace telemetry {
namespace {

using std::chrono::steady_clock;

Scored event_of(std::uint64_t number) {
  Scored event;
  event.endpoint = "faq";
  event.rows = number;
  event.request_id = RequestId(std::to_string(number));
  return event;
}

// Keeps what it is given; may be held up.
class KeepingSink final : public ScoredSink {
 public:
  void take(std::span<const Scored> events) override {
    const std::scoped_lock held(held_);
    for (const Scored& event : events) rows.push_back(event.rows);
  }
  std::mutex& gate() { return held_; }

  std::vector<std::uint64_t> rows;

 private:
  std::mutex held_;
};

std::string dropped(const Metrics& metrics) {
  const std::string text = metrics.text();
  const std::size_t at = text.rfind("sooth_events_dropped_total ");
  return text.substr(at, text.find('\n', at) - at);
}

TEST(ScoredQueueTest, HandsOnInOrder) {
  Metrics metrics;
  KeepingSink first;
  KeepingSink second;
  auto queue = *ScoredQueue::start(1024, {&first, &second}, metrics);
  std::vector<std::uint64_t> expected;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    ASSERT_TRUE(queue->push(event_of(i)));
    expected.push_back(i);
  }
  queue->stop();
  EXPECT_EQ(first.rows, expected);
  EXPECT_EQ(second.rows, expected);
  EXPECT_EQ(dropped(metrics), "sooth_events_dropped_total 0");
}

TEST(ScoredQueueTest, HandsOnWithoutBeingStopped) {
  Metrics metrics;
  KeepingSink sink;
  auto queue = *ScoredQueue::start(64, {&sink}, metrics);
  queue->push(event_of(7));
  const auto deadline = steady_clock::now() + std::chrono::seconds(30);
  for (bool there = false; !there && steady_clock::now() < deadline;) {
    const std::scoped_lock held(sink.gate());
    there = !sink.rows.empty();
  }
  const std::scoped_lock held(sink.gate());
  EXPECT_EQ(sink.rows, std::vector<std::uint64_t>{7});
}

TEST(ScoredQueueTest, DropsTheNewestWhereTheSinkIsHeldUpAndCounts) {
  Metrics metrics;
  KeepingSink sink;
  auto queue = *ScoredQueue::start(128, {&sink}, metrics);
  std::uint64_t taken = 0;
  {
    const std::scoped_lock held(sink.gate());
    for (std::uint64_t i = 0; i < 1000; ++i) taken += queue->push(event_of(i)) ? 1 : 0;
    // What the queue holds, and what it has handed on already.
    EXPECT_GE(taken, 128U);
    EXPECT_LE(taken, 128U + 64U);
  }
  queue->stop();
  ASSERT_EQ(sink.rows.size(), taken);
  for (std::size_t i = 0; i < 128; ++i) EXPECT_EQ(sink.rows[i], i);
  EXPECT_EQ(dropped(metrics), "sooth_events_dropped_total " + std::to_string(1000 - taken));
}

TEST(ScoredQueueTest, ThreadsLoseNothingThatIsNotCounted) {
  constexpr std::uint64_t kEach = 5000;
  Metrics metrics;
  KeepingSink sink;
  auto queue = *ScoredQueue::start(256, {&sink}, metrics);
  std::atomic<std::uint64_t> taken = 0;
  std::vector<std::jthread> threads;
  for (std::uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < kEach; ++i) {
        if (queue->push(event_of(t * kEach + i))) ++taken;
      }
    });
  }
  threads.clear();
  queue->stop();
  EXPECT_EQ(sink.rows.size(), taken);
  EXPECT_EQ(dropped(metrics), "sooth_events_dropped_total " + std::to_string(4 * kEach - taken));
  // Of one thread, in order; of all, none twice.
  std::vector<std::uint64_t> next(4);
  for (const std::uint64_t row : sink.rows) {
    EXPECT_GE(row % kEach, next[row / kEach]);
    next[row / kEach] = row % kEach + 1;
  }
}

TEST(ScoredQueueTest, RefusesACapacityThatIsNone) {
  Metrics metrics;
  for (const std::size_t capacity : {std::size_t{0}, ScoredQueue::kCapacityMax + 1}) {
    const auto queue = ScoredQueue::start(capacity, {}, metrics);
    ASSERT_FALSE(queue.ok());
    EXPECT_EQ(queue.error().message(),
              "queue of events: expected 1 to 1048576, got " + std::to_string(capacity));
  }
}

std::string logged(double ratio, std::span<const Scored> events) {
  std::ostringstream out;
  {
    Log log({}, std::make_shared<spdlog::sinks::ostream_sink_mt>(out));
    RequestLog(log, ratio).take(events);
  }
  return out.str();
}

std::ptrdiff_t lines(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

TEST(RequestLogTest, WritesALineForEachRequest) {
  Scored event = event_of(2);
  event.version = "3";
  event.wire = Wire::OipRest;
  event.key_id = "abcdefghijklmnop";
  event.request_id = RequestId("0af7651916cd43dd8448eb211c80319c");
  event.trace =
      find_place("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", {}, fast_random_bits);
  event.took_ns = 120'900;
  event.parse = {0, 10'000};
  event.queue = {10'000, 20'000};
  event.compute = {30'000, 80'000};
  event.write = {110'000, 10'900};
  event.bytes_in = 64;
  event.bytes_out = 32;
  const std::string text = logged(1, std::span(&event, 1));
  EXPECT_EQ(text.substr(text.find("\"message\"")),
            "\"message\":\"scored\",\"endpoint\":\"faq\",\"version\":\"3\","
            "\"protocol\":\"oip_rest\",\"key\":\"abcdefghijklmnop\","
            "\"request_id\":\"0af7651916cd43dd8448eb211c80319c\","
            "\"trace_id\":\"0af7651916cd43dd8448eb211c80319c\",\"status\":200,\"rows\":2,"
            "\"us\":120,\"parse_us\":10,\"queue_us\":20,\"compute_us\":80,\"write_us\":10,"
            "\"bytes_in\":64,\"bytes_out\":32}\n");
}

TEST(RequestLogTest, WritesNoSecretThatAClientCallsItsRequestBy) {
  Scored event = event_of(1);
  event.request_id = RequestId("password=hunter2");
  EXPECT_EQ(logged(1, std::span(&event, 1)).find("hunter2"), std::string::npos);
}

TEST(RequestLogTest, WritesAShareAndAllThatFailed) {
  std::vector<Scored> events;
  for (std::uint64_t i = 0; i < 4000; ++i) events.push_back(event_of(i));
  EXPECT_EQ(lines(logged(0, events)), 0);
  EXPECT_EQ(lines(logged(1, events)), 4000);
  const auto some = lines(logged(0.25, events));
  EXPECT_GT(some, 850);
  EXPECT_LT(some, 1150);
  for (Scored& event : events) event.status = 500;
  EXPECT_EQ(lines(logged(0, events)), 4000);
}

}  // namespace
}  // namespace telemetry
