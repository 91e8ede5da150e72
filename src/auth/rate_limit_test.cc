#include "auth/rate_limit.h"

#include <atomic>
#include <cstdio>
#include <ctime>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace auth {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using Moment = RateLimit::Time;

constexpr std::array<std::uint64_t, 2> kSecret = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
constexpr Moment kStart{hours(1000)};

// How many of `tries` are let through at once.
int let_through(RateLimit& limit, std::string_view name, Moment now, int tries) {
  int count = 0;
  for (int i = 0; i < tries; ++i) count += limit.take(name, now) ? 0 : 1;
  return count;
}

TEST(RateLimitTest, LetsABurstThroughAndThenTheRate) {
  RateLimit limit({.per_second = 10, .burst = 5}, kSecret);
  EXPECT_EQ(let_through(limit, "a", kStart, 20), 5);
  EXPECT_EQ(limit.take("a", kStart), std::optional<nanoseconds>(milliseconds(100)));
  EXPECT_EQ(let_through(limit, "a", kStart + milliseconds(99), 5), 0);
  EXPECT_EQ(let_through(limit, "a", kStart + milliseconds(100), 5), 1);
  EXPECT_EQ(let_through(limit, "a", kStart + milliseconds(450), 5), 3);
  EXPECT_EQ(let_through(limit, "a", kStart + hours(1), 20), 5);
}

TEST(RateLimitTest, CountsEachNameByItself) {
  RateLimit limit({.per_second = 1, .burst = 2}, kSecret);
  EXPECT_EQ(let_through(limit, "a", kStart, 9), 2);
  EXPECT_EQ(let_through(limit, "b", kStart, 9), 2);
  EXPECT_EQ(let_through(limit, "", kStart, 9), 2);
  EXPECT_EQ(let_through(limit, "longer than eight bytes", kStart, 9), 2);
}

TEST(RateLimitTest, PeekingDoesNotCount) {
  RateLimit limit({.per_second = 1, .burst = 1}, kSecret);
  for (int i = 0; i < 9; ++i) EXPECT_FALSE(limit.peek("a", kStart));
  EXPECT_FALSE(limit.take("a", kStart));
  EXPECT_TRUE(limit.peek("a", kStart));
}

TEST(RateLimitTest, OffLetsEverythingThrough) {
  for (const double off : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN()}) {
    RateLimit limit({.per_second = off, .burst = 1}, kSecret);
    EXPECT_FALSE(limit.is_on());
    EXPECT_EQ(let_through(limit, "a", kStart, 1000), 1000);
  }
}

TEST(RateLimitTest, SurvivesClocksThatJump) {
  RateLimit limit({.per_second = 1, .burst = 3}, kSecret);
  EXPECT_EQ(let_through(limit, "a", kStart, 9), 3);
  // Back: nobody waits longer than for a whole burst.
  EXPECT_EQ(let_through(limit, "a", kStart - hours(900), 9), 0);
  EXPECT_LE(*limit.peek("a", kStart - hours(900)), seconds(3));
  EXPECT_EQ(let_through(limit, "a", kStart - hours(900) + seconds(3), 9), 0);
  // Far ahead, and to both ends of time.
  EXPECT_EQ(let_through(limit, "a", kStart + hours(24 * 365 * 100), 9), 3);
  static_cast<void>(limit.take("a", Moment::max()));
  static_cast<void>(limit.take("a", Moment::min()));
  static_cast<void>(limit.take("b", Moment::max() - nanoseconds(1)));
  EXPECT_TRUE(let_through(limit, "c", kStart, 9) == 3);
}

TEST(RateLimitTest, TheWidestRateDoesNotOverflow) {
  RateLimit slow({.per_second = 1e-300, .burst = std::numeric_limits<std::int64_t>::max()},
                 kSecret);
  EXPECT_FALSE(slow.take("a", kStart));
  RateLimit fast({.per_second = 1e300, .burst = 0}, kSecret);
  EXPECT_FALSE(fast.take("a", kStart));
  EXPECT_FALSE(fast.take("a", kStart + nanoseconds(1)));
}

