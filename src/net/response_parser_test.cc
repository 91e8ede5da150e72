#include "net/response_parser.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace net {
namespace {

// Puts `text` in parts of `step` bytes.
base::Result<void> put_all(ResponseParser& parser, std::string_view text, std::size_t step) {
  for (; !text.empty(); text.remove_prefix(std::min(step, text.size()))) {
    TRY(parser.put(text.substr(0, step)));
  }
  return {};
}

std::string problem_of(std::string_view text, const HttpRequest& request = {}) {
  ResponseParser parser(request);
  const auto put = put_all(parser, text, text.size());
  if (!put.ok()) return put.error().message();
  const auto end = parser.end(true);
  return end.ok() ? "" : end.error().message();
}

TEST(ResponseParserTest, ReadsAnAnswerInAnyParts) {
  const std::string text =
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b c\r\nx-a: second\r\n\r\nhello";
  const HttpRequest request;
  for (std::size_t step = 1; step <= text.size(); ++step) {
    ResponseParser parser(request);
    ASSERT_TRUE(put_all(parser, text, step).ok()) << step;
    ASSERT_TRUE(parser.done()) << step;
    EXPECT_TRUE(parser.keep_alive());
    EXPECT_EQ(parser.response().status, 200);
    EXPECT_EQ(parser.response().field("x-A"), "b c");
    EXPECT_EQ(parser.response().body, "hello");
  }
}

TEST(ResponseParserTest, ReadsChunks) {
  const std::string text =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3;ext=1\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\nX-Trailer: t\r\n\r\n";
  const HttpRequest request;
  for (std::size_t step = 1; step <= text.size(); ++step) {
    ResponseParser parser(request);
    ASSERT_TRUE(put_all(parser, text, step).ok()) << step;
    ASSERT_TRUE(parser.done()) << step;
    EXPECT_EQ(parser.response().body, "abc0123456789abcdef");
  }
}

TEST(ResponseParserTest, PassesOverAnswersBeforeTheAnswer) {
  const HttpRequest request;
  ResponseParser parser(request);
  const std::string text =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
      "HTTP/1.1 204 No Content\r\nX: y\r\n\r\n";
  ASSERT_TRUE(put_all(parser, text, text.size()).ok());
  ASSERT_TRUE(parser.done());
  EXPECT_EQ(parser.response().status, 204);
  EXPECT_EQ(parser.response().fields.size(), 1U);
}

TEST(ResponseParserTest, ABodyWithoutLengthLastsUntilTheEnd) {
  const HttpRequest request;
  ResponseParser parser(request);
  ASSERT_TRUE(parser.put("HTTP/1.1 200 OK\r\n\r\nabc").ok());
  EXPECT_FALSE(parser.done());
  ASSERT_TRUE(parser.end(true).ok());
  ASSERT_TRUE(parser.done());
  EXPECT_FALSE(parser.keep_alive());
  EXPECT_EQ(parser.response().body, "abc");
}

TEST(ResponseParserTest, ACutIsNoEnd) {
  const HttpRequest request;
  ResponseParser parser(request);
  ASSERT_TRUE(parser.put("HTTP/1.1 200 OK\r\n\r\nabc").ok());
  EXPECT_FALSE(parser.end(false).ok());

  EXPECT_EQ(problem_of("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell"),
            "the answer ended early");
  EXPECT_EQ(problem_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"),
            "the answer ended early");
  EXPECT_EQ(problem_of("HTTP/1.1 200 O"), "the answer ended early");
  EXPECT_EQ(problem_of(""), "the connection ended before an answer came");
}

TEST(ResponseParserTest, HeadHasNoBody) {
  HttpRequest request;
  request.method = "HEAD";
  request.answer_bytes_max = 10;
  ResponseParser parser(request);
  ASSERT_TRUE(parser.put("HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n").ok());
  ASSERT_TRUE(parser.done());
  EXPECT_TRUE(parser.keep_alive());
  EXPECT_EQ(parser.response().field("Content-Length"), "5000000");
}

TEST(ResponseParserTest, RefusesWhatIsNoAnswer) {
  for (const std::string text :
       {"garbage\r\n\r\n", "SSH-2.0-OpenSSH\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n"}) {
    HttpRequest request;
    ResponseParser parser(request);
    const auto outcome = parser.put(text);
    ASSERT_FALSE(outcome.ok()) << text;
    EXPECT_EQ(outcome.error().code(), base::Code::Corrupt) << text;
  }
}

TEST(ResponseParserTest, RefusesASecondAnswer) {
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  EXPECT_EQ(problem_of(answer + answer), "expected an HTTP answer, got more than one");
  const HttpRequest request;
  ResponseParser parser(request);
  ASSERT_TRUE(parser.put(answer).ok());
  EXPECT_FALSE(parser.put("x").ok());
}

TEST(ResponseParserTest, BoundsHeadsFieldsAndInterimAnswers) {
  const std::string start = "HTTP/1.1 200 OK\r\n";
  EXPECT_EQ(problem_of(start + "X: " + std::string(ResponseParser::kHeadBytesMax, 'x')),
            "expected an HTTP answer, got a head of more than 64.0 KiB");
  std::string fields = start;
  for (std::size_t i = 0; i <= ResponseParser::kFieldsMax; ++i) fields += "X: y\r\n";
  EXPECT_EQ(problem_of(fields + "\r\n"), "expected an HTTP answer, got more than 256 fields");
  std::string interim;
  for (int i = 0; i <= ResponseParser::kInterimMax; ++i) interim += "HTTP/1.1 100 Go\r\n\r\n";
  EXPECT_EQ(problem_of(interim), "expected an HTTP answer, got too many interim answers");
  const std::string chunk = start + "Transfer-Encoding: chunked\r\n\r\n1;" +
                            std::string(2 * ResponseParser::kHeadBytesMax, 'x');
  EXPECT_FALSE(problem_of(chunk).empty());
}

TEST(ResponseParserTest, HoldsTheCeilingOfABody) {
  HttpRequest request;
  request.answer_bytes_max = 5;
  EXPECT_EQ(problem_of("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", request), "");
  EXPECT_EQ(problem_of("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n", request),
            "expected an answer of at most 5 bytes, got 6");
  EXPECT_EQ(problem_of("HTTP/1.1 200 OK\r\n\r\nhello!", request),
            "expected an answer of at most 5 bytes, got more");
  EXPECT_EQ(problem_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello!", request),
            "expected an answer of at most 5 bytes, got more");
}

TEST(ResponseParserTest, OnlyContentGoesToTheSink) {
  std::string taken;
  HttpRequest request;
  request.sink = [&taken](base::Bytes bytes) {
    taken += base::as_text(bytes);
    return base::Result<void>();
  };
  ResponseParser found(request);
  ASSERT_TRUE(found.put("HTTP/1.1 206 Partial\r\nContent-Length: 3\r\n\r\nabc").ok());
  EXPECT_EQ(taken, "abc");
  EXPECT_EQ(found.response().body, "");
  ResponseParser refused(request);
  ASSERT_TRUE(refused.put("HTTP/1.1 404 No\r\nContent-Length: 3\r\n\r\nwhy").ok());
  EXPECT_EQ(taken, "abc");
  EXPECT_EQ(refused.response().body, "why");
}

TEST(ResponseParserTest, WhatItsCallerRefusesIsTheOutcome) {
  HttpRequest request;
  request.sink = [](base::Bytes) {
    return base::Result<void>(base::Error(base::Code::Exhausted, "disk full"));
  };
  EXPECT_EQ(problem_of("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", request), "disk full");
  request.on_head = [](const HttpResponse& head) {
    return base::Result<void>(
        base::Error(base::Code::Invalid, "status " + std::to_string(head.status)));
  };
  EXPECT_EQ(problem_of("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", request), "status 200");
}

}  // namespace
}  // namespace net
