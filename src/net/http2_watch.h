#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "net/limits.h"

namespace net {

// Watches the frames of an HTTP/2 client go by, before nghttp2 reads them. It counts those that are
// cheap to send and carry nothing of a request, so that a flood of them ends the connection, and
// refuses frames of streams that are over, which nghttp2 would pass over in silence.
//
// A PING or WINDOW_UPDATE counts only where nothing is known that it could be for: clients send
// them for each piece of an answer that they get.
class Http2Watch {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // `limits` outlives it.
  explicit Http2Watch(const Limits& limits) : limits_(limits) {}
  explicit Http2Watch(Limits&&) = delete;

  // An error code of HTTP/2 to end the connection with, behind so many bytes that are good; 0: all.
  struct Verdict {
    std::size_t good = 0;
    std::uint32_t code = 0;
    bool of_resets = false;  // Where the code is that of a flood.
  };
  // The next bytes of the client, from its preface on.
  Verdict scan(std::string_view bytes, Time now);

  // Which block of fields is being read, counted from 1: it has begun and not ended. 0: none.
  std::uint64_t header_block() const;
  // The client has sent its first frame.
  bool begun() const { return frames_ > 0; }

  // A frame of an answer has been sent.
  void on_answer_frame() { credit_ = std::min(credit_ + kCreditOfAnswer, kCreditMax); }
  // The server is done with the stream; what of it still comes was on its way.
  void on_closed(std::uint32_t stream);
  // A stream has been reset by its client, or for its errors. Whether these are too many.
  bool count_reset(Time now) { return resets_.count(now) > limits_.resets_max; }
  bool count_control(Time now) { return controls_.count(now) > limits_.control_frames_max; }

 private:
  struct Frame {
    std::size_t length = 0;
    std::uint8_t type = 0;
    std::uint8_t flags = 0;
    std::uint32_t stream = 0;
  };
  // How often something has happened in the current period.
  class Rate {
   public:
    std::size_t count(Time now) {
      if (now - since_ > kFloodPeriod) {
        since_ = now;
        happened_ = 0;
      }
      return ++happened_;
    }

   private:
    Time since_;
    std::size_t happened_ = 0;
  };
  struct Past {
    std::uint32_t stream = 0;
    bool ended_by_client = false;
  };

  static constexpr std::size_t kFrameHeadBytes = 9;
  static constexpr std::size_t kPeekBytes = 4;
  static constexpr std::size_t kCreditOfAnswer = 3;  // A PING and two WINDOW_UPDATEs.
  static constexpr std::size_t kCreditOfRequest = 2;
  static constexpr std::size_t kCreditMax = 1000;
  static constexpr std::size_t kPastMax = 256;

  std::uint32_t judge(Time now);
  std::uint32_t judge_headers(Time now);
  std::uint32_t judge_data(Time now);
  std::uint32_t judge_reset();
  std::uint32_t control(Time now, bool may_have_cause);
  std::uint32_t judge_peeked() const;
  bool is_open(std::uint32_t stream) const;
  void end_by_client(std::uint32_t stream);
  const Past* find_past(std::uint32_t stream) const;
  void remember(std::uint32_t stream, bool ended_by_client);

  const Limits& limits_;
  std::size_t preface_left_ = 24;
  std::array<unsigned char, kFrameHeadBytes> head_{};
  std::size_t head_have_ = 0;
  Frame frame_;
  std::size_t payload_left_ = 0;
  std::array<unsigned char, kPeekBytes> peeked_{};
  std::size_t peeks_ = 0;  // Bytes of this payload still to be looked at.
  std::uint64_t frames_ = 0;

  std::uint64_t header_blocks_ = 0;
  bool in_header_block_ = false;
  std::size_t continuations_ = 0;
  std::uint32_t last_stream_ = 0;
  std::uint32_t last_before_scan_ = 0;
  std::size_t resets_of_scan_ = 0;   // Of streams that began in it, so that nobody has answered.
  std::vector<std::uint32_t> open_;  // By the client, and not ended by it.
  std::array<Past, kPastMax> past_{};
  std::size_t past_next_ = 0;
  std::size_t credit_ = 0;
  Rate resets_;
  Rate controls_;
};

}  // namespace net