TEST(RateLimitTest, MillionsOfNamesGainNoFreshBursts) {
  RateLimit limit({.per_second = 1, .burst = 10}, kSecret);
  std::size_t through = 0;
  constexpr std::size_t kNamesTried = 2'000'000;
  for (std::size_t i = 0; i < kNamesTried; ++i) {
    const std::string name = "source " + std::to_string(i);
    through += limit.take(name, kStart) ? 0 : 1;
  }
  // The table holds so many bursts and no more.
  EXPECT_LE(through, RateLimit::kNames * 10);
  EXPECT_GE(through, RateLimit::kNames * 9);
  // And is as good as new when they have been paid off.
  EXPECT_EQ(let_through(limit, "somebody", kStart + seconds(10), 20), 10);
}

TEST(RateLimitTest, WhoIsLimitedStaysSoWhileOthersComeAndGo) {
  RateLimit limit({.per_second = 0.1, .burst = 2}, kSecret);
  EXPECT_EQ(let_through(limit, "attacker", kStart, 5), 2);
  for (int i = 0; i < 20'000; ++i) {
    static_cast<void>(limit.take("visitor " + std::to_string(i), kStart));
  }
  EXPECT_TRUE(limit.peek("attacker", kStart));
}

TEST(RateLimitTest, ThreadsTogetherGetNoMoreThanOne) {
  RateLimit limit({.per_second = 0.001, .burst = 1000}, kSecret);
  std::atomic<int> through = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] { through += let_through(limit, "a", kStart, 1000); });
  }
  threads.clear();
  EXPECT_EQ(through, 1000);
}

// For a quiet machine.
TEST(RateLimitTest, DISABLED_Measures) {
  RateLimit limit({.per_second = 1e6, .burst = 1000}, kSecret);
  for (const std::size_t names : {1U, 1000U, 60'000U}) {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < names; ++i) all.push_back("k3y" + std::to_string(i * 7919));
    constexpr std::size_t kTimes = 2'000'000;
    const std::clock_t begin = std::clock();
    for (std::size_t i = 0; i < kTimes; ++i) {
      static_cast<void>(limit.take(all[i % names], kStart + nanoseconds(i * 100)));
    }
    const double seconds_used = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    std::printf("  %zu names: %.1f ns of processor time\n", names, seconds_used * 1e9 / kTimes);
  }
}

TEST(RateLimitTest, RetryAfterIsAtLeastASecond) {
  EXPECT_EQ(retry_after(nanoseconds(1)), seconds(1));
  EXPECT_EQ(retry_after(seconds(1)), seconds(1));
  EXPECT_EQ(retry_after(milliseconds(1001)), seconds(2));
}

TEST(SourceNameTest, IsTheAddressOrTheNetwork) {
  const auto same = [](std::string_view a, std::string_view b) {
    return source_name(a).view() == source_name(b).view();
  };
  EXPECT_TRUE(same("192.0.2.1", "192.0.2.1"));
  EXPECT_FALSE(same("192.0.2.1", "192.0.2.2"));
  EXPECT_TRUE(same("2001:db8::1", "2001:db8:0:0:ffff::2"));
  EXPECT_FALSE(same("2001:db8::1", "2001:db8:0:1::1"));
  EXPECT_TRUE(same("::ffff:192.0.2.1", "192.0.2.1"));
  EXPECT_TRUE(same("fe80::1%eth0", "fe80::2%eth1"));
  EXPECT_FALSE(same("a socket", "another"));
  EXPECT_EQ(source_name("").size, 0U);
  EXPECT_EQ(source_name(std::string(1000, 'x')).size, 16U);
}

TEST(RateOptionsTest, OnlyRefusedSourcesAreLimitedUnlessAskedFor) {
  config::Settings settings(rate_options());
  RateLimits limits = rate_limits(settings);
  EXPECT_EQ(limits.of_key.per_second, 0);
  EXPECT_EQ(limits.of_endpoint.per_second, 0);
  EXPECT_EQ(limits.of_refused_source.per_second, 10);
  EXPECT_EQ(limits.of_refused_source.burst, 100);
  ASSERT_TRUE(settings.set("--key-rate-max", "0.5").ok());
  EXPECT_FALSE(settings.set("--key-burst-max", "0").ok());
  limits = rate_limits(settings);
  EXPECT_EQ(limits.of_key.per_second, 0.5);
}

}  // namespace
}  // namespace auth
