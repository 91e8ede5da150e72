#include "net/http2_head.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace net {
namespace {

using HeadFields = std::vector<std::pair<std::string, std::string>>;

HeadFields request_fields(HeadFields more = {}) {
  HeadFields all = {
      {":method", "POST"}, {":scheme", "http"}, {":path", "/a/b?c=d"}, {":authority", "x:1"}};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

bool read(Http2Head& head, const HeadFields& fields) {
  head.reset();
  for (const auto& [name, value] : fields) head.add(name, value);
  return head.end();
}

TEST(Http2HeadTest, MakesTheHeadThatHttp1Would) {
  const Limits limits;
  Http2Head head(limits);
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(read(head, request_fields({{"content-length", "12"},
                                           {"cookie", "a=1"},
                                           {"x-y", "z"},
                                           {"cookie", "b=2"},
                                           {"expect", "100-continue"}})));
    EXPECT_EQ(head.head().method, Method::Post);
    EXPECT_EQ(head.head().path, "/a/b");
    EXPECT_EQ(head.head().query, "c=d");
    EXPECT_EQ(head.head().version_major, 2);
    EXPECT_EQ(head.head().content_length, 12U);
    EXPECT_EQ(head.head().header("host"), "x:1");
    EXPECT_EQ(head.head().header("cookie"), "a=1; b=2");
    EXPECT_EQ(head.head().count("cookie"), 1U);
    EXPECT_EQ(head.head().header("x-y"), "z");
    EXPECT_EQ(head.head().header(":path"), std::nullopt);
    EXPECT_TRUE(head.expects_continue());
  }
}

TEST(Http2HeadTest, HostMayStandForTheAuthority) {
  const Limits limits;
  Http2Head head(limits);
  EXPECT_TRUE(read(head, request_fields({{"host", "X:1"}})));
  EXPECT_EQ(head.head().count("host"), 1U);
  EXPECT_TRUE(read(head, {{":method", "GET"}, {":path", "/"}, {"host", "y"}}));
  EXPECT_EQ(head.head().header("host"), "y");
}

TEST(Http2HeadTest, RefusesWhatHttp1Would) {
  const Limits limits;
  const auto with = [](const std::string& name, const std::string& value) {
    HeadFields fields = request_fields();
    for (auto& each : fields) {
      if (each.first == name) {
        each.second = value;
        return fields;
      }
    }
    fields.emplace_back(name, value);
    return fields;
  };
  HeadFields many = request_fields();
  for (std::size_t i = 0; i < limits.header_fields_max; ++i) many.emplace_back("a", "b");
  const struct {
    HeadFields fields;
    int status;
    std::string_view problem;
  } cases[] = {
      {with(":method", "BREW"), 501, "method not implemented"},
      {with(":method", "CONNECT"), 501, "method not implemented"},
      {with(":path", "*"), 400, "malformed request target"},
      {with(":path", "/a#b"), 400, "malformed request target"},
      {with(":path", "/a\xC3\xA4"), 400, "malformed request target"},
      {with(":path", "http://x/"), 400, "malformed request target"},
      {with(":path", "/" + std::string(9000, 'a')), 414, "request target too long"},
      {with(":authority", "x y"), 400, "malformed Host"},
      {with("host", "other"), 400, "Host and :authority differ"},
      {{{":method", "GET"}, {":path", "/"}}, 400, "missing Host"},
      {{{":method", "GET"}, {":path", "/"}, {"host", "a"}, {"host", "a"}}, 400, "repeated Host"},
      {with("content-length", "1x"), 400, "malformed Content-Length"},
      {with("content-length", "-1"), 400, "malformed Content-Length"},
      {with("expect", "tea"), 417, "expectation not met"},
      {with("a", std::string(17'000, 'a')), 431, "header too long"},
      {many, 431, "too many header fields"},
  };
  for (const auto& c : cases) {
    Http2Head head(limits);
    EXPECT_FALSE(read(head, c.fields)) << c.problem;
    EXPECT_EQ(head.status(), c.status) << c.problem;
    EXPECT_EQ(head.problem(), c.problem);
  }
}

}  // namespace
}  // namespace net
