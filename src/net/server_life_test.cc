#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <set>
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

#include "net/client.h"
#include "net/server.h"
#include "net/test_peer.h"
#include "threads/guarded.h"

namespace net {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

TEST(ServerLifeTest, ListensOnLoopbackOnly) {
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

TEST(ServerLifeTest, AdoptsSocketsThatListenAlready) {
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

// Answers, and remembers which threads did.
class Whereabouts final : public Handler {
 public:
  Admission admit(const RequestHead&, Response&) override { return Admission::accept(0); }
  void handle(Exchange& exchange) override {
    threads_.lock()->insert(std::this_thread::get_id());
    exchange.finish();
  }
  std::size_t threads() { return threads_.lock()->size(); }

 private:
  threads::Guarded<std::set<std::thread::id>> threads_;
};

// Whichever of the sockets that it is waited for at is the next to be connected to.
TEST(ServerLifeTest, AConnectionLivesOnTheLoopThatItWasAcceptedFor) {
  Whereabouts whereabouts;
  const int first = listening("127.0.0.1");
  const int second = listening("127.0.0.2");
  sockaddr_in at{};
  socklen_t size = sizeof at;
  ASSERT_EQ(::getsockname(second, reinterpret_cast<sockaddr*>(&at), &size), 0);
  const auto server = serve(whereabouts, {.adopted = {first, second}, .threads = 2});
  EXPECT_EQ(fetch({.port = server->port(), .target = "/a"}, soon())->status, 200);
  EXPECT_EQ(
      fetch({.address = "127.0.0.2", .port = ntohs(at.sin_port), .target = "/a"}, soon())->status,
      200);
  EXPECT_EQ(whereabouts.threads(), 2U);
}

TEST(ServerLifeTest, WhatHoldsForListeningHoldsForSocketsThatAreAdopted) {
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
TEST(ServerLifeTest, SeveralServersAcceptFromOneSocket) {
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

TEST(ServerLifeTest, StoppingGentlyAnswersOneMoreRequestOfEachConnection) {
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
TEST(ServerLifeTest, StoppingTakesWhoIsConnectedAlready) {
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

// Connects anew for each request until it is refused; how often it was let in and not answered.
int ask_until_refused(std::uint16_t port) {
  int unanswered = 0;
  for (;;) {
    auto socket = BlockingSocket::connect("127.0.0.1", port, soon());
    if (!socket.ok()) return unanswered;
    if (!socket->send(kGet, soon()).ok()) continue;
    std::string answer;
    const auto got = socket->receive(answer, soon());
    if (got.ok() && *got == 0) ++unanswered;
  }
}

// Among them one whose turn comes when the sockets are closed already.
TEST(ServerLifeTest, StoppingGentlyAnswersWhoIsBeingAccepted) {
  Echo echo;
  std::atomic<int> unanswered = 0;
  for (int i = 0; i < 20; ++i) {
    const auto server = serve(echo, {.threads = 2});
    std::vector<std::jthread> clients;
    for (int t = 0; t < 8; ++t) {
      clients.emplace_back([&, port = server->port()] { unanswered += ask_until_refused(port); });
    }
    while (server->counts().accepted < 50) std::this_thread::yield();
    EXPECT_TRUE(server->stop(soon(), soon()));
  }
  EXPECT_EQ(unanswered, 0);
}

TEST(ServerLifeTest, LimitsConnectionsInAllAndOfOneSource) {
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

TEST(ServerLifeTest, WaitsForADescriptorWithoutSpinning) {
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

TEST(ServerLifeTest, StopFinishesWhatIsInFlight) {
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

TEST(ServerLifeTest, StopCutsOffWhatIsNotFinishedInTime) {
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

TEST(ServerLifeTest, ServesManyConnectionsOneAfterAnotherAndAtOnce) {
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

}  // namespace
}  // namespace net
