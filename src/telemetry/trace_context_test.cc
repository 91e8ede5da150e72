#include "telemetry/trace_context.h"

#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace telemetry {
namespace {

const std::string kTrace = "0af7651916cd43dd8448eb211c80319c";
const std::string kSpan = "b7ad6b7169203331";
const std::string kParent = "00-" + kTrace + "-" + kSpan + "-01";

RandomBits counting(std::uint64_t first = 1) {
  return [next = first]() mutable { return next++; };
}

TEST(TraceParentTest, IsReadAndWritten) {
  const auto parent = parse_traceparent(kParent);
  ASSERT_TRUE(parent);
  EXPECT_EQ(parent->trace.hex(), kTrace);
  EXPECT_EQ(parent->span.hex(), kSpan);
  EXPECT_TRUE(parent->sampled);
  EXPECT_FALSE(parent->random);
  EXPECT_EQ(format_traceparent(*parent), kParent);
}

TEST(TraceParentTest, KeepsTheFlagsThatItKnows) {
  const std::string front = "00-" + kTrace + "-" + kSpan + "-";
  for (const auto& [came, goes] : std::vector<std::pair<std::string, std::string>>{
           {"00", "00"}, {"01", "01"}, {"02", "02"}, {"03", "03"}, {"fe", "02"}, {"ff", "03"}}) {
    const auto parent = parse_traceparent(front + came);
    ASSERT_TRUE(parent) << came;
    EXPECT_EQ(format_traceparent(*parent), front + goes);
  }
}

TEST(TraceParentTest, TakesLaterVersions) {
  for (const char* rest : {"", "-", "-what the future brings"}) {
    EXPECT_EQ(parse_traceparent("cc" + kParent.substr(2) + rest), parse_traceparent(kParent));
  }
}

TEST(TraceParentTest, RefusesWhatIsMalformed) {
  const std::string zeros32(32, '0');
  const std::string zeros16(16, '0');
  const std::vector<std::string> wrong = {
      "",
      "00",
      kParent.substr(0, 54),
      kParent + "-00",  // Version 00 ends there.
      kParent + " ",
      " " + kParent,
      "ff" + kParent.substr(2),
      "cc" + kParent.substr(2) + "0",
      "0x" + kParent.substr(2),
      "00-" + zeros32 + "-" + kSpan + "-01",
      "00-" + kTrace + "-" + zeros16 + "-01",
      "00-0AF7651916CD43DD8448EB211C80319C-" + kSpan + "-01",
      "00-" + kTrace + "-B7AD6B7169203331-01",
      "00-" + kTrace + "-" + kSpan + "-0A",
      "00-" + kTrace + "-" + kSpan + "-1",
      "00-" + kTrace + "-" + kSpan + "_01",
      "00-" + kTrace + "_" + kSpan + "-01",
      "00_" + kTrace + "-" + kSpan + "-01",
      "00-" + kTrace.substr(1) + "g-" + kSpan + "-01",
      "00-" + kTrace.substr(1) + "-" + kSpan + "0-01",
  };
  for (const std::string& text : wrong) EXPECT_FALSE(parse_traceparent(text)) << text;
}

TEST(TraceStateTest, IsPassedOnWholeOrNotAtAll) {
  const std::string long_value(256, 'x');
  const std::vector<std::string> good = {"a=b",
                                         "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE",
                                         "a=1, b=2 ,\tc=3",
                                         "a=1,,b=2",
                                         "1a-_*/@x=y z!",
                                         "foo=" + long_value,
                                         "a= b"};
  for (const std::string& text : good) EXPECT_EQ(valid_tracestate(text), text);
  std::string many = "k0=v";
  for (int i = 1; i < 33; ++i) many += ",k" + std::to_string(i) + "=v";
  const std::vector<std::string> wrong = {
      "",
      ",",
      "a",
      "=b",
      "a=",
      "A=b",
      "@a=b",
      "a=b=c",
      "a b=c",
      "a =b",
      "a=b\n",
      "a=\x7f",
      "a=é",
      "*a=b",
      many,
      "a=b,c",
      "foo=" + long_value + "y",
      "a=" + std::string(255, 'x') + ",b=" + std::string(255, 'y'),
  };
  for (const std::string& text : wrong) EXPECT_EQ(valid_tracestate(text), "") << text;
}

TEST(SamplerTest, FollowsWhoAskedUnlessToldNotTo) {
  const TraceId high = parse_traceparent("00-" + std::string(32, 'f') + "-" + kSpan + "-00")->trace;
  const TraceId low = make_trace_id(counting());
  const Sampler never{.ratio = 0};
  const Sampler half{.ratio = 0.5};
  const Sampler always{.ratio = 1};
  EXPECT_TRUE(never.takes(high, true));
  EXPECT_FALSE(always.takes(high, false));
  EXPECT_FALSE(never.takes(low, std::nullopt));
  EXPECT_TRUE(half.takes(low, std::nullopt));
  EXPECT_FALSE(half.takes(high, std::nullopt));
  EXPECT_TRUE(always.takes(high, std::nullopt));
  const Sampler own{.follows_parent = false, .ratio = 0.5};
  EXPECT_FALSE(own.takes(high, true));
  EXPECT_TRUE(own.takes(low, false));
}

TEST(SamplerTest, TakesAboutItsShare) {
  const Sampler tenth{.ratio = 0.1};
  int taken = 0;
  for (int i = 0; i < 10'000; ++i) {
    taken += tenth.takes(make_trace_id(fast_random_bits), std::nullopt) ? 1 : 0;
  }
  EXPECT_GT(taken, 800);
  EXPECT_LT(taken, 1200);
}

TEST(TracePlaceTest, GoesOnWithATraceOrBeginsOne) {
  const TracePlace joined = find_place(kParent, {.ratio = 0}, counting());
  EXPECT_EQ(joined.trace.hex(), kTrace);
  EXPECT_EQ(joined.parent.hex(), kSpan);
  EXPECT_EQ(joined.span.hex(), "0000000000000001");
  EXPECT_TRUE(joined.sampled);
  EXPECT_TRUE(joined.known());
  const TracePlace begun = find_place("nonsense", {.ratio = 0}, counting());
  EXPECT_EQ(begun.span.hex(), "0000000000000001");
  EXPECT_EQ(begun.trace.hex(), "00000000000000020000000000000003");
  EXPECT_TRUE(begun.parent.empty());
  EXPECT_FALSE(begun.known());
  EXPECT_TRUE(find_place("", {.ratio = 1}, counting()).known());
}

TEST(TraceIdTest, IsNeverAllZeros) {
  const auto zero = [] { return std::uint64_t{0}; };
  EXPECT_FALSE(make_trace_id(zero).empty());
  EXPECT_FALSE(make_span_id(zero).empty());
}

TEST(RandomBitsTest, DifferFromThreadToThread) {
  std::vector<std::uint64_t> all(4 * 1000);
  std::vector<std::jthread> threads;
  for (std::size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&all, t] {
      for (std::size_t i = 0; i < 1000; ++i) all[t * 1000 + i] = fast_random_bits();
    });
  }
  threads.clear();
  EXPECT_EQ(std::set<std::uint64_t>(all.begin(), all.end()).size(), all.size());
}

}  // namespace
}  // namespace telemetry
