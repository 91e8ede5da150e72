#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "net/test_http2_client.h"
#include "net/test_peer.h"

// Clients that make work and take nothing (CVE-2023-44487, CVE-2024-28182, CVE-2025-8671,
// CVE-2019-9512 and those beside it).

namespace net {
namespace {

using std::chrono::milliseconds;

class Http2FloodTest : public ::testing::Test {
 protected:
  // Writes what the function makes of each number until the server has enough of it, or so many are
  // written; says what code the connection ended with.
  template <typename Make>
  int flood(std::size_t count, Make make, const std::string& first = "") {
    RawHttp2 raw(*server_);
    raw.send(first);
    std::string bytes;
    for (std::size_t i = 0; i < count; ++i) {
      bytes += make(static_cast<std::uint32_t>(i));
      if (bytes.size() < 4096 && i + 1 < count) continue;
      if (!raw.send(bytes)) break;
      bytes.clear();
    }
    raw.socket().end_output();
    return raw.end_code();
  }

  Echo echo_;
  std::unique_ptr<Server> server_ = serve(echo_);
};

TEST_F(Http2FloodTest, RequestsThatAreResetAtOnce) {
  const auto reset = [](std::uint32_t i) {
    return http2_frame(NGHTTP2_HEADERS, 0x4, 2 * i + 1, kHttp2PostFields) +
           http2_frame(NGHTTP2_RST_STREAM, 0, 2 * i + 1, http2_number(NGHTTP2_CANCEL));
  };
  EXPECT_EQ(flood(10'000, reset), NGHTTP2_ENHANCE_YOUR_CALM);
  EXPECT_NE(flood(100, reset), NGHTTP2_ENHANCE_YOUR_CALM);
  EXPECT_EQ(server_->counts().reset_floods, 1U);
  EXPECT_EQ(server_->counts().frame_floods, 0U);
}

TEST_F(Http2FloodTest, RequestsThatAreResetWhileTheyAreHandled) {
  std::vector<Exchange*> held;
  const std::string later("\x83\x86\x41\x01x\x04\x06/later", 13);
  RawHttp2 raw(*server_);
  const auto send = [&](std::uint32_t i) {
    return raw.send(http2_frame(NGHTTP2_HEADERS, 0x5, 2 * i + 1, later) +
                    http2_frame(NGHTTP2_RST_STREAM, 0, 2 * i + 1, http2_number(8)));
  };
  // One by one, since of too many at once none would come to a handler.
  for (std::uint32_t i = 0; i < 100; ++i) {
    EXPECT_TRUE(send(i));
    held.push_back(&echo_.wait_for_held());
  }
  for (std::uint32_t i = 100; i < 10'000 && send(i); ++i) {
  }
  raw.socket().end_output();
  EXPECT_EQ(raw.end_code(), NGHTTP2_ENHANCE_YOUR_CALM);
  for (Exchange* const each : held) {
    EXPECT_TRUE(each->abandoned());
    each->finish();
  }
}

TEST_F(Http2FloodTest, RequestsThatTheServerIsMadeToReset) {
  const std::string malformed = std::string(kHttp2GetFields) + std::string("\0\1A\1b", 5);
  EXPECT_EQ(flood(10'000,
                  [&](std::uint32_t i) {
                    return http2_frame(NGHTTP2_HEADERS, 0x5, 2 * i + 1, malformed);
                  }),
            NGHTTP2_ENHANCE_YOUR_CALM);
  // By a window that overflows.
  EXPECT_EQ(flood(10'000,
                  [&](std::uint32_t i) {
                    return http2_frame(NGHTTP2_HEADERS, 0x4, 2 * i + 1, kHttp2PostFields) +
                           http2_frame(NGHTTP2_WINDOW_UPDATE, 0, 2 * i + 1,
                                       http2_number(0x7FFFFFFF));
                  }),
            NGHTTP2_ENHANCE_YOUR_CALM);
}

TEST_F(Http2FloodTest, FieldsThatDoNotEnd) {
  EXPECT_EQ(flood(
                10'000,
                [&](std::uint32_t) {
                  return http2_frame(NGHTTP2_CONTINUATION, 0, 1, std::string("\0\1a\1b", 5));
                },
                http2_frame(NGHTTP2_HEADERS, 0, 1, kHttp2GetFields)),
            NGHTTP2_ENHANCE_YOUR_CALM);
  EXPECT_EQ(server_->counts().frame_floods, 1U);
}

TEST_F(Http2FloodTest, FramesThatCarryNothing) {
  const std::string open = http2_frame(NGHTTP2_HEADERS, 0x4, 1, kHttp2PostFields);
  const struct {
    std::string frame;
    std::string first;
  } cases[] = {
      {http2_frame(NGHTTP2_SETTINGS, 0, 0), ""},
      {http2_frame(NGHTTP2_SETTINGS, 0, 0, std::string("\0\4\0\0\xFF\xFF", 6)), open},
      {http2_frame(NGHTTP2_PING, 0, 0, "12345678"), ""},
      {http2_frame(NGHTTP2_PRIORITY, 0, 7, http2_number(5) + "x"), ""},
      {http2_frame(NGHTTP2_WINDOW_UPDATE, 0, 0, http2_number(1)), ""},
      {http2_frame(NGHTTP2_DATA, 0, 1), open},
      {http2_frame(0x42, 0, 0, "?"), ""},
      {http2_frame(NGHTTP2_RST_STREAM, 0, 1, http2_number(8)),
       open + http2_frame(NGHTTP2_RST_STREAM, 0, 1, http2_number(8))},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(flood(
                  100'000, [&](std::uint32_t) { return c.frame; }, c.first),
              NGHTTP2_ENHANCE_YOUR_CALM)
        << &c - cases;
  }
  const ServerCounts counts = server_->counts();
  EXPECT_EQ(counts.frame_floods + counts.reset_floods, std::size(cases));
}

TEST_F(Http2FloodTest, SettingsWithTooManyEntries) {
  std::string entries;
  for (int i = 0; i < 100; ++i) entries += std::string("\0\4\0\0\xFF\xFF", 6);
  EXPECT_EQ(flood(1, [&](std::uint32_t) { return http2_frame(NGHTTP2_SETTINGS, 0, 0, entries); }),
            NGHTTP2_ENHANCE_YOUR_CALM);
}

// What the client does not read is not answered into memory: the server stops reading too.
TEST_F(Http2FloodTest, PingsWhoseAnswersAreNotRead) {
  Limits limits;
  limits.control_frames_max = 1'000'000;
  limits.rate_grace = milliseconds(300);
  const auto server = serve(echo_, {.limits = limits});
  RawHttp2 raw(*server);
  std::string pings;
  for (int i = 0; i < 10'000; ++i) pings += http2_frame(NGHTTP2_PING, 0, 0, "12345678");
  std::size_t sent = 0;
  while (raw.send(pings)) sent += pings.size();
  EXPECT_LT(sent, std::size_t{1'000'000} * 17);
  while (server->counts().connections > 0) std::this_thread::yield();
  EXPECT_EQ(server->counts().timeouts, 1U);
}

TEST_F(Http2FloodTest, OthersAreServedMeanwhile) {
  std::jthread flooder([&] {
    for (int round = 0; round < 5; ++round) {
      flood(20'000, [](std::uint32_t) { return http2_frame(NGHTTP2_PING, 0, 0, "12345678"); });
    }
  });
  Http2Client client(*server_);
  for (int i = 0; i < 500; ++i) ASSERT_EQ(client.wait(client.post("/a", "x")).body, "x");
}

}  // namespace
}  // namespace net
