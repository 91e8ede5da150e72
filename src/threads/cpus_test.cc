#include "threads/cpus.h"

#include <thread>

#include <gtest/gtest.h>

namespace threads {
namespace {

TEST(CpusTest, TakesTheQuotaRoundedUpWithinWhatCanBeScheduled) {
  const struct {
    const char* v2_max;
    const char* v1_quota;
    const char* v1_period;
    int schedulable;
    int expected;
  } cases[] = {
      {"", "", "", 8, 8},
      {"max 100000\n", "", "", 8, 8},
      {"200000 100000\n", "", "", 8, 2},
      {"150000 100000\n", "", "", 8, 2},
      {"100000 100000\n", "", "", 8, 1},
      {"1000 100000\n", "", "", 8, 1},
      {"1600000 100000\n", "", "", 4, 4},
      {"", "-1\n", "100000\n", 8, 8},
      {"", "250000\n", "100000\n", 8, 3},
      {"400000 100000", "200000", "100000", 8, 2},
      {"", "", "", 0, 1},
      {"9223372036854775807 1", "", "", 6, 6},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(usable_cpus({c.v2_max, c.v1_quota, c.v1_period}, c.schedulable), c.expected)
        << c.v2_max << "|" << c.v1_quota;
  }
}

TEST(CpusTest, WhatIsNoQuotaSetsNone) {
  for (const char* text : {"100000", "100000 0", "0 100000", "-5 100000", "x y", "1e5 100000", " ",
                           "99999999999999999999 1"}) {
    EXPECT_EQ(usable_cpus({text, "", ""}, 4), 4) << text;
    EXPECT_EQ(usable_cpus({"", text, "100000"}, 4), text == std::string("100000") ? 1 : 4);
  }
}

TEST(CpusTest, DetectsBetweenOneAndAllProcessors) {
  EXPECT_GE(detect_cpus(), 1);
  EXPECT_LE(detect_cpus(), static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace
}  // namespace threads
