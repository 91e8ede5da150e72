#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "table/source.h"

namespace table {

// What a text may begin with and does not count as part of it.
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// The part of a source that is in memory: from the first byte nobody has taken to as far as was
// read. It grows until a whole record fits, up to a limit, and is reused from then on.
class Window {
 public:
  // Bytes behind text() that may be read, as simdjson does; what they hold means nothing.
  static constexpr std::size_t kPadding = 64;

  Window(Source& source, std::size_t bytes_max);

  std::string_view text() const { return {bytes_.data() + begin_, end_ - begin_}; }
  // Bytes that may be read from the start of text().
  std::size_t readable() const { return bytes_.size() - begin_; }
  // The bytes of text(), to change in place.
  char* data() { return bytes_.data() + begin_; }
  // Nothing more will come than text().
  bool ended() const { return ended_; }
  // text() has reached the limit, so more of it cannot be had.
  bool full() const { return end_ - begin_ >= bytes_max_; }

  void drop(std::size_t count) { begin_ += count; }
  // Reads on until the window is full or the source has ended. Precondition: !full().
  base::Result<void> more();

 private:
  Source& source_;
  std::size_t bytes_max_;
  std::vector<char> bytes_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool ended_ = false;
};

}  // namespace table
