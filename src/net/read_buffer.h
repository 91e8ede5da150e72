#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace net {

// What has arrived on a connection and is not used up yet. Views of it live until compact() or
// grow(); arriving bytes are written behind them. Between arm() and commit() the kernel may write
// to the space that arm() gave, while what lies before it may be used up or moved; grow() is not
// allowed then.
class ReadBuffer {
 public:
  explicit ReadBuffer(std::size_t bytes) : bytes_(bytes) {}

  std::string_view unread() const { return {bytes_.data() + begin_, end_ - begin_}; }
  std::size_t room() const { return bytes_.size() - end_; }

  // Where the next bytes are to be read to.
  std::span<char> arm() {
    armed_ = end_;
    return {bytes_.data() + end_, bytes_.size() - end_};
  }
  // `count` bytes have arrived there.
  void commit(std::size_t count) {
    if (armed_ != end_) std::memmove(bytes_.data() + end_, bytes_.data() + armed_, count);
    end_ += count;
  }
  // Precondition: count <= unread().size().
  void consume(std::size_t count) {
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  // Cuts `count` bytes out, behind the first `keep` unread ones, which stay where they are.
  // Precondition: keep + count <= unread().size().
  void cut(std::size_t keep, std::size_t count) {
    char* at = bytes_.data() + begin_ + keep;
    std::memmove(at, at + count, end_ - begin_ - keep - count);
    end_ -= count;
  }

  // Moves what is unread to the front.
  void compact() {
    if (begin_ == 0) return;
    std::memmove(bytes_.data(), bytes_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  void grow(std::size_t bytes) {
    if (bytes > bytes_.size()) bytes_.resize(bytes);
  }

 private:
  std::vector<char> bytes_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t armed_ = 0;
};

}  // namespace net
