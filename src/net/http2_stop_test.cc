#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "net/test_http2_client.h"
#include "net/test_peer.h"

namespace net {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Goaways = std::vector<Http2Client::Goaway>;

constexpr std::int32_t kAnyStream = 0x7FFFFFFF;

TEST(Http2StopTest, StopsInTwoStepsAndFinishesWhatIsInFlight) {
  Echo echo;
  const auto server = serve(echo);
  bool finished = false;
  {
    Http2Client client(*server);
    const auto id = client.post("/later", "kept");
    Exchange& exchange = echo.wait_for_held();
    const std::jthread stopper([&] { finished = server->stop(soon()); });
    EXPECT_TRUE(client.wait_until([&] { return client.goaways().size() == 2; }));
    EXPECT_EQ(client.goaways(), (Goaways{{kAnyStream, 0}, {id, 0}}));
    exchange.finish();
    EXPECT_EQ(client.wait(id).body, "kept");
    EXPECT_TRUE(client.ended());
    client.leave();
  }
  EXPECT_TRUE(finished);
}

TEST(Http2StopTest, LetsIdleConnectionsGo) {
  Echo echo;
  const auto server = serve(echo);
  bool finished = false;
  {
    Http2Client client(*server);
    const auto id = client.get("/a");
    EXPECT_EQ(client.wait(id).status, 200);
    const std::jthread stopper([&] { finished = server->stop(soon()); });
    EXPECT_TRUE(client.ended());
    EXPECT_EQ(client.goaways(), (Goaways{{kAnyStream, 0}}));
    client.leave();
  }
  EXPECT_TRUE(finished);
}

TEST(Http2StopTest, TakesWhatWasSentBeforeTheNoticeWasRead) {
  Echo echo;
  const auto server = serve(echo);
  RawHttp2 raw(*server);
  RawHttp2::Frame frame;
  const auto skip_to = [&](std::uint8_t type) {
    while (raw.receive(frame)) {
      if (frame.type == type) return true;
    }
    return false;
  };
  const auto request = [&](std::uint32_t id) {
    raw.send(http2_frame(NGHTTP2_HEADERS, 0x5, id, kHttp2GetFields));
  };
  request(1);
  ASSERT_TRUE(skip_to(NGHTTP2_HEADERS));
  const std::jthread stopper([&] { server->stop(soon()); });
  ASSERT_TRUE(skip_to(NGHTTP2_PING));
  const std::string opaque = frame.payload;
  request(3);
  ASSERT_TRUE(skip_to(NGHTTP2_HEADERS));
  EXPECT_EQ(frame.stream, 3U);
  raw.send(http2_frame(NGHTTP2_PING, NGHTTP2_FLAG_ACK, 0, opaque));
  request(5);
  ASSERT_TRUE(skip_to(NGHTTP2_GOAWAY));
  EXPECT_EQ(frame.payload, http2_number(3) + http2_number(0));
  // The last is not answered, and the client knows that it may send it elsewhere.
  EXPECT_FALSE(skip_to(NGHTTP2_HEADERS));
}

TEST(Http2StopTest, DoesNotWaitForeverForAClientToReadTheNotice) {
  Echo echo;
  const auto server = serve(echo);
  RawHttp2 raw(*server);
  RawHttp2::Frame frame;
  ASSERT_TRUE(raw.receive(frame));
  const auto start = steady_clock::now();
  EXPECT_TRUE(server->stop(soon()));
  EXPECT_LT(steady_clock::now() - start, std::chrono::seconds(15));
  EXPECT_EQ(raw.end_code(), NGHTTP2_NO_ERROR);
}

TEST(Http2StopTest, CutsOffWhatIsNotFinishedInTime) {
  Echo echo;
  auto server = serve(echo);
  Http2Client client(*server);
  const auto id = client.post("/later", "x");
  Exchange& exchange = echo.wait_for_held();
  EXPECT_FALSE(server->stop(steady_clock::now() + milliseconds(20)));
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(client.answer(id).status, 0);
  EXPECT_TRUE(exchange.abandoned());
  // The exchange outlives the stop, and the server waits for it at its end.
  const std::jthread destroyer([&] { server.reset(); });
  exchange.finish();
}

// Clients that send all the time, and no more once they have read that the server stops.
TEST(Http2StopTest, LosesNoRequest) {
  for (const bool gently : {false, true}) {
    Echo echo;
    const auto server = serve(echo, {.threads = 2});
    std::atomic<int> answered = 0;
    std::atomic<int> lost = 0;
    std::atomic<int> begun = 0;  // Who has not connected yet may find nobody.
    std::vector<std::jthread> clients;
    for (int c = 0; c < 4; ++c) {
      clients.emplace_back([&] {
        Http2Client client(*server);
        client.wait(client.get("/a"));
        ++begun;
        std::vector<std::int32_t> ids;
        while (client.goaways().empty()) {
          ids.push_back(client.post("/a", "x"));
          ids.push_back(client.post("/a", "y"));
          if (!client.step()) break;
        }
        client.ended();
        for (const auto id : ids) ++(client.answer(id).status == 200 ? answered : lost);
        client.leave();
      });
    }
    while (begun < 4 || echo.handled() < 110) std::this_thread::yield();
    const auto idle = gently ? steady_clock::now() + std::chrono::seconds(5) : steady_clock::now();
    EXPECT_TRUE(server->stop(soon(), idle));
    clients.clear();
    EXPECT_EQ(lost, 0);
    EXPECT_GE(answered, 100);
  }
}

}  // namespace
}  // namespace net
