#include "net/http2_watch.h"

#include <string>

#include <gtest/gtest.h>

#include "net/test_http2_client.h"

namespace net {
namespace {

constexpr std::uint8_t kEnds = NGHTTP2_FLAG_END_STREAM;
constexpr std::uint8_t kWhole = NGHTTP2_FLAG_END_HEADERS;

std::string request_frame(std::uint32_t stream, std::uint8_t flags) {
  return http2_frame(NGHTTP2_HEADERS, flags, stream, kHttp2GetFields);
}

std::string many(std::size_t count, const std::string& frame) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += frame;
  return all;
}

// What the watch says of the frames, which come so many bytes at a time.
std::uint32_t code_for(const std::string& frames, std::size_t step = 0,
                       const Limits& limits = Limits()) {
  Http2Watch watch(limits);
  const std::string all = std::string(kHttp2Preface) + frames;
  const std::size_t each = step == 0 ? all.size() : step;
  for (std::size_t at = 0; at < all.size(); at += each) {
    const auto verdict = watch.scan(std::string_view(all).substr(at, each), {});
    if (verdict.code != 0) return verdict.code;
  }
  return 0;
}

TEST(Http2WatchTest, JudgesFramesOfStreamsThatAreOver) {
  const std::string data = http2_frame(NGHTTP2_DATA, 0, 1, "x");
  const std::string reset = http2_frame(NGHTTP2_RST_STREAM, 0, 1, http2_number(8));
  const struct {
    std::string frames;
    std::uint32_t code;
  } cases[] = {
      {request_frame(1, kWhole) + data + request_frame(1, kWhole | kEnds), 0},
      {request_frame(1, kWhole | kEnds) + data, NGHTTP2_STREAM_CLOSED},
      {request_frame(1, kWhole) + http2_frame(NGHTTP2_DATA, kEnds, 1, "x") + data,
       NGHTTP2_STREAM_CLOSED},
      {request_frame(1, kWhole) + reset + request_frame(1, kWhole), NGHTTP2_STREAM_CLOSED},
      {request_frame(1, kWhole) + reset + data, NGHTTP2_STREAM_CLOSED},
      {request_frame(5, kWhole | kEnds) + request_frame(3, kWhole), NGHTTP2_PROTOCOL_ERROR},
      {http2_frame(NGHTTP2_PRIORITY, 0, 3, http2_number(3) + "x"), NGHTTP2_PROTOCOL_ERROR},
      {http2_frame(NGHTTP2_PRIORITY, 0, 3, http2_number(1) + "x"), 0},
  };
  for (const auto& c : cases) {
    for (const std::size_t step : {0U, 1U, 7U}) {
      EXPECT_EQ(code_for(c.frames, step), c.code) << &c - cases << " by " << step;
    }
  }
}

TEST(Http2WatchTest, SaysHowMuchIsGood) {
  const Limits limits;
  Http2Watch watch(limits);
  const std::string good = std::string(kHttp2Preface) + request_frame(5, kWhole);
  const auto verdict = watch.scan(good + request_frame(3, kWhole), {});
  EXPECT_EQ(verdict.good, good.size());
  EXPECT_EQ(verdict.code, std::uint32_t{NGHTTP2_PROTOCOL_ERROR});
}

TEST(Http2WatchTest, PassesOverWhatWasOnItsWayWhenTheServerWasDone) {
  const Limits limits;
  Http2Watch watch(limits);
  EXPECT_EQ(watch.scan(std::string(kHttp2Preface) + request_frame(1, kWhole), {}).code, 0U);
  watch.on_closed(1);
  const std::string late = http2_frame(NGHTTP2_DATA, 0, 1, "x") + request_frame(1, kWhole | kEnds);
  EXPECT_EQ(watch.scan(late, {}).code, 0U);
}

TEST(Http2WatchTest, EndsFloods) {
  const Limits limits;
  const std::size_t most = limits.control_frames_max;
  const std::string open = request_frame(1, 0x4);
  const struct {
    std::string first;
    std::string frame;
    std::size_t fine;
  } cases[] = {
      {"", http2_frame(NGHTTP2_SETTINGS, 0, 0), most},
      {"", http2_frame(NGHTTP2_PING, 0, 0, "12345678"), most},
      {"", http2_frame(NGHTTP2_PRIORITY, 0, 3, http2_number(1) + "x"), most},
      {"", http2_frame(NGHTTP2_WINDOW_UPDATE, 0, 0, http2_number(1)), most},
      {"", http2_frame(0x77, 0, 0, "what"), most},
      {open, http2_frame(NGHTTP2_DATA, 0, 1), most},
      {open, http2_frame(NGHTTP2_DATA, NGHTTP2_FLAG_PADDED, 1, std::string(1, '\0')), most},
      {request_frame(1, 0), http2_frame(NGHTTP2_CONTINUATION, 0, 1), limits.continuations_max},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(code_for(c.first + many(c.fine, c.frame)), 0U) << &c - cases;
    // A request allows a few that may have been for it.
    EXPECT_EQ(code_for(c.first + many(c.fine + 3, c.frame)),
              std::uint32_t{NGHTTP2_ENHANCE_YOUR_CALM})
        << &c - cases;
  }
}

TEST(Http2WatchTest, EndsFloodsOfResetsThatCameTogether) {
  const Limits limits;
  const auto frames = [](std::uint32_t first, std::size_t count) {
    std::string all;
    for (std::uint32_t i = 0; i < count; ++i) {
      all += request_frame(first + 2 * i, kWhole | kEnds) +
             http2_frame(NGHTTP2_RST_STREAM, 0, first + 2 * i, http2_number(8));
    }
    return all;
  };
  Http2Watch watch(limits);
  watch.scan(kHttp2Preface, {});
  EXPECT_EQ(watch.scan(frames(1, limits.resets_max), {}).code, 0U);
  // Those of later ones may be of requests that were answered.
  EXPECT_EQ(watch.scan(frames(1001, limits.resets_max), {}).code, 0U);
  const auto verdict = watch.scan(frames(2001, limits.resets_max + 1), {});
  EXPECT_EQ(verdict.code, std::uint32_t{NGHTTP2_ENHANCE_YOUR_CALM});
  EXPECT_TRUE(verdict.of_resets);
}

TEST(Http2WatchTest, CountsFramesOfAPeriodOnly) {
  const Limits limits;
  Http2Watch watch(limits);
  Http2Watch::Time now{};
  watch.scan(kHttp2Preface, now);
  const std::string pings =
      many(limits.control_frames_max, http2_frame(NGHTTP2_PING, 0, 0, "12345678"));
  for (int i = 0; i < 3; ++i) {
    now += kFloodPeriod + std::chrono::seconds(1);
    EXPECT_EQ(watch.scan(pings, now).code, 0U);
  }
}

TEST(Http2WatchTest, AnswersAllowForFramesThatTheyCause) {
  const Limits limits;
  Http2Watch watch(limits);
  watch.scan(kHttp2Preface, {});
  const std::string updates = many(2, http2_frame(NGHTTP2_WINDOW_UPDATE, 0, 0, http2_number(1))) +
                              http2_frame(NGHTTP2_PING, 0, 0, "12345678");
  for (std::size_t i = 0; i < 2 * limits.control_frames_max; ++i) {
    watch.on_answer_frame();
    ASSERT_EQ(watch.scan(updates, {}).code, 0U);
  }
}

TEST(Http2WatchTest, KnowsWhetherFieldsAreBeingRead) {
  const Limits limits;
  Http2Watch watch(limits);
  watch.scan(kHttp2Preface, {});
  const std::string whole = request_frame(1, kWhole);
  EXPECT_EQ(watch.header_block(), 0U);
  watch.scan(whole.substr(0, 11), {});
  EXPECT_EQ(watch.header_block(), 1U);
  watch.scan(whole.substr(11), {});
  EXPECT_EQ(watch.header_block(), 0U);
  watch.scan(request_frame(3, 0), {});
  EXPECT_EQ(watch.header_block(), 2U);
  watch.scan(http2_frame(NGHTTP2_CONTINUATION, kWhole, 3), {});
  EXPECT_EQ(watch.header_block(), 0U);
}

}  // namespace
}  // namespace net
