#include "cli/serve_options.h"

#include <chrono>

#include <gtest/gtest.h>

#include "cli/test_sink.h"

namespace cli {
namespace {

class ServeOptionsTest : public ::testing::Test {
 protected:
  ServeSettings settings() const {
    auto read = read_settings(options_);
    EXPECT_TRUE(read.ok());
    return *std::move(read);
  }

  ServeOptions options_;
  table::TextSource in_{""};
  TextSink out_;
  const World world_{
      .in = in_,
      .out = out_,
      .err = out_,
      .now = std::chrono::steady_clock::now,
      .wall_now = [] { return std::chrono::system_clock::from_time_t(7); },
      .environment =
          [](const std::string& name) { return name == "AIP_HEALTH_ROUTE" ? "/alive" : ""; }};
};

TEST_F(ServeOptionsTest, FlagsReachWhomTheyAreFor) {
  options_.port = 81;
  options_.threads = 3;
  options_.access.cleartext = true;
  options_.limits = {{"--body-bytes-max", "2 KiB"}, {"--unpacked-ratio-max", "5"},
                     {"--json-depth-max", "9"},     {"--idle-time-max", "4 s"},
                     {"--request-time-max", "3 s"}, {"--answer-nan", "true"}};
  const net::Server::Options server = server_options(options_, settings(), world_);
  EXPECT_EQ(server.address, "127.0.0.1");
  EXPECT_EQ(server.port, 81);
  EXPECT_EQ(server.threads, 3U);
  EXPECT_TRUE(server.cleartext);
  EXPECT_EQ(server.limits.idle_time_max, std::chrono::seconds(4));
  EXPECT_EQ(server.wall_seconds(), 7);
  const auto front = front_options(options_, settings(), world_);
  ASSERT_TRUE(front.ok());
  EXPECT_EQ(front->bodies.bytes_max, 2048U);
  EXPECT_EQ(front->bodies.unpack.ratio_max, 5U);
  EXPECT_EQ(front->bodies.json_depth_max, 9U);
  EXPECT_EQ(front->request_time_max, std::chrono::seconds(3));
  EXPECT_EQ(front->predict_route, "");
  EXPECT_EQ(front->health_route, "/alive");
  EXPECT_TRUE(numbers_of(settings()).accept_nan);
  EXPECT_TRUE(numbers_of(settings()).answer_nan);
}

TEST_F(ServeOptionsTest, WithoutANumberThereAreAsManyThreadsAsProcessors) {
  EXPECT_GE(thread_count(options_), 1U);
  EXPECT_LE(thread_count(options_), net::Server::kThreadsMax);
}

TEST_F(ServeOptionsTest, WhatATableRefusesIsAnError) {
  options_.limits = {{"--body-bytes-max", "1 B"}};
  const auto read = read_settings(options_);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().message(),
            "--body-bytes-max: expected a size from 1 KiB to 1 GiB, got \"1 B\"");
  options_.limits = {{"--json-depth-max", "7"}};
  const auto front = front_options(options_, settings(), world_);
  ASSERT_FALSE(front.ok());
  EXPECT_EQ(front.error().message(),
            "--json-depth-max: expected a whole number from 8 to 1000, got \"7\"");
}

}  // namespace
}  // namespace cli
