#include "net/server.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "net/blocking_socket.h"
#include "net/client.h"
#include "net/test_deadline.h"
#include "threads/guarded.h"

namespace net {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Answers with the body it got. Requests to /later wait until somebody finishes them.
class Echo final : public Handler {
 public:
  Admission admit(const RequestHead& head, Response& refusal) override {
    if (head.path != "/missing") return Admission::accept(4 << 20);
    refusal.set_status(404);
    refusal.body() = "no such path";
    return Admission::refuse();
  }

  void handle(Exchange& exchange) override {
    exchange.response().set_content_type("text/plain");
    exchange.response().body() = exchange.body();
    exchange.response().add_header("X-Path", exchange.head().path);
    if (exchange.head().path != "/later") return exchange.finish();
    held_.lock()->push_back(&exchange);
    arrived_.notify_all();
  }

  Exchange& wait_for_held() {
    auto held = held_.lock();
    EXPECT_TRUE(held.wait_until(arrived_, soon(), [](const auto& h) { return !h.empty(); }));
    Exchange* const exchange = held->front();
    held->pop_front();
    return *exchange;
  }

 private:
  threads::Guarded<std::deque<Exchange*>> held_;
  std::condition_variable arrived_;
};

std::unique_ptr<Server> serve(Handler& handler, Server::Options options = {}) {
  auto server = Server::listen(std::move(options), handler);
  EXPECT_TRUE(server.ok()) << (server.ok() ? "" : server.error().message());
  return *std::move(server);
}

// A client that writes bytes as the test says, and reads answers one by one.
class Peer {
 public:
  explicit Peer(const Server& server)
      : socket_(*BlockingSocket::connect("127.0.0.1", server.port(), soon())) {}

  BlockingSocket& socket() { return socket_; }
  void send(std::string_view bytes) { EXPECT_TRUE(socket_.send(bytes, soon()).ok()); }

  // The next answer: head and as much body as it announces; "" where the server has ended.
  std::string answer(bool head_only = false) {
    for (;;) {
      const std::size_t end = arrived_.find("\r\n\r\n");
      if (end != std::string::npos) {
        std::size_t whole = end + 4;
        const std::size_t at = arrived_.find("Content-Length: ");
        if (!head_only && at < end) whole += std::stoul(arrived_.substr(at + 16));
        if (arrived_.size() >= whole) {
          const std::string text = arrived_.substr(0, whole);
          arrived_.erase(0, whole);
          return text;
        }
      }
      if (!more()) return "";
    }
  }
  int status(bool head_only = false) {
    const std::string text = answer(head_only);
    return text.size() < 12 ? 0 : std::stoi(text.substr(9, 3));
  }
  // Whether nothing more comes but the end.
  bool ended() {
    while (more()) {
    }
    return arrived_.empty();
  }

 private:
  bool more() {
    const auto got = socket_.receive(arrived_, soon());
    return got.ok() && *got > 0;
  }

  BlockingSocket socket_;
  std::string arrived_;
};

std::string post(std::string_view path, std::string_view body, std::string_view fields = "") {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n" + std::string(fields) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

constexpr std::string_view kGet = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";

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

TEST(ServerTest, ListensOnLoopbackOnly) {
  Echo echo;
  const auto refused = Server::listen({.address = "0.0.0.0"}, echo);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), base::Code::Denied);
  EXPECT_EQ(refused.error().message(),
            "listen address \"0.0.0.0\": expected a loopback address such as 127.0.0.1; any other "
            "needs keys and TLS: --keys, --tls-cert and --tls-key, or --cleartext behind a proxy "
            "that ends TLS");
  EXPECT_FALSE(Server::listen({.address = "localhost"}, echo).ok());
  EXPECT_FALSE(Server::listen({.address = "::"}, echo).ok());
  EXPECT_FALSE(Server::listen({.threads = 0}, echo).ok());
  const auto server = serve(echo);
  const auto taken = Server::listen({.port = server->port()}, echo);
  ASSERT_FALSE(taken.ok());
  EXPECT_EQ(taken.error().code(), base::Code::Conflict);
}

// A socket that listens on `address`, as somebody else would hand it on.
int listening(const char* address, int kind = SOCK_STREAM) {
  const int fd = ::socket(AF_INET, kind | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  EXPECT_EQ(::inet_pton(AF_INET, address, &at.sin_addr), 1);
  EXPECT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at), 0);
  if (kind == SOCK_STREAM) {
    EXPECT_EQ(::listen(fd, 64), 0);
  }
  return fd;
}

