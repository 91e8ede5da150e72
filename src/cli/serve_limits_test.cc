#include "cli/serve_limits.h"

#include <gtest/gtest.h>

namespace cli {
namespace {

TEST(ServeLimitsTest, FlagsReachTheFront) {
  front::Front::Options options;
  ASSERT_TRUE(apply_front_limits({{"--key-rate-max", "2.5"},
                                  {"--key-burst-max", "7"},
                                  {"--json-depth-max", "8"},
                                  {"--body-bytes-max", "not ours"}},
                                 false, options)
                  .ok());
  EXPECT_EQ(options.throttle.rates.of_key.per_second, 2.5);
  EXPECT_EQ(options.throttle.rates.of_key.burst, 7);
  EXPECT_EQ(options.throttle.rates.of_endpoint.per_second, 0);
  EXPECT_EQ(options.throttle.rates.of_refused_source.per_second, 10);
  EXPECT_EQ(options.bodies.json_depth_max, 8U);
  EXPECT_NE(options.throttle.secret, (std::array<std::uint64_t, 2>{}));
}

TEST(ServeLimitsTest, BehindAProxySourcesAreLimitedWhereAFlagSaysSo) {
  front::Front::Options options;
  ASSERT_TRUE(apply_front_limits({}, true, options).ok());
  EXPECT_EQ(options.throttle.rates.of_refused_source.per_second, 0);
  ASSERT_TRUE(apply_front_limits({{"--refused-rate-max", "100"}}, true, options).ok());
  EXPECT_EQ(options.throttle.rates.of_refused_source.per_second, 100);
}

TEST(ServeLimitsTest, WhatIsOutOfBoundsIsRefusedByItsFlag) {
  front::Front::Options options;
  const auto applied = apply_front_limits({{"--json-depth-max", "7"}}, false, options);
  ASSERT_FALSE(applied.ok());
  EXPECT_EQ(applied.error().message(),
            "--json-depth-max: expected a whole number from 8 to 1000, got \"7\"");
}

}  // namespace
}  // namespace cli
