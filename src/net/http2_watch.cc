#include "net/http2_watch.h"

#include <nghttp2/nghttp2.h>

// A frame (RFC 9113, 4.1):
//   length (3 bytes), type (1), flags (1), stream (4, of which the first bit is reserved), payload

namespace net {

Http2Watch::Verdict Http2Watch::scan(std::string_view bytes, Time now) {
  std::size_t at = std::min(preface_left_, bytes.size());
  preface_left_ -= at;
  last_before_scan_ = last_stream_;
  resets_of_scan_ = 0;
  while (at < bytes.size()) {
    if (payload_left_ > 0) {
      const std::size_t part = std::min(payload_left_, bytes.size() - at);
      const std::size_t looked = std::min(peeks_, part);
      for (std::size_t i = 0; i < looked; ++i) {
        peeked_[kPeekBytes - peeks_--] = static_cast<unsigned char>(bytes[at + i]);
      }
      if (looked > 0 && peeks_ == 0) {
        if (const std::uint32_t code = judge_peeked(); code != 0) return {at, code};
      }
      at += part;
      payload_left_ -= part;
      continue;
    }
    const std::size_t begin = at;
    while (at < bytes.size() && head_have_ < kFrameHeadBytes) {
      head_[head_have_++] = static_cast<unsigned char>(bytes[at++]);
    }
    if (head_have_ < kFrameHeadBytes) break;
    head_have_ = 0;
    frame_ = {.length = std::size_t{head_[0]} << 16 | std::size_t{head_[1]} << 8 | head_[2],
              .type = head_[3],
              .flags = head_[4],
              .stream = (std::uint32_t{head_[5]} & 0x7F) << 24 | std::uint32_t{head_[6]} << 16 |
                        std::uint32_t{head_[7]} << 8 | head_[8]};
    payload_left_ = frame_.length;
    peeks_ = frame_.type == NGHTTP2_PRIORITY && frame_.length == 5 ? kPeekBytes : 0;
    if (const std::uint32_t code = judge(now); code != 0) {
      return {begin, code, resets_of_scan_ > limits_.resets_max};
    }
    ++frames_;
  }
  return {bytes.size(), 0};
}

std::uint64_t Http2Watch::header_block() const {
  const bool in_frame =
      payload_left_ > 0 && (frame_.type == NGHTTP2_HEADERS || frame_.type == NGHTTP2_CONTINUATION);
  return in_frame || in_header_block_ ? header_blocks_ : 0;
}

std::uint32_t Http2Watch::judge(Time now) {
  switch (frame_.type) {
    case NGHTTP2_HEADERS: return judge_headers(now);
    case NGHTTP2_CONTINUATION:
      if (++continuations_ > limits_.continuations_max) return NGHTTP2_ENHANCE_YOUR_CALM;
      if ((frame_.flags & NGHTTP2_FLAG_END_HEADERS) != 0) in_header_block_ = false;
      return 0;
    case NGHTTP2_DATA: return judge_data(now);
    case NGHTTP2_RST_STREAM: return judge_reset();
    case NGHTTP2_PING:
    case NGHTTP2_WINDOW_UPDATE: return control(now, true);
    default: return control(now, false);
  }
}

// Counted by who knows whether anything was left to reset, unless these alone are too many.
std::uint32_t Http2Watch::judge_reset() {
  end_by_client(frame_.stream);
  const bool began_in_scan = frame_.stream > last_before_scan_ && frame_.stream <= last_stream_;
  if (began_in_scan && ++resets_of_scan_ > limits_.resets_max) return NGHTTP2_ENHANCE_YOUR_CALM;
  return 0;
}

std::uint32_t Http2Watch::control(Time now, bool may_have_cause) {
  if (may_have_cause && credit_ > 0) {
    --credit_;
    return 0;
  }
  return count_control(now) ? NGHTTP2_ENHANCE_YOUR_CALM : 0;
}

std::uint32_t Http2Watch::judge_headers(Time now) {
  in_header_block_ = (frame_.flags & NGHTTP2_FLAG_END_HEADERS) == 0;
  ++header_blocks_;
  continuations_ = 0;
  const std::uint32_t stream = frame_.stream;
  if (stream % 2 == 0) return 0;  // Not a client's; nghttp2 says so.
  if (stream > last_stream_) {
    last_stream_ = stream;
    credit_ = std::min(credit_ + kCreditOfRequest, kCreditMax);
    // More than can be served, or told so in time, are open at once.
    if (open_.size() > 2 * limits_.streams_max) return NGHTTP2_ENHANCE_YOUR_CALM;
    open_.push_back(stream);
  } else if (!is_open(stream)) {
    const Past* const past = find_past(stream);
    if (past == nullptr) return NGHTTP2_PROTOCOL_ERROR;
    if (past->ended_by_client) return NGHTTP2_STREAM_CLOSED;
    if (const std::uint32_t code = control(now, false); code != 0) return code;
  }
  if ((frame_.flags & NGHTTP2_FLAG_END_STREAM) != 0) end_by_client(stream);
  return 0;
}

std::uint32_t Http2Watch::judge_data(Time now) {
  const bool ends = (frame_.flags & NGHTTP2_FLAG_END_STREAM) != 0;
  if (!is_open(frame_.stream)) {
    const Past* const past = find_past(frame_.stream);
    if (past != nullptr && past->ended_by_client) return NGHTTP2_STREAM_CLOSED;
  }
  if (ends) {
    end_by_client(frame_.stream);
    return 0;
  }
  // With padding, which nobody needs, a frame can be long and carry nothing.
  const bool empty = frame_.length == 0 || (frame_.flags & NGHTTP2_FLAG_PADDED) != 0;
  return empty ? control(now, false) : 0;
}

// A stream that is to depend on itself (RFC 7540, 5.3.1). Otherwise priorities are nothing to us.
std::uint32_t Http2Watch::judge_peeked() const {
  const std::uint32_t depends_on = (std::uint32_t{peeked_[0]} & 0x7F) << 24 |
                                   std::uint32_t{peeked_[1]} << 16 |
                                   std::uint32_t{peeked_[2]} << 8 | peeked_[3];
  return depends_on == frame_.stream ? NGHTTP2_PROTOCOL_ERROR : 0;
}

bool Http2Watch::is_open(std::uint32_t stream) const {
  return std::find(open_.begin(), open_.end(), stream) != open_.end();
}

void Http2Watch::end_by_client(std::uint32_t stream) {
  if (std::erase(open_, stream) > 0) remember(stream, true);
}

void Http2Watch::on_closed(std::uint32_t stream) {
  if (std::erase(open_, stream) > 0) remember(stream, false);
}

const Http2Watch::Past* Http2Watch::find_past(std::uint32_t stream) const {
  const auto at = std::find_if(past_.begin(), past_.end(),
                               [&](const Past& past) { return past.stream == stream; });
  return stream == 0 || at == past_.end() ? nullptr : &*at;
}

void Http2Watch::remember(std::uint32_t stream, bool ended_by_client) {
  past_[past_next_] = {stream, ended_by_client};
  past_next_ = (past_next_ + 1) % kPastMax;
}

}  // namespace net