TEST(ServerTest, AdoptsSocketsThatListenAlready) {
  Echo echo;
  const int first = listening("127.0.0.1");
  const int second = listening("127.0.0.2");
  sockaddr_in at{};
  socklen_t size = sizeof at;
  ASSERT_EQ(::getsockname(second, reinterpret_cast<sockaddr*>(&at), &size), 0);
  const auto server = serve(echo, {.adopted = {first, second}});
  EXPECT_EQ(server->address(), "127.0.0.1");
  EXPECT_EQ(fetch({.port = server->port(), .target = "/a"}, soon())->status, 200);
  EXPECT_EQ(
      fetch({.address = "127.0.0.2", .port = ntohs(at.sin_port), .target = "/a"}, soon())->status,
      200);
  EXPECT_EQ(server->counts().accepted, 2U);
}

TEST(ServerTest, WhatHoldsForListeningHoldsForSocketsThatAreAdopted) {
  const struct {
    int descriptor;
    base::Code code;
    const char* message;
  } cases[] = {
      {listening("0.0.0.0"), base::Code::Denied,
       "listen address \"0.0.0.0\": expected a loopback address such as 127.0.0.1; any other needs "
       "keys and TLS: --keys, --tls-cert and --tls-key, or --cleartext behind a proxy that ends "
       "TLS"},
      {listening("127.0.0.1", SOCK_DGRAM), base::Code::Invalid,
       ": expected a TCP socket that listens"},
      {::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), base::Code::Invalid,
       ": expected a TCP socket that listens"},
      {::open("/dev/null", O_RDONLY | O_CLOEXEC), base::Code::Invalid,
       ": expected a TCP socket that listens"},
  };
  Echo echo;
  for (const auto& each : cases) {
    const int good = listening("127.0.0.1");
    const auto server = Server::listen({.adopted = {each.descriptor, good}}, echo);
    ASSERT_FALSE(server.ok());
    EXPECT_EQ(server.error().code(), each.code);
    EXPECT_NE(server.error().message().find(each.message), std::string::npos)
        << server.error().message();
    // All are closed, also the one that was never looked at.
    EXPECT_EQ(::fcntl(each.descriptor, F_GETFD), -1);
    EXPECT_EQ(::fcntl(good, F_GETFD), -1);
  }
}

// Two servers accept from one socket; whoever comes too late waits for the next. When one stops the
// other has it all, and no client notices.
TEST(ServerTest, SeveralServersAcceptFromOneSocket) {
  Echo echo;
  const int shared = listening("127.0.0.1");
  auto first = serve(echo, {.adopted = {::dup(shared)}});
  const auto second = serve(echo, {.adopted = {shared}});
  const std::uint16_t port = second->port();
  std::atomic<int> answered = 0;
  std::vector<std::jthread> clients;
  for (int t = 0; t < 4; ++t) {
    clients.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        const auto answer = fetch({.port = port, .target = "/a"}, soon());
        if (answer.ok() && answer->status == 200) ++answered;
      }
    });
  }
  // Gently: a connection that was accepted a moment ago may still send its request.
  EXPECT_TRUE(first->stop(soon(), soon()));
  clients.clear();
  EXPECT_EQ(answered, 200);
  EXPECT_EQ(first->counts().accepted + second->counts().accepted, 200U);
}

TEST(ServerTest, StoppingGentlyAnswersOneMoreRequestOfEachConnection) {
  Echo echo;
  const auto server = serve(echo);
  Peer idle(*server);
  Peer silent(*server);
  idle.send(kGet);
  EXPECT_EQ(idle.status(), 200);
  silent.send(kGet);
  EXPECT_EQ(silent.status(), 200);
  bool finished = false;
  {
    const std::jthread stopper(
        [&] { finished = server->stop(soon(), steady_clock::now() + milliseconds(500)); });
    // Nobody is let in any more once it has begun.
    while (fetch({.port = server->port(), .target = "/a"}, soon()).ok()) {
    }
    // The last answer says that it is the last.
    std::string answer;
    do {
      idle.send(kGet);
      answer = idle.answer();
      ASSERT_NE(answer.find("200 OK"), std::string::npos);
    } while (answer.find("Connection: close") == std::string::npos);
    EXPECT_TRUE(idle.ended());
    // Who has nothing to say is let go when the time is over.
    EXPECT_TRUE(silent.ended());
  }
  EXPECT_TRUE(finished);
}

