#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace pickle {

// The bytes of a pickle, read forward, with the frames of protocol 4: within a frame nothing
// may reach past its end. Python reads a frame whole before it looks inside, so a file that
// breaks this rule means different things to different readers.
class Stream {
 public:
  explicit Stream(base::Bytes bytes) : bytes_(bytes) {}

  std::uint64_t offset() const { return at_; }
  std::uint64_t left() const { return bytes_.size() - at_; }
  std::uint64_t size() const { return bytes_.size(); }
  bool in_frame() const { return at_ < frame_end_; }

  // Nothing, and no movement, where the stream or the frame ends first.
  std::optional<base::Bytes> take(std::uint64_t count) {
    if (count > end() - at_) return std::nullopt;
    const base::Bytes taken = bytes_.subspan(at_, count);
    at_ += count;
    return taken;
  }
  std::optional<std::uint8_t> byte() {
    if (at_ == bytes_.size()) return std::nullopt;
    return static_cast<std::uint8_t>(bytes_[at_++]);
  }
  // What stands at an offset that was passed.
  std::uint8_t byte_at(std::uint64_t offset) const {
    return static_cast<std::uint8_t>(bytes_[offset]);
  }
  // A little-endian unsigned number of `width` bytes.
  std::optional<std::uint64_t> little(unsigned width) {
    const auto raw = take(width);
    if (!raw) return std::nullopt;
    std::uint64_t value = 0;
    for (unsigned i = width; i-- > 0;) value = value << 8U | static_cast<std::uint8_t>((*raw)[i]);
    return value;
  }
  // Up to and without the next '\n', which is passed over.
  std::optional<std::string_view> line() {
    const std::string_view rest = base::as_text(bytes_.subspan(at_, end() - at_));
    const std::size_t length = rest.find('\n');
    if (length == std::string_view::npos) return std::nullopt;
    at_ += length + 1;
    return rest.substr(0, length);
  }

  // False where a frame is still open or the stream is shorter.
  bool open_frame(std::uint64_t count) {
    if (in_frame() || count > left()) return false;
    frame_end_ = at_ + count;
    return true;
  }

 private:
  std::uint64_t end() const { return in_frame() ? frame_end_ : bytes_.size(); }

  base::Bytes bytes_;
  std::uint64_t at_ = 0;
  std::uint64_t frame_end_ = 0;
};

}  // namespace pickle
