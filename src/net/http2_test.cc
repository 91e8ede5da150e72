#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "net/client.h"
#include "net/test_http2_client.h"
#include "net/test_peer.h"

namespace net {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Answers in the ways that paths say.
class Http2Paths final : public Handler {
 public:
  Admission admit(const RequestHead& head, Response& refusal) override {
    if (head.path == "/refused") {
      refusal.set_status(403);
      refusal.add_header("X-Why", "path");
      return Admission::refuse();
    }
    return Admission::accept(head.path == "/small" ? 100 : 8 << 20);
  }
  void handle(Exchange& exchange) override {
    Response& response = exchange.response();
    response.body() = exchange.body();
    if (exchange.head().path == "/head") {
      for (const Header& each : exchange.head().headers) {
        response.body().append(each.name).append("=").append(each.value).append("\n");
      }
      response.body() += "HTTP/" + std::to_string(exchange.head().version_major) + " " +
                         std::string(exchange.source());
    } else if (exchange.head().path == "/none") {
      response.set_status(204);
    } else if (exchange.head().path == "/unchanged") {
      response.set_status(304);
    } else if (exchange.head().path == "/trailers") {
      response.add_trailer("X-Sum", "42");
    } else if (exchange.head().path == "/fields") {
      response.add_header("Connection", "close");
      response.add_header("Transfer-Encoding", "chunked");
      response.add_header("X-Odd", " a\r\nb ");
    } else if (exchange.head().path == "/endless") {
      response.add_header("x", std::string(100'000, 'x'));
    } else if (exchange.head().path == "/large") {
      response.body().assign(4 << 20, 'l');
    }
    exchange.finish();
  }
};

struct Http2Pair {
  explicit Http2Pair(Server::Options options = {})
      : server(serve(paths, std::move(options))), client(*server) {}
  Http2Paths paths;
  std::unique_ptr<Server> server;
  Http2Client client;
};

TEST(Http2Test, AnswersARequestByTheBook) {
  Http2Pair pair({.wall_seconds = [] { return 784111777; }});
  const auto& answer = pair.client.wait(pair.client.post("/a", "hello"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "hello");
  EXPECT_EQ(answer.code, 0U);
  EXPECT_EQ(answer.fields,
            (std::map<std::string, std::string>{{"content-length", "5"},
                                                {"content-type", "application/json"},
                                                {"date", "Sun, 06 Nov 1994 08:49:37 GMT"}}));
}

TEST(Http2Test, ThePrefaceMayComeInPieces) {
  Http2Paths paths;
  const auto server = serve(paths);
  const std::string text = std::string(kHttp2Preface) + http2_frame(NGHTTP2_SETTINGS, 0, 0) +
                           http2_frame(NGHTTP2_HEADERS, 0x5, 1, kHttp2GetFields);
  for (std::size_t cut = 1; cut < text.size(); ++cut) {
    auto socket = *BlockingSocket::connect("127.0.0.1", server->port(), soon());
    ASSERT_TRUE(socket.send(text.substr(0, cut), soon()).ok());
    std::this_thread::sleep_for(milliseconds(1));
    ASSERT_TRUE(socket.send(text.substr(cut), soon()).ok());
    std::string arrived;
    // The head of the answer to the first stream.
    while (arrived.find(std::string("\x01\x05\0\0\0\x01", 6)) == std::string::npos) {
      const auto got = socket.receive(arrived, soon());
      ASSERT_TRUE(got.ok() && *got > 0) << cut;
    }
  }
}

TEST(Http2Test, OtherWordsThatBeginLikeThePrefaceAreHttp1) {
  Http2Paths paths;
  const auto server = serve(paths);
  const std::string_view texts[] = {"PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
                                    "PRI * HTTP/1.1\r\nHost: x\r\n\r\n"};
  const int statuses[] = {200, 501};
  for (int i = 0; i < 2; ++i) {
    for (std::size_t cut = 1; cut < 12; ++cut) {
      Peer peer(*server);
      peer.send(texts[i].substr(0, cut));
      std::this_thread::yield();
      peer.send(texts[i].substr(cut));
      EXPECT_EQ(peer.status(), statuses[i]) << cut;
    }
  }
}

TEST(Http2Test, WhoSpeaksNeitherIsLeft) {
  Http2Paths paths;
  const auto server = serve(paths);
  Peer peer(*server);
  peer.send("INVALID CONNECTION PREFACE\r\n\r\n");
  EXPECT_TRUE(peer.ended());
}

TEST(Http2Test, TheHandlerSeesWhatItWouldOfHttp1) {
  Http2Pair pair;
  const auto id =
      pair.client.send({.method = "POST",
                        .path = "/head",
                        .fields = {{"cookie", "a=b"}, {"x-a", "b"}, {"cookie", "c=d"}}});
  EXPECT_EQ(pair.client.wait(id).body, "x-a=b\ncookie=a=b; c=d\nhost=x\nHTTP/2 127.0.0.1");
}

TEST(Http2Test, AnswersWithoutBodiesHaveNone) {
  Http2Pair pair;
  const auto& head = pair.client.wait(pair.client.send({.method = "HEAD", .path = "/large"}));
  EXPECT_EQ(head.fields.at("content-length"), std::to_string(4 << 20));
  EXPECT_EQ(head.body, "");
  for (const std::string path : {"/none", "/unchanged"}) {
    const auto& answer = pair.client.wait(pair.client.post(path, "x"));
    EXPECT_EQ(answer.fields.count("content-length") + answer.fields.count("content-type"), 0U);
    EXPECT_EQ(answer.body, "");
    EXPECT_TRUE(answer.ended);
  }
  EXPECT_EQ(pair.client.wait(pair.client.get("/a")).fields.at("content-length"), "0");
}

TEST(Http2Test, FieldsOfAConnectionAreNotSent) {
  Http2Pair pair;
  const auto& answer = pair.client.wait(pair.client.get("/fields"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.fields.at("x-odd"), "a  b");
  EXPECT_EQ(answer.fields.count("connection") + answer.fields.count("transfer-encoding"), 0U);
}

TEST(Http2Test, FieldsThatAreTooLongToBeSentEndTheStream) {
  Http2Pair pair;
  EXPECT_EQ(pair.client.wait(pair.client.get("/endless")).code,
            std::uint32_t{NGHTTP2_INTERNAL_ERROR});
  EXPECT_EQ(pair.client.wait(pair.client.get("/a")).status, 200);
}

TEST(Http2Test, TrailersComeBehindTheBody) {
  Http2Pair pair;
  const auto& answer = pair.client.wait(pair.client.post("/trailers", "body"));
  EXPECT_EQ(answer.body, "body");
  EXPECT_EQ(answer.trailers, (std::map<std::string, std::string>{{"x-sum", "42"}}));
  EXPECT_EQ(pair.client.wait(pair.client.get("/trailers")).trailers.at("x-sum"), "42");
}

TEST(Http2Test, CarriesLargeBodiesBothWays) {
  Http2Pair pair({.threads = 2});
  std::string body(4 << 20, ' ');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>('a' + i % 23);
  std::vector<std::int32_t> ids;
  ids.reserve(4);
  for (int i = 0; i < 4; ++i) ids.push_back(pair.client.post("/a", body));
  for (const auto id : ids) EXPECT_TRUE(pair.client.wait(id).body == body);
}

TEST(Http2Test, ManyRequestsAtOnceAreAnsweredEach) {
  Http2Pair pair;
  for (int round = 0; round < 20; ++round) {
    std::vector<std::int32_t> ids;
    ids.reserve(100);
    for (int i = 0; i < 100; ++i) ids.push_back(pair.client.post("/a", std::to_string(i)));
    for (int i = 0; i < 100; ++i) {
      ASSERT_EQ(pair.client.wait(ids[static_cast<std::size_t>(i)]).body, std::to_string(i));
    }
  }
}

TEST(Http2Test, AnswersInTheOrderInWhichTheyAreFinished) {
  Echo echo;
  const auto server = serve(echo, {.threads = 2});
  Http2Client client(*server);
  const auto first = client.post("/later", "first");
  const auto second = client.post("/later", "second");
  Exchange& one = echo.wait_for_held();
  Exchange& other = echo.wait_for_held();
  EXPECT_EQ(client.wait(client.post("/a", "third")).body, "third");
  other.finish();
  EXPECT_EQ(client.wait(second).body, "second");
  EXPECT_FALSE(client.answer(first).closed);
  one.finish();
  EXPECT_EQ(client.wait(first).body, "first");
}

TEST(Http2Test, WorkersMayFinishWhileTheHandlerIsStillReturning) {
  Echo echo;
  const auto server = serve(echo, {.threads = 2});
  constexpr int kRequests = 400;
  std::jthread worker([&] {
    for (int i = 0; i < kRequests; ++i) echo.wait_for_held().finish();
  });
  std::vector<std::jthread> clients;
  for (int c = 0; c < 4; ++c) {
    clients.emplace_back([&] {
      Http2Client client(*server);
      for (int n = 0; n < kRequests / 8; ++n) {
        const auto one = client.post("/later", "x");
        const auto other = client.post("/later", "y");
        EXPECT_EQ(client.wait(one).body, "x");
        EXPECT_EQ(client.wait(other).body, "y");
      }
    });
  }
}

TEST(Http2Test, AsksForTheBodyThatWasAnnounced) {
  Http2Pair pair;
  const auto id = pair.client.send({.method = "POST",
                                    .fields = {{"expect", "100-continue"}, {"content-length", "5"}},
                                    .end = false});
  EXPECT_TRUE(pair.client.wait_until([&] { return !pair.client.answer(id).interim.empty(); }));
  pair.client.send_more(id, "hello", true);
  const auto& answer = pair.client.wait(id);
  EXPECT_EQ(answer.interim, std::vector<int>{100});
  EXPECT_EQ(answer.body, "hello");
}

TEST(Http2Test, RefusesABodyThatIsTooLarge) {
  Http2Pair pair;
  // By what is announced, before any of it.
  const auto announced = pair.client.send(
      {.method = "POST", .path = "/small", .fields = {{"content-length", "101"}}, .end = false});
  const auto& answer = pair.client.wait(announced);
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(answer.body, "{\"error\": \"body too large\"}");
  EXPECT_TRUE(answer.ended);
  EXPECT_EQ(answer.code, std::uint32_t{NGHTTP2_NO_ERROR});
  // By what comes.
  const auto comes = pair.client.send({.method = "POST", .path = "/small", .end = false});
  pair.client.send_more(comes, std::string(50, 'a'), false);
  pair.client.send_more(comes, std::string(51, 'a'), false);
  EXPECT_EQ(pair.client.wait(comes).status, 413);
  EXPECT_EQ(pair.server->counts().requests_refused, 2U);
  EXPECT_EQ(pair.client.wait(pair.client.post("/small", std::string(100, 'a'))).status, 200);
}

TEST(Http2Test, ReadsOnBehindARefusalForAWhile) {
  Http2Pair pair;
  // More than its windows let through at once: who sends it all the same is not held up.
  const auto sent = pair.client.send({.method = "POST",
                                      .path = "/small",
                                      .fields = {{"content-length", "2000000"}},
                                      .end = false});
  EXPECT_TRUE(pair.client.wait_until([&] { return pair.client.answer(sent).ended; }));
  EXPECT_FALSE(pair.client.answer(sent).closed);
  pair.client.send_more(sent, std::string(2'000'000, 'a'), true);
  const auto& whole = pair.client.wait(sent);
  EXPECT_EQ(whole.status, 413);
  EXPECT_EQ(whole.code, 0U);
  // But not for ever.
  const auto endless = pair.client.send({.method = "POST",
                                         .path = "/small",
                                         .fields = {{"content-length", "9000000"}},
                                         .end = false});
  EXPECT_TRUE(pair.client.wait_until([&] { return pair.client.answer(endless).ended; }));
  pair.client.send_more(endless, std::string(8'000'000, 'a'), false);
  EXPECT_EQ(pair.client.wait(endless).code, std::uint32_t{NGHTTP2_NO_ERROR});
  EXPECT_EQ(pair.client.wait(pair.client.get("/a")).status, 200);
}

TEST(Http2Test, AHandlersRefusalIsSentAsItIs) {
  Http2Pair pair;
  const auto& answer = pair.client.wait(pair.client.post("/refused", "x"));
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(answer.fields.at("x-why"), "path");
  EXPECT_EQ(answer.body, "");
  EXPECT_TRUE(answer.ended);
  // One with much to send is told to send no more, and the connection stays.
  const auto id = pair.client.send({.method = "POST",
                                    .path = "/refused",
                                    .fields = {{"content-length", "100000"}},
                                    .end = false});
  EXPECT_EQ(pair.client.wait(id).status, 403);
  EXPECT_EQ(pair.client.wait(pair.client.get("/a")).status, 200);
}

TEST(Http2Test, RefusalsLeaveTheConnection) {
  Http2Pair pair;
  const struct {
    Http2TestRequest request;
    int status;
  } cases[] = {
      {{.method = "BREW"}, 501},
      {{.path = "/" + std::string(9000, 'a')}, 414},
      {{.fields = {{"a", std::string(17'000, 'a')}}}, 431},
      {{.path = "/a#b"}, 400},
      {{.fields = {{"expect", "tea"}}}, 417},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(pair.client.wait(pair.client.send(c.request)).status, c.status) << c.status;
  }
  EXPECT_EQ(pair.client.wait(pair.client.get("/a")).status, 200);
  EXPECT_EQ(pair.server->counts().requests_refused, 5U);
}

TEST(Http2Test, MalformedRequestsAreReset) {
  Http2Paths paths;
  const auto server = serve(paths);
  const std::string get(kHttp2GetFields);
  const auto literal = [](const std::string& name, const std::string& value) {
    return std::string(1, '\0') + static_cast<char>(name.size()) + name +
           static_cast<char>(value.size()) + value;
  };
  const std::string blocks[] = {
      get + literal("Upper", "x"),
      get + literal("connection", "close"),
      get + literal("te", "gzip"),
      get + literal("a", "b\r\nc: d"),
      get + literal(":path", "/"),
      get + literal(":odd", "x"),
      get + literal("a b", "x"),
      "\x82\x84\x86",
      get + literal("transfer-encoding", "chunked"),
  };
  std::uint32_t stream = 1;
  RawHttp2 raw(*server);
  for (const std::string& block : blocks) {
    raw.send(http2_frame(NGHTTP2_HEADERS, 0x5, stream, block));
    RawHttp2::Frame frame;
    while (raw.receive(frame) && frame.stream != stream) {
    }
    EXPECT_EQ(frame.type, NGHTTP2_RST_STREAM) << block;
    EXPECT_EQ(frame.payload, http2_number(NGHTTP2_PROTOCOL_ERROR)) << block;
    stream += 2;
  }
}

TEST(Http2Test, NoticesThatTheClientHasLeft) {
  Echo echo;
  const auto server = serve(echo);
  {
    Http2Client client(*server);
    const auto id = client.post("/later", "x");
    Exchange& exchange = echo.wait_for_held();
    EXPECT_FALSE(exchange.abandoned());
    client.reset(id);
    while (!exchange.abandoned()) std::this_thread::yield();
    EXPECT_EQ(client.wait(client.get("/a")).status, 200);
    EXPECT_EQ(exchange.body(), "x");
    exchange.finish();
    EXPECT_EQ(client.wait(client.get("/a")).status, 200);
  }
  auto leaving = std::make_unique<Http2Client>(*server);
  leaving->post("/later", "x");
  Exchange& exchange = echo.wait_for_held();
  leaving.reset();
  while (!exchange.abandoned()) std::this_thread::yield();
  std::jthread([&] { exchange.finish(); }).join();
  while (server->counts().connections > 0) std::this_thread::yield();
}

TEST(Http2Test, RefusesMoreRequestsThanItHoldsAtOnce) {
  Echo echo;
  Limits limits;
  limits.streams_max = 3;
  const auto server = serve(echo, {.limits = limits});
  Http2Client client(*server);
  // What is reset stays with its handler, and counts.
  EXPECT_EQ(client.wait(client.get("/a")).status, 200);
  for (int i = 0; i < 3; ++i) client.reset(client.post("/later", "x"));
  std::vector<Exchange*> held;
  for (int i = 0; i < 3; ++i) held.push_back(&echo.wait_for_held());
  const auto& refused = client.wait(client.get("/a"));
  EXPECT_EQ(refused.status, 0);
  EXPECT_EQ(refused.code, std::uint32_t{NGHTTP2_REFUSED_STREAM});
  for (Exchange* const each : held) each->finish();
  while (client.wait(client.get("/a")).status != 200) {
  }
}

TEST(Http2Test, EndsWhatIsTooSlow) {
  Limits limits;
  limits.header_time_max = milliseconds(40);
  limits.idle_time_max = milliseconds(200);
  limits.rate_grace = milliseconds(40);
  Http2Pair pair({.limits = limits});
  EXPECT_EQ(pair.client.wait(pair.client.send({.method = "POST", .end = false})).status, 408);
  EXPECT_EQ(pair.server->counts().timeouts, 1U);
  // The rest of a head never comes.
  RawHttp2 raw(*pair.server);
  raw.send(http2_frame(NGHTTP2_HEADERS, 0x1, 1, kHttp2GetFields));
  EXPECT_EQ(raw.end_code(), NGHTTP2_ENHANCE_YOUR_CALM);
  // Nor the rest of the preface, nor the first frame behind it.
  for (const std::size_t bytes : {10U, 24U}) {
    auto socket = *BlockingSocket::connect("127.0.0.1", pair.server->port(), soon());
    ASSERT_TRUE(socket.send(kHttp2Preface.substr(0, bytes), soon()).ok());
    std::string arrived;
    while (*socket.receive(arrived, soon()) > 0) {
    }
  }
  EXPECT_EQ(pair.server->counts().timeouts, 4U);
  // Silence is no fault.
  EXPECT_TRUE(pair.client.ended());
  EXPECT_EQ(pair.client.goaways(), (std::vector<Http2Client::Goaway>{{1, 0}}));
  EXPECT_EQ(pair.server->counts().timeouts, 4U);
}

TEST(Http2Test, RefusesABodyThatThereIsNoMemoryFor) {
  Echo echo;
  Limits limits;
  limits.bodies_bytes_max = 100'000;
  const auto server = serve(echo, {.limits = limits});
  Http2Client client(*server);
  const std::string large(60'000, 'x');
  const auto first = client.post("/later", large);
  Exchange& held = echo.wait_for_held();
  const auto& refused = client.wait(client.post("/a", large));
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.fields.at("retry-after"), "1");
  EXPECT_EQ(client.wait(client.post("/a", "x")).body, "x");
  EXPECT_EQ(server->counts().bodies_refused, 1U);
  held.finish();
  EXPECT_EQ(client.wait(first).body.size(), large.size());
  while (server->counts().bodies_bytes > 0) std::this_thread::yield();
}

TEST(Http2Test, CutsOffAClientThatDoesNotReadItsAnswers) {
  Limits limits;
  limits.rate_grace = milliseconds(40);
  limits.rate_min = 1 << 30;
  Http2Paths paths;
  const auto server = serve(paths, {.limits = limits});
  // With all the leave in the world, but without ever reading.
  RawHttp2 raw(*server);
  raw.send(http2_frame(NGHTTP2_SETTINGS, 0, 0, std::string("\0\x04", 2) + http2_number(1 << 30)) +
           http2_frame(NGHTTP2_WINDOW_UPDATE, 0, 0, http2_number(1 << 30)));
  const std::string large = std::string("\x82\x86\x41\x01x\x04\x06", 7) + "/large";
  for (std::uint32_t i = 0; i < 8; ++i) {
    raw.send(http2_frame(NGHTTP2_HEADERS, 0x5, 2 * i + 1, large));
  }
  while (server->counts().timeouts == 0) std::this_thread::yield();
  while (server->counts().connections > 0) std::this_thread::yield();
}

TEST(Http2Test, ResetsAnAnswerThatIsNotLetThrough) {
  Limits limits;
  limits.rate_grace = milliseconds(40);
  Http2Paths paths;
  const auto server = serve(paths, {.limits = limits});
  Http2Client client(std::make_unique<Http2TestSocket>(server->port()), 1000);
  client.set_reads(false);
  const auto& answer = client.wait(client.get("/large"));
  EXPECT_EQ(answer.code, std::uint32_t{NGHTTP2_CANCEL});
  EXPECT_EQ(answer.body.size(), 1000U);
  EXPECT_EQ(server->counts().timeouts, 1U);
  EXPECT_EQ(client.wait(client.get("/none")).status, 204);
}

TEST(Http2Test, ClosesAConnectionThatLetsNothingThrough) {
  Limits limits;
  limits.rate_grace = milliseconds(40);
  Http2Paths paths;
  const auto server = serve(paths, {.limits = limits});
  // Each stream may, all together may not.
  Http2Client client(std::make_unique<Http2TestSocket>(server->port()), 64 << 20);
  client.set_reads(false);
  client.get("/large");
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(server->counts().timeouts, 1U);
}

TEST(Http2Test, AnAnswerWaitsForTheClientsLeave) {
  Http2Paths paths;
  const auto server = serve(paths);
  Http2Client client(std::make_unique<Http2TestSocket>(server->port()), 1000);
  client.set_reads(false);
  const std::string body(20'000, 'b');
  const auto id = client.post("/a", body);
  EXPECT_TRUE(client.wait_until([&] { return client.answer(id).body.size() == 1000; }));
  EXPECT_EQ(client.wait(client.get("/none")).status, 204);
  client.set_reads(true);
  client.open_window(id, 1000);
  EXPECT_TRUE(client.wait(id).body == body);
}

// Each of many bodies may grow only while all together are not too many.
TEST(Http2Test, HoldsNoMoreOfBodiesThanItMay) {
  Echo echo;
  Limits limits;
  limits.stream_bodies_max = 256 << 10;
  limits.stream_window = 64 << 10;
  const auto server = serve(echo, {.limits = limits});
  Http2Client client(*server);
  const std::string body(1 << 20, 'b');
  std::vector<std::int32_t> ids;
  ids.reserve(10);
  for (int i = 0; i < 10; ++i) ids.push_back(client.post(i % 2 == 0 ? "/later" : "/a", body));
  std::jthread worker([&] {
    for (int i = 0; i < 5; ++i) echo.wait_for_held().finish();
  });
  for (const auto id : ids) EXPECT_TRUE(client.wait(id).body == body);
}

TEST(Http2Test, ThePingOfAClientIsAnswered) {
  Http2Pair pair;
  pair.client.ping();
  EXPECT_TRUE(pair.client.wait_until([&] { return pair.client.pings_answered() == 1; }));
}

TEST(Http2Test, ServesConnectionsOfBothVersions) {
  Http2Pair pair({.threads = 2});
  std::vector<std::jthread> clients;
  for (int c = 0; c < 4; ++c) {
    clients.emplace_back([&, c] {
      for (int n = 0; n < 20; ++n) {
        if (c % 2 == 0) {
          EXPECT_EQ(fetch({.port = pair.server->port(), .target = "/a"}, soon())->status, 200);
        } else {
          Http2Client client(*pair.server);
          EXPECT_EQ(client.wait(client.post("/a", "x")).body, "x");
        }
      }
    });
  }
}

}  // namespace
}  // namespace net