// Somebody else holds the socket as well, so that who is left in it would not even be told.
TEST(ServerTest, StoppingTakesWhoIsConnectedAlready) {
  Echo echo;
  const int shared = listening("127.0.0.1");
  const int other = ::dup(shared);
  const auto server = serve(echo, {.adopted = {shared}});
  std::deque<Peer> peers;
  for (int i = 0; i < 50; ++i) peers.emplace_back(*server).send(kGet);
  EXPECT_TRUE(server->stop(soon(), steady_clock::now() + milliseconds(500)));
  for (Peer& each : peers) EXPECT_EQ(each.status(), 200);
  ::close(other);
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

TEST(ServerTest, CutsOffAClientThatDoesNotReadItsAnswer) {
  Echo echo;
  Limits limits;
  limits.rate_grace = milliseconds(40);
  limits.rate_min = 1 << 30;
  const auto server = serve(echo, {.limits = limits});
  Peer peer(*server);
  std::jthread writer([&] {
    for (int i = 0; i < 8; ++i) {
      if (!peer.socket().send(post("/a", std::string(4 << 20, 'x')), soon()).ok()) return;
    }
  });
  while (server->counts().timeouts == 0) std::this_thread::yield();
}

TEST(ServerTest, LimitsConnectionsInAllAndOfOneSource) {
  Echo echo;
  for (const bool of_source : {false, true}) {
    Limits limits;
    (of_source ? limits.connections_per_source_max : limits.connections_max) = 2;
    const auto server = serve(echo, {.limits = limits});
    Peer first(*server);
    auto second = std::make_unique<Peer>(*server);
    first.send(kGet);
    second->send(kGet);
    EXPECT_EQ(first.status(), 200);
    EXPECT_EQ(second->status(), 200);
    Peer third(*server);
    EXPECT_TRUE(third.answer().ends_with("{\"error\": \"too many connections\"}"));
    third.socket().end_output();
    EXPECT_TRUE(third.ended());
    EXPECT_EQ(server->counts().connections_refused, 1U);
    second.reset();
    while (server->counts().connections > 1) std::this_thread::yield();
    Peer fourth(*server);
    fourth.send(kGet);
    EXPECT_EQ(fourth.status(), 200);
  }
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

// Lets the process open one more descriptor and no further, until it goes.
class OneDescriptorLeft {
 public:
  OneDescriptorLeft() {
    EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &before_), 0);
    const int next = ::dup(STDERR_FILENO);
    ::close(next);
    rlimit now = before_;
    now.rlim_cur = static_cast<rlim_t>(next) + 1;
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &now), 0);
  }
  ~OneDescriptorLeft() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST(ServerTest, WaitsForADescriptorWithoutSpinning) {
  Echo echo;
  const auto server = serve(echo);
  std::optional<OneDescriptorLeft> limit(std::in_place);
  Peer peer(*server);
  peer.send(kGet);
  const auto start = steady_clock::now();
  while (server->counts().accept_backoffs < 3) std::this_thread::yield();
  EXPECT_GE(steady_clock::now() - start, milliseconds(20));
  limit.reset();
  EXPECT_EQ(peer.status(), 200);
}

TEST(ServerTest, StopFinishesWhatIsInFlight) {
  Echo echo;
  const auto server = serve(echo, {.threads = 2});
  Peer busy(*server);
  Peer idle(*server);
  idle.send(kGet);
  EXPECT_EQ(idle.status(), 200);
  busy.send(post("/later", "kept"));
  Exchange& exchange = echo.wait_for_held();
  bool finished = false;
  {
    std::jthread stopper([&] { finished = server->stop(soon()); });
    EXPECT_TRUE(idle.ended());
    exchange.finish();
    const std::string answer = busy.answer();
    EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos);
    EXPECT_TRUE(answer.ends_with("kept"));
    EXPECT_TRUE(busy.ended());
  }
  EXPECT_TRUE(finished);
  EXPECT_FALSE(BlockingSocket::connect("127.0.0.1", server->port(), soon()).ok());
  EXPECT_TRUE(server->stop(soon()));
}

TEST(ServerTest, StopCutsOffWhatIsNotFinishedInTime) {
  Echo echo;
  auto server = serve(echo);
  Peer busy(*server);
  Peer partial(*server);
  partial.send("GET / HT");
  busy.send(post("/later", "x"));
  Exchange& exchange = echo.wait_for_held();
  EXPECT_FALSE(server->stop(steady_clock::now() + milliseconds(20)));
  EXPECT_TRUE(busy.ended());
  EXPECT_TRUE(partial.ended());
  EXPECT_TRUE(exchange.abandoned());
  // The exchange outlives the stop, and the server waits for it at its end.
  std::jthread destroyer([&] { server.reset(); });
  exchange.finish();
}

TEST(ServerTest, ServesManyConnectionsOneAfterAnotherAndAtOnce) {
  Echo echo;
  const auto server = serve(echo, {.threads = 2});
  for (int i = 0; i < 1000; ++i) {
    Peer peer(*server);
    peer.send(kGet);
    ASSERT_EQ(peer.status(), 200) << i;
  }
  std::atomic<int> good = 0;
  std::vector<std::jthread> clients;
  for (int i = 0; i < 64; ++i) {
    clients.emplace_back([&, i] {
      Peer peer(*server);
      for (int n = 0; n < 20; ++n) {
        const std::string body = std::to_string(i * 1000 + n);
        peer.send(post("/a", body));
        if (peer.answer().ends_with("\r\n\r\n" + body)) ++good;
      }
    });
  }
  clients.clear();
  EXPECT_EQ(good.load(), 64 * 20);
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
