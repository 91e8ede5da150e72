#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>

#include "base/result.h"

namespace table {

// Where bytes come from: a file, a pipe, a request body. Read by one thread, front to back.
class Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  virtual ~Source() = default;

  // Fills at most `into`, waiting for at least one byte; 0 at the end, and from then on.
  virtual base::Result<std::size_t> read(std::span<char> into) = 0;
};

// Bytes that somebody else holds, such as a mapped file.
class TextSource final : public Source {
 public:
  explicit TextSource(std::string_view text) : text_(text) {}

  base::Result<std::size_t> read(std::span<char> into) override {
    const std::size_t count = std::min(into.size(), text_.size());
    if (count > 0) std::memcpy(into.data(), text_.data(), count);
    text_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view text_;
};

}  // namespace table
