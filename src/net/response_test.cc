#include "net/response.h"

#include <gtest/gtest.h>

#include "net/client.h"

namespace net {
namespace {

TEST(ResponseTest, AHeaderValueCannotStartAnotherField) {
  Response response;
  response.add_header("X-Reason", "a\r\nSet-Cookie: b\n\x7f");
  EXPECT_EQ(response.header_block(), "X-Reason: a  Set-Cookie: b  \r\n");
}

TEST(ResponseTest, ClearForgetsEverything) {
  Response response;
  response.set_status(404);
  response.set_content_type("text/plain");
  response.add_header("A", "b");
  response.body() = "x";
  response.clear();
  EXPECT_EQ(response.status(), 200);
  EXPECT_EQ(response.content_type(), "application/json");
  EXPECT_EQ(response.header_block(), "");
  EXPECT_EQ(response.body(), "");
}

TEST(ClientTest, RefusesToSendWhatWouldSplitARequest) {
  const auto never = std::chrono::steady_clock::time_point();
  EXPECT_EQ(fetch({.target = "/a b"}, never).error().message(),
            "target \"/a b\": expected no control characters or spaces");
  EXPECT_EQ(fetch({.method = "GET\r\n"}, never).error().code(), base::Code::Invalid);
  EXPECT_EQ(fetch({.headers = {{"A", "b\r\nC: d"}}}, never).error().code(), base::Code::Invalid);
}

TEST(ClientTest, SaysWhatItCouldNotReach) {
  const auto soon = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  EXPECT_EQ(fetch({.port = 1}, soon).error().message(),
            "connect to 127.0.0.1:1: Connection refused");
  EXPECT_EQ(fetch({.address = "localhost", .port = 1}, soon).error().message(),
            "address \"localhost\": expected an IP address");
}

}  // namespace
}  // namespace net
