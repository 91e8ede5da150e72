#include "front/deadline.h"

#include <string>

#include <gtest/gtest.h>

namespace front {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr nanoseconds kYear = hours(24 * 365);

std::optional<nanoseconds> read(std::string_view name, std::string_view value) {
  TimeoutReader reader;
  if (!reader.see(name, value).ok()) return std::nullopt;
  return reader.timeout();
}

TEST(DeadlineTest, ReadsWhatClientsSay) {
  const struct {
    std::string_view name;
    std::string_view value;
    nanoseconds expected;
  } cases[] = {
      {"X-Request-Timeout", "2", seconds(2)},
      {"x-request-timeout", "0.25", milliseconds(250)},
      {"X-Request-Timeout", "250ms", milliseconds(250)},
      {"X-Request-Timeout", "250 ms", milliseconds(250)},
      {"X-Request-Timeout", "1.5s", milliseconds(1500)},
      {"X-Request-Timeout", "0.5ms", microseconds(500)},
      {"X-Request-Timeout", "0", nanoseconds(0)},
      {"X-Request-Timeout", "0.000000000999", nanoseconds(0)},
      {"X-Request-Timeout", "999999999999999.9", kYear},
      {"X-Envoy-Expected-Rq-Timeout-Ms", "1500", milliseconds(1500)},
      {"grpc-timeout", "1H", hours(1)},
      {"grpc-timeout", "2M", minutes(2)},
      {"grpc-timeout", "3S", seconds(3)},
      {"grpc-timeout", "100m", milliseconds(100)},
      {"grpc-timeout", "4u", microseconds(4)},
      {"grpc-timeout", "99999999n", nanoseconds(99'999'999)},
      {"grpc-timeout", "99999999H", kYear},
  };
  for (const auto& c : cases) EXPECT_EQ(read(c.name, c.value), c.expected) << c.value;
}

TEST(DeadlineTest, RefusesWhatIsNoTime) {
  for (const char* value : {"", " ", "-1", "+1", "1e3", "nan", "inf", "1.", ".5", "1.2.3", "1h",
                            "ms", "1 2", "1  s", "0x10", "9999999999999999", "2,3"}) {
    EXPECT_FALSE(read("X-Request-Timeout", value)) << value;
  }
  for (const char* value : {"", "S", "1", "1s", "123456789S", "-1S", "1.5S", "1 S"}) {
    EXPECT_FALSE(read("grpc-timeout", value)) << value;
  }
  for (const char* value : {"", "1.5", "1500ms", "-1"}) {
    EXPECT_FALSE(read("X-Envoy-Expected-Rq-Timeout-Ms", value)) << value;
  }
  TimeoutReader reader;
  const auto refused = reader.see("x-request-timeout", "soon");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message(),
            "X-Request-Timeout: expected a time such as 2, 0.25 or 250ms, got \"soon\"");
}

TEST(DeadlineTest, OfSeveralTheShortestCounts) {
  TimeoutReader reader;
  EXPECT_TRUE(reader.see("Content-Type", "soon").ok());
  EXPECT_FALSE(reader.timeout());
  EXPECT_TRUE(reader.see("X-Request-Timeout", "3").ok());
  EXPECT_TRUE(reader.see("grpc-timeout", "2S").ok());
  EXPECT_TRUE(reader.see("X-Envoy-Expected-Rq-Timeout-Ms", "2500").ok());
  EXPECT_EQ(reader.timeout(), nanoseconds(seconds(2)));
}

TEST(DeadlineTest, IsBoundedByTheServer) {
  net::RequestHead head;
  EXPECT_EQ(*request_time(head, seconds(60)), seconds(60));
  head.headers.push_back({"X-Request-Timeout", "5"});
  EXPECT_EQ(*request_time(head, seconds(60)), seconds(5));
  EXPECT_EQ(*request_time(head, seconds(1)), seconds(1));
  head.headers.push_back({"grpc-timeout", "later"});
  EXPECT_FALSE(request_time(head, seconds(60)).ok());
  const config::Settings settings(deadline_options());
  EXPECT_EQ(settings.duration("request_time_max"), seconds(60));
}

}  // namespace
}  // namespace front
