#include "net/http1_parser.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

namespace net {
namespace {

constexpr std::string_view kHost = "Host: x\r\n";

// What one request was read as: its status where refused, else 0.
struct Outcome {
  int status = 0;
  bool complete = false;
  std::string body;
  std::size_t used = 0;
};

void read_body(Http1Parser& parser, std::string_view rest, Outcome& outcome) {
  if (!parser.chunked()) {
    const std::size_t length = parser.head().content_length.value_or(0);
    outcome.complete = rest.size() >= length;
    outcome.body = rest.substr(0, length);
    return;
  }
  std::size_t taken = 0;
  const auto step = parser.read_chunks(rest, 1000, outcome.body, taken);
  outcome.used += taken;
  if (step == Http1Parser::Step::Bad) outcome.status = parser.status();
  outcome.complete = step == Http1Parser::Step::Done;
}

// Shows the parser the first `first` bytes, then all.
Outcome read(std::string_view text, std::size_t first, const Limits& limits = {}) {
  Http1Parser parser(limits);
  Outcome outcome;
  for (const std::size_t size : {first, text.size()}) {
    const auto step = parser.read_head(text.substr(0, size));
    if (step == Http1Parser::Step::Bad) {
      outcome.status = parser.status();
      EXPECT_FALSE(parser.problem().empty());
      return outcome;
    }
    if (step == Http1Parser::Step::Done) {
      read_body(parser, text.substr(parser.head_bytes()), outcome);
      return outcome;
    }
  }
  return outcome;
}

std::string request(std::string_view line, std::string_view fields = "",
                    std::string_view body = "") {
  return std::string(line) + "\r\n" + std::string(kHost) + std::string(fields) + "\r\n" +
         std::string(body);
}

TEST(Http1ParserTest, ReadsWhatARequestSays) {
  const std::string text = request("POST /score/a%20b?top_k=3&x HTTP/1.1",
                                   "X-Id:  7 \r\nCONTENT-length: 5\r\n", "hello");
  const Limits limits;
  Http1Parser parser(limits);
  ASSERT_EQ(parser.read_head(text), Http1Parser::Step::Done);
  const RequestHead& head = parser.head();
  EXPECT_EQ(head.method, Method::Post);
  EXPECT_EQ(head.path, "/score/a%20b");
  EXPECT_EQ(head.query, "top_k=3&x");
  EXPECT_EQ(head.version_minor, 1);
  EXPECT_EQ(head.header("x-id"), "7");
  EXPECT_EQ(head.header("absent"), std::nullopt);
  EXPECT_EQ(head.count("host"), 1U);
  EXPECT_EQ(head.content_length, 5U);
  EXPECT_TRUE(parser.keep_alive());
  EXPECT_EQ(parser.head_bytes(), text.size() - 5);
}

TEST(Http1ParserTest, IsReadyForTheNextRequestAfterReset) {
  const Limits limits;
  Http1Parser parser(limits);
  const std::string first = request("POST /a?b HTTP/1.1", "Transfer-Encoding: chunked\r\n");
  ASSERT_EQ(parser.read_head(first), Http1Parser::Step::Done);
  EXPECT_TRUE(parser.chunked());
  parser.reset();
  ASSERT_EQ(parser.read_head(request("GET /c HTTP/1.1", "Connection: close\r\n")),
            Http1Parser::Step::Done);
  EXPECT_EQ(parser.head().query, "");
  EXPECT_EQ(parser.head().headers.size(), 2U);
  EXPECT_FALSE(parser.chunked());
  EXPECT_FALSE(parser.keep_alive());
}

struct Case {
  std::string text;
  int status;
};

const std::vector<Case>& cases() {
  static const std::string kChunked = "Transfer-Encoding: chunked\r\n";
  static const std::vector<Case> kCases = {
      {request("GET / HTTP/1.1"), 0},
      {request("GET http://x/a?b HTTP/1.1"), 0},
      {request("OPTIONS * HTTP/1.1"), 0},
      {"GET / HTTP/1.0\r\n\r\n", 0},
      {request("GET /a HTTP/1.1", "Empty:\r\n"), 0},
      {request("POST / HTTP/1.1", "Content-Length: 3\r\n", "abc"), 0},
      {request("POST / HTTP/1.1", kChunked, "3\r\nabc\r\n0\r\n\r\n"), 0},
      {request("POST / HTTP/1.1", kChunked, "A;x=\"y\"\r\n0123456789\r\n0\r\nT: v\r\n\r\n"), 0},
      // Request lines.
      {request("GET  / HTTP/1.1"), 400},
      {request("GET /"), 400},
      {request("GET / HTTP/1.1 "), 400},
      {request("GET\t/ HTTP/1.1"), 400},
      {request("GET / http/1.1"), 400},
      {request("GET / HTTP/1.1x"), 400},
      {request("GET / HTTP/2.0"), 505},
      {request("GET / HTTP/1.2"), 505},
      {request("PRI * HTTP/2.0"), 505},
      {request("GET * HTTP/1.1"), 400},
      {request("GET a HTTP/1.1"), 400},
      {request("GET /a#b HTTP/1.1"), 400},
      {request("GET /\x80 HTTP/1.1"), 400},
      {request("GET http://x HTTP/1.1"), 400},
      {request("GET http:///a HTTP/1.1"), 400},
      {request("CONNECT x:1 HTTP/1.1"), 501},
      {request("get / HTTP/1.1"), 501},
      {request("G\"T / HTTP/1.1"), 400},
      {request(std::string(100, 'G') + " / HTTP/1.1"), 501},
      {std::string(100, 'G'), 501},
      {"\x16\x03\x01\x02", 400},
      // Fields.
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
      {"GET / HTTP/1.1\nHost: x\n\n", 400},
      {request("GET / HTTP/1.1", "A : b\r\n"), 400},
      {request("GET / HTTP/1.1", " A: b\r\n"), 400},
      {request("GET / HTTP/1.1", ": b\r\n"), 400},
      {request("GET / HTTP/1.1", "A\r\n"), 400},
      {request("GET / HTTP/1.1", "A: b\r\n c\r\n"), 400},
      {request("GET / HTTP/1.1", "A:\r\n b\r\n"), 400},
      {request("GET / HTTP/1.1", "A: b\rc\r\n"), 400},
      {request("GET / HTTP/1.1", "A: b\nB: c\r\n"), 400},
      {request("GET / HTTP/1.1", std::string("A: b\0c\r\n", 8)), 400},
      {request("GET / HTTP/1.1", "Expect: a-miracle\r\n"), 417},
      // Two ways to read where the body ends.
      {request("POST / HTTP/1.1", "Content-Length: 3\r\n" + kChunked, "abc"), 400},
      {request("POST / HTTP/1.1", kChunked + "Content-Length: 3\r\n", "abc"), 400},
      {request("POST / HTTP/1.1", "Content-Length: 3\r\nContent-Length: 4\r\n", "abcd"), 400},
      {request("POST / HTTP/1.1", "Content-Length: 3\r\nContent-Length: 3\r\n", "abc"), 400},
      {request("POST / HTTP/1.1", "Content-Length: 3, 3\r\n", "abc"), 400},
      {request("POST / HTTP/1.1", "Content-Length: +3\r\n", "abc"), 400},
      {request("POST / HTTP/1.1", "Content-Length: -3\r\n", "abc"), 400},
      {request("POST / HTTP/1.1", "Content-Length: 0x3\r\n", "abc"), 400},
      {request("POST / HTTP/1.1", "Content-Length: 3 4\r\n", "abc"), 400},
      {request("POST / HTTP/1.1", "Content-Length:\r\n", "abc"), 400},
      {request("POST / HTTP/1.1", "Content-Length: 18446744073709551617\r\n", "a"), 400},
      {request("POST / HTTP/1.1", "Content-Length: 9223372036854775808\r\n", "a"), 400},
      {request("POST / HTTP/1.1", "Transfer-Encoding: identity\r\n"), 501},
      {request("POST / HTTP/1.1", "Transfer-Encoding: gzip, chunked\r\n"), 501},
      {request("POST / HTTP/1.1", "Transfer-Encoding: chunked, identity\r\n"), 501},
      {request("POST / HTTP/1.1", "Transfer-Encoding: xchunked\r\n"), 501},
      {request("POST / HTTP/1.1", "Transfer-Encoding : chunked\r\n"), 400},
      {request("POST / HTTP/1.1", kChunked + kChunked), 400},
      {request("POST / HTTP/1.0", kChunked, "0\r\n\r\n"), 400},
      // Chunks.
      {request("POST / HTTP/1.1", kChunked, "x\r\n\r\n"), 400},
      {request("POST / HTTP/1.1", kChunked, "-1\r\n\r\n"), 400},
      {request("POST / HTTP/1.1", kChunked, "3\r\nabcd\r\n0\r\n\r\n"), 400},
      {request("POST / HTTP/1.1", kChunked, "3 \r\nabc\r\n0\r\n\r\n"), 400},
      {request("POST / HTTP/1.1", kChunked, "3\nabc\n0\n\n"), 400},
      {request("POST / HTTP/1.1", kChunked, "3e9\r\n"), 413},
      {request("POST / HTTP/1.1", kChunked, "ffffffffffffffff\r\n"), 413},
      {request("POST / HTTP/1.1", kChunked, "1ffffffffffffffff\r\n"), 400},
  };
  return kCases;
}

TEST(Http1ParserTest, RefusesWhatTwoServersCouldReadDifferently) {
  for (const Case& c : cases()) {
    const Outcome outcome = read(c.text, c.text.size());
    EXPECT_EQ(outcome.status, c.status) << c.text;
    EXPECT_EQ(outcome.complete, c.status == 0) << c.text;
  }
}

TEST(Http1ParserTest, ReadsTheSameWhereverTheBytesAreSplit) {
  for (const Case& c : cases()) {
    const Outcome whole = read(c.text, c.text.size());
    for (std::size_t first = 1; first < c.text.size(); ++first) {
      const Outcome split = read(c.text, first);
      EXPECT_EQ(split.status, whole.status) << c.text << " at " << first;
      EXPECT_EQ(split.body, whole.body) << c.text << " at " << first;
    }
  }
}

TEST(Http1ParserTest, TakesChunksByteByByte) {
  const std::string text = request("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\n");
  const Limits limits;
  for (const std::string_view chunks : {"0\r\n\r\n", "0\r\nT: v\r\n\r\n", "2\r\nab\r\n0\r\n\r\n",
                                        "1;x\r\na\r\n1\r\nb\r\n000\r\nT: v\r\n\r\n"}) {
    Http1Parser parser(limits);
    ASSERT_EQ(parser.read_head(text), Http1Parser::Step::Done);
    std::string body;
    std::size_t at = 0;
    for (std::size_t size = 1; size <= chunks.size(); ++size) {
      std::size_t taken = 0;
      const auto step = parser.read_chunks(chunks.substr(at, size - at), 10, body, taken);
      at += taken;
      EXPECT_EQ(step == Http1Parser::Step::Done, size == chunks.size()) << chunks << size;
      EXPECT_NE(step, Http1Parser::Step::Bad);
    }
    EXPECT_EQ(body, chunks.starts_with("0") ? "" : "ab");
  }
}

TEST(Http1ParserTest, KeepsItsLimitsAtTheEdge) {
  const Limits limits;
  const auto with_target = [](std::size_t bytes) {
    return request("GET /" + std::string(bytes - 1, 'a') + " HTTP/1.1");
  };
  const auto with_fields = [](std::size_t count) {
    std::string fields;
    for (std::size_t i = 1; i < count; ++i) fields += "A: b\r\n";
    return request("GET / HTTP/1.1", fields);
  };
  const auto with_head = [](std::size_t bytes) {
    const std::size_t rest = request("GET / HTTP/1.1", "A: \r\n").size();
    return request("GET / HTTP/1.1", "A: " + std::string(bytes - rest, 'b') + "\r\n");
  };
  const struct {
    std::string text;
    int status;
  } edges[] = {
      {with_target(limits.target_bytes_max), 0},
      {with_target(limits.target_bytes_max + 1), 414},
      {with_target(20'000), 414},
      {with_fields(limits.header_fields_max), 0},
      {with_fields(limits.header_fields_max + 1), 431},
      {with_head(limits.header_bytes_max), 0},
      {with_head(limits.header_bytes_max + 1), 431},
      {"GET /" + std::string(20'000, 'a'), 414},
      {"GET / HTTP/1.1\r\nA: " + std::string(20'000, 'a'), 431},
  };
  for (const auto& edge : edges) {
    EXPECT_EQ(read(edge.text, edge.text.size()).status, edge.status) << edge.text.size();
    EXPECT_EQ(read(edge.text, edge.text.size() / 2).status, edge.status) << edge.text.size();
  }
}

TEST(Http1ParserTest, TrailersChangeNothing) {
  const std::string text =
      request("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\n",
              "1\r\na\r\n0\r\nHost: evil\r\nAuthorization: x\r\nExpect: 100-continue\r\n\r\n");
  const Limits limits;
  Http1Parser parser(limits);
  ASSERT_EQ(parser.read_head(text), Http1Parser::Step::Done);
  std::string body;
  std::size_t taken = 0;
  EXPECT_EQ(parser.read_chunks(std::string_view(text).substr(parser.head_bytes()), 10, body, taken),
            Http1Parser::Step::Done);
  EXPECT_EQ(body, "a");
  EXPECT_EQ(parser.head().headers.size(), 2U);
  EXPECT_FALSE(parser.expects_continue());
}

}  // namespace
}  // namespace net
