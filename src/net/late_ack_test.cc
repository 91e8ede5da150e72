#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "net/test_grpc.h"
#include "net/test_http2_client.h"
#include "net/test_peer.h"
#include "net/test_server.h"

// A client that acknowledges only when it must, 40 ms later, or with the next request. A server
// that writes an answer in small parts without TCP_NODELAY waits for that with each of them; this
// one must never. Whether it does is a matter of most answers or of none, so that a busy machine
// does not decide.

namespace net {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kTurns = 60;
constexpr milliseconds kLateTime{30};  // Less than any delay of Linux's; the least is 40 ms.

constexpr int kPacketBytes = 1400;  // As on a network.

class LateAckSocket final : public Http2TestTransport {
 public:
  explicit LateAckSocket(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    set(TCP_MAXSEG, kPacketBytes);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
    set(TCP_NODELAY, 1);
    delay_acks();
  }
  LateAckSocket(const LateAckSocket&) = delete;
  LateAckSocket& operator=(const LateAckSocket&) = delete;
  ~LateAckSocket() override { ::close(fd_); }

  bool send(std::string_view bytes) override {
    delay_acks();
    return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }
  bool receive(std::string& into) override {
    pollfd waited{fd_, POLLIN, 0};
    if (::poll(&waited, 1, 30'000) != 1) return false;
    char bytes[4096];
    const ssize_t count = ::recv(fd_, bytes, sizeof bytes, 0);
    delay_acks();
    if (count <= 0) return false;
    into.append(bytes, static_cast<std::size_t>(count));
    return true;
  }

 private:
  // Linux turns it on again by itself.
  void delay_acks() { set(TCP_QUICKACK, 0); }
  void set(int option, int value) { ::setsockopt(fd_, IPPROTO_TCP, option, &value, sizeof value); }

  int fd_;
};

// Of how many turns an answer came late.
template <typename Turn>
int late_of(const Turn& turn) {
  int late = 0;
  for (int i = 0; i < kTurns; ++i) {
    const auto begun = steady_clock::now();
    turn();
    if (steady_clock::now() - begun >= kLateTime) ++late;
  }
  return late;
}

// What a machine that is busy with other things may do to a few.
constexpr int kFewTurns = kTurns / 4;

// Reads so many answers of HTTP/1.1 that end with `end`.
void read_answers(LateAckSocket& socket, int count, std::string_view end) {
  std::string arrived;
  for (; count > 0; --count) {
    while (arrived.find(end) == std::string::npos) {
      ASSERT_TRUE(socket.receive(arrived)) << arrived;
    }
    arrived.erase(0, arrived.find(end) + end.size());
  }
}

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

// Parts of an answer as they are written, one behind the other.
int late_of_parts(bool no_delay) {
  ScriptedServer server([no_delay](ScriptedServer::Socket& socket) {
    socket.set_option(boost::asio::ip::tcp::no_delay(no_delay));
    while (!read_request(socket).empty()) {
      write_text(socket, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n");
      write_text(socket, "end");
    }
  });
  LateAckSocket socket(server.port());
  return late_of([&] {
    socket.send(kGet);
    read_answers(socket, 1, "end");
  });
}

TEST(LateAckTest, SeesAServerThatWaitsForAcknowledgements) {
  EXPECT_GT(late_of_parts(false), kTurns - kFewTurns);
  EXPECT_LE(late_of_parts(true), kFewTurns);
}

class AnswerTest : public ::testing::Test {
 protected:
  Echo echo_;
  std::unique_ptr<Server> server_ = serve(echo_);
  LateAckSocket socket_{server_->port()};
};

TEST_F(AnswerTest, OfARequestIsNotHeldBack) {
  EXPECT_LE(late_of([&] {
              socket_.send(post("/a", "end"));
              read_answers(socket_, 1, "\r\n\r\nend");
            }),
            kFewTurns);
}

TEST_F(AnswerTest, OfRequestsSentTogetherAreNotHeldBack) {
  const std::string requests = repeated(post("/a", "end"), 20);
  EXPECT_LE(late_of([&] {
              socket_.send(requests);
              read_answers(socket_, 20, "\r\n\r\nend");
            }),
            kFewTurns);
}

TEST_F(AnswerTest, OfAChunkedRequestIsNotHeldBack) {
  const std::string_view request =
      "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nend\r\n0\r\n\r\n";
  EXPECT_LE(late_of([&] {
              socket_.send(request);
              read_answers(socket_, 1, "\r\n\r\nend");
            }),
            kFewTurns);
}

TEST_F(AnswerTest, BehindAnInterimOneIsNotHeldBack) {
  const std::string_view head =
      "POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
  EXPECT_LE(late_of([&] {
              socket_.send(head);
              read_answers(socket_, 1, "100 Continue\r\n\r\n");
              socket_.send("end");
              read_answers(socket_, 1, "\r\n\r\nend");
            }),
            kFewTurns);
}

// As many as may leave before any is acknowledged.
TEST_F(AnswerTest, OfManyPacketsIsNotHeldBack) {
  const std::string body = std::string(12'000, 'x') + "end";
  EXPECT_LE(late_of([&] {
              socket_.send(post("/a", body));
              read_answers(socket_, 1, "xend");
            }),
            kFewTurns);
}

TEST_F(AnswerTest, OfARequestThatIsRefusedIsNotHeldBack) {
  EXPECT_LE(late_of([&] {
              socket_.send("GET /missing HTTP/1.1\r\nHost: x\r\n\r\n");
              read_answers(socket_, 1, "no such path");
            }),
            kFewTurns);
}

TEST_F(AnswerTest, OfHttp2IsNotHeldBack) {
  Http2Client client(std::make_unique<LateAckSocket>(server_->port()));
  EXPECT_LE(late_of([&] { EXPECT_EQ(client.wait(client.post("/a", "end")).body, "end"); }),
            kFewTurns);
}

TEST_F(AnswerTest, OfHttp2StreamsTogetherAreNotHeldBack) {
  Http2Client client(std::make_unique<LateAckSocket>(server_->port()));
  EXPECT_LE(late_of([&] {
              std::int32_t last = 0;
              for (int i = 0; i < 20; ++i) last = client.post("/a", "end");
              EXPECT_EQ(client.wait(last).body, "end");
            }),
            kFewTurns);
}

// Answers each message of a call with itself.
class EchoCalls final : public Handler {
 public:
  Admission admit(const RequestHead&, Response&) override {
    return Admission::accept_messages(1 << 20, false);
  }
  void handle(Exchange& exchange) override {
    exchange.response().body() = exchange.body();
    exchange.finish();
  }
};

TEST(CallAnswerTest, OfEachMessageIsNotHeldBack) {
  EchoCalls calls;
  const auto server = serve(calls);
  Http2Client client(std::make_unique<LateAckSocket>(server->port()));
  const std::string message = grpc_message("end");
  const auto id = client.send({.method = "POST",
                               .path = "/s/Echo",
                               .fields = {{"content-type", "application/grpc"}, {"te", "trailers"}},
                               .body = message,
                               .has_body = true,
                               .end = false});
  std::size_t expected = message.size();
  const auto answered = [&] { return client.answer(id).body.size() >= expected; };
  EXPECT_TRUE(client.wait_until(answered));
  EXPECT_LE(late_of([&] {
              expected += message.size();
              client.send_more(id, message, false);
              EXPECT_TRUE(client.wait_until(answered));
            }),
            kFewTurns);
  client.send_more(id, "", true);
  EXPECT_EQ(client.wait(id).trailers.at("grpc-status"), "0");
}

}  // namespace
}  // namespace net
