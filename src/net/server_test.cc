#include "net/server.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "net/client.h"
#include "net/test_peer.h"

namespace net {
namespace {

using std::chrono::milliseconds;

TEST(ServerTest, AnswersARequest) {
  Echo echo;
  const auto server = serve(echo);
  const auto answer = fetch({.port = server->port(),
                             .method = "POST",
                             .target = "/echo",
                             .headers = {{"X-A", "b"}},
                             .body = "hello"},
                            soon());
  ASSERT_TRUE(answer.ok()) << answer.error().message();
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "hello");
  EXPECT_EQ(answer->header("content-type"), "text/plain");
  EXPECT_EQ(answer->header("x-path"), "/echo");
  EXPECT_EQ(answer->header("connection"), "close");
}

TEST(ServerTest, WritesTheWholeAnswerByTheBook) {
  Echo echo;
  const auto server = serve(echo, {.wall_seconds = [] { return 784111777; }});
  Peer peer(*server);
  peer.send(post("/a", "hi"));
  EXPECT_EQ(peer.answer(),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n"
            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nX-Path: /a\r\n\r\nhi");
}

TEST(ServerTest, ServesRequestsCutAtEveryByte) {
  Echo echo;
  const auto server = serve(echo);
  const std::string plain = post("/a", "hello");
  const std::string chunked =
      "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nhel\r\n2;e=1\r\nlo\r\n0\r\nT: x\r\n\r\n";
  for (const std::string& text : {plain, chunked}) {
    Peer peer(*server);
    for (std::size_t cut = 1; cut < text.size(); ++cut) {
      peer.send(std::string_view(text).substr(0, cut));
      std::this_thread::yield();
      peer.send(std::string_view(text).substr(cut));
      ASSERT_TRUE(peer.answer().ends_with("\r\n\r\nhello")) << cut;
    }
  }
}

TEST(ServerTest, AnswersPipelinedRequestsInOrder) {
  Echo echo;
  const auto server = serve(echo);
  Peer peer(*server);
  std::string all;
  for (int i = 0; i < 500; ++i) {
    const std::string body = std::to_string(i);
    all += i % 3 == 0 ? "\r\n" + post("/a", body)
                      : "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" +
                            std::to_string(body.size()) + "\r\n" + body + "\r\n0\r\n\r\n";
  }
  std::jthread writer([&] { peer.socket().send(all, soon()).ok(); });
  for (int i = 0; i < 500; ++i) {
    ASSERT_TRUE(peer.answer().ends_with("\r\n\r\n" + std::to_string(i))) << i;
  }
}

TEST(ServerTest, PipelinedRequestsWaitForOneThatIsFinishedLater) {
  Echo echo;
  const auto server = serve(echo);
  Peer peer(*server);
  for (int round = 0; round < 20; ++round) {
    const std::string chunked =
        "POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nsecond\r\n0\r\n\r\n";
    peer.send(post("/later", "first"));
    Exchange& exchange = echo.wait_for_held();
    const std::size_t cut = static_cast<std::size_t>(round) * 3;
    peer.send(std::string_view(chunked).substr(0, cut));
    EXPECT_EQ(exchange.body(), "first");
    std::jthread worker([&] { exchange.finish(); });
    peer.send(chunked.substr(cut) + post("/a", "third"));
    ASSERT_TRUE(peer.answer().ends_with("first"));
    ASSERT_TRUE(peer.answer().ends_with("second"));
    ASSERT_TRUE(peer.answer().ends_with("third"));
  }
}

TEST(ServerTest, KeepsTheConnectionAsTheVersionSays) {
  Echo echo;
  const auto server = serve(echo);
  const struct {
    std::string_view text;
    bool kept;
  } cases[] = {
      {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", true},
      {"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", false},
      {"GET / HTTP/1.0\r\n\r\n", false},
      {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true},
  };
  for (const auto& c : cases) {
    Peer peer(*server);
    peer.send(c.text);
    const std::string answer = peer.answer();
    EXPECT_EQ(answer.find("Connection: close") == std::string::npos, c.kept) << c.text;
    if (c.kept) {
      peer.send(c.text);
      EXPECT_EQ(peer.status(), 200);
    } else {
      EXPECT_TRUE(peer.ended()) << c.text;
    }
  }
}

TEST(ServerTest, AnswersHeadWithTheLengthAlone) {
  Echo echo;
  const auto server = serve(echo);
  Peer peer(*server);
  peer.send("HEAD /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi");
  const std::string answer = peer.answer(true);
  EXPECT_NE(answer.find("Content-Length: 2\r\n"), std::string::npos);
  peer.send(kGet);
  EXPECT_EQ(peer.status(), 200);
}

TEST(ServerTest, CarriesLargeBodiesBothWays) {
  Echo echo;
  const auto server = serve(echo);
  std::string body(4 << 20, ' ');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>('a' + i % 23);
  for (int i = 0; i < 3; ++i) {
    const auto answer =
        fetch({.port = server->port(), .method = "POST", .target = "/a", .body = body}, soon());
    ASSERT_TRUE(answer.ok()) << answer.error().message();
    EXPECT_TRUE(answer->body == body);
  }
}

TEST(ServerTest, RefusesABodyThatIsTooLargeBeforeReadingIt) {
  Echo echo;
  const auto server = serve(echo);
  Peer peer(*server);
  peer.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n");
  const std::string answer = peer.answer();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 413 Content Too Large\r\n"));
  EXPECT_TRUE(answer.ends_with("{\"error\": \"body too large\"}"));
  EXPECT_EQ(server->counts().requests_refused, 1U);
  // The client is still sending, and sees the answer all the same.
  Peer eager(*server);
  eager.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n" +
             std::string(1 << 20, 'x'));
  EXPECT_EQ(eager.status(), 413);
  Peer chunked(*server);
  chunked.send("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n");
  EXPECT_EQ(chunked.status(), 413);
}

TEST(ServerTest, AsksForTheBodyThatWasAnnounced) {
  Echo echo;
  const auto server = serve(echo);
  Peer peer(*server);
  peer.send("POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(peer.answer(), "HTTP/1.1 100 Continue\r\n\r\n");
  peer.send("hello");
  EXPECT_TRUE(peer.answer().ends_with("hello"));
  Peer refused(*server);
  refused.send(
      "POST /missing HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
      "Content-Length: 5\r\n\r\n");
  EXPECT_EQ(refused.status(), 404);
  EXPECT_TRUE(refused.ended());
}

TEST(ServerTest, AHandlersRefusalKeepsTheConnectionWhenTheBodyIsSmall) {
  Echo echo;
  const auto server = serve(echo);
  Peer peer(*server);
  peer.send(post("/missing", "hello"));
  EXPECT_TRUE(peer.answer().ends_with("no such path"));
  peer.send(post("/a", "hello"));
  EXPECT_EQ(peer.status(), 200);
  peer.send(post("/missing", std::string(100'000, 'x')));
  EXPECT_EQ(peer.status(), 404);
  EXPECT_TRUE(peer.ended());
}

TEST(ServerTest, RefusalsEndTheConnection) {
  Echo echo;
  const auto server = serve(echo);
  const struct {
    std::string text;
    int status;
  } cases[] = {
      {"nonsense\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"BREW / HTTP/1.1\r\nHost: x\r\n\r\n", 501},
      {"GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n", 414},
      {"GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(17'000, 'a') + "\r\n\r\n", 431},
      {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
       400},
      {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;" +
           std::string(30'000, 'a'),
       431},
  };
  for (const auto& c : cases) {
    Peer peer(*server);
    peer.send(c.text);
    EXPECT_EQ(peer.status(), c.status) << c.text.substr(0, 80);
    peer.socket().end_output();
    EXPECT_TRUE(peer.ended());
  }
}

TEST(ServerTest, EndsConnectionsThatAreTooSlow) {
  Echo echo;
  Limits limits;
  limits.header_time_max = milliseconds(40);
  limits.idle_time_max = milliseconds(40);
  limits.rate_grace = milliseconds(40);
  const auto server = serve(echo, {.limits = limits});
  Peer silent(*server);
  Peer slow_head(*server);
  slow_head.send("GET / HT");
  Peer slow_body(*server);
  slow_body.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
  Peer idle(*server);
  idle.send(kGet);
  EXPECT_EQ(idle.status(), 200);
  EXPECT_TRUE(silent.ended());
  EXPECT_EQ(slow_head.status(), 408);
  EXPECT_EQ(slow_body.status(), 408);
  EXPECT_TRUE(idle.ended());
  EXPECT_EQ(server->counts().timeouts, 2U);
}

TEST(ServerTest, CountsWhatIsSlow) {
  Echo echo;
  Limits limits;
  limits.header_time_max = milliseconds(40);
  limits.rate_grace = milliseconds(40);
  const auto server = serve(echo, {.limits = limits});
  Peer slow_head(*server);
  slow_head.send("GET / HT");
  Peer slow_body(*server);
  slow_body.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
  EXPECT_EQ(slow_head.status(), 408);
  EXPECT_EQ(slow_body.status(), 408);
  const ServerCounts counts = server->counts();
  EXPECT_EQ(counts.slow_heads, 1U);
  EXPECT_EQ(counts.slow_bodies, 1U);
  EXPECT_EQ(counts.slow_readers, 0U);
}

TEST(ServerTest, RefusesABodyThatThereIsNoMemoryFor) {
  Echo echo;
  Limits limits;
  limits.bodies_bytes_max = 1 << 20;
  const auto server = serve(echo, {.limits = limits});
  const std::string large(900 << 10, 'x');
  Peer holder(*server);
  holder.send(post("/later", large));
  Exchange& held = echo.wait_for_held();
  EXPECT_GE(server->counts().bodies_bytes, large.size());
  for (const std::string& request :
       {post("/a", large),
        "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        "e1000\r\n" +
            large + "\r\n0\r\n\r\n"}) {
    Peer refused(*server);
    refused.send(request);
    const std::string answer = refused.answer();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 ")) << answer;
    EXPECT_NE(answer.find("\r\nRetry-After: 1\r\n"), std::string::npos) << answer;
  }
  EXPECT_EQ(server->counts().bodies_refused, 2U);
  // Small ones go on.
  Peer small(*server);
  small.send(post("/a", "x"));
  EXPECT_EQ(small.status(), 200);
  held.finish();
  EXPECT_EQ(holder.status(), 200);
  // What a connection keeps for its next request comes back too.
  while (server->counts().bodies_bytes > 0) std::this_thread::yield();
  Peer again(*server);
  again.send(post("/a", large));
  EXPECT_EQ(again.status(), 200);
}

// Answers more than a socket's buffers hold.
class Talker final : public Handler {
 public:
  Admission admit(const RequestHead&, Response&) override { return Admission::accept(0); }
  void handle(Exchange& exchange) override {
    exchange.response().body() = std::string(32 << 20, 'x');
    exchange.finish();
  }
};

TEST(ServerTest, CutsOffAClientThatDoesNotReadItsAnswer) {
  Talker talker;
  Limits limits;
  limits.rate_grace = milliseconds(40);
  limits.rate_min = 1 << 30;
  const auto server = serve(talker, {.limits = limits});
  Peer peer(*server);
  peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  while (server->counts().timeouts == 0) std::this_thread::yield();
  EXPECT_EQ(server->counts().slow_readers, 1U);
}

TEST(ServerTest, NoticesThatTheClientHasLeft) {
  Echo echo;
  const auto server = serve(echo);
  for (const bool by_reset : {false, true}) {
    Peer peer(*server);
    peer.send(post("/later", "x"));
    Exchange& exchange = echo.wait_for_held();
    EXPECT_FALSE(exchange.abandoned());
    if (by_reset) {
      peer.socket().reset();
    } else {
      peer.socket().end_output();
    }
    while (!exchange.abandoned()) std::this_thread::yield();
    exchange.finish();
    // Who only ended its own side still gets the answer.
    if (!by_reset) {
      EXPECT_EQ(peer.status(), 200);
      EXPECT_TRUE(peer.ended());
    }
  }
  while (server->counts().connections > 0) std::this_thread::yield();
}

TEST(ServerTest, WorkersMayFinishWhileTheHandlerIsStillReturning) {
  Echo echo;
  const auto server = serve(echo, {.threads = 2});
  std::atomic<bool> done = false;
  constexpr int kRequests = 400;
  std::jthread worker([&] {
    for (int i = 0; i < kRequests; ++i) echo.wait_for_held().finish();
    done = true;
  });
  std::vector<std::jthread> clients;
  for (int c = 0; c < 4; ++c) {
    clients.emplace_back([&] {
      Peer peer(*server);
      for (int n = 0; n < kRequests / 4; ++n) {
        peer.send(post("/later", "x"));
        EXPECT_EQ(peer.status(), 200);
      }
    });
  }
  clients.clear();
  worker.join();
  EXPECT_TRUE(done);
}

}  // namespace
}  // namespace net
