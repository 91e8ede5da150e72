#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace telemetry {

// The longest beginning of UTF-8 text that is within `bytes_max` and ends no character half.
inline std::string_view cut_text(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

// A text of at most N bytes, kept in place: copying one copies what it holds and allocates
// nothing. What is longer is cut.
template <std::size_t N>
class BoundedText {
 public:
  static constexpr std::size_t kBytesMax = N;
  static_assert(N <= UINT16_MAX);

  BoundedText() = default;
  explicit BoundedText(std::string_view text) { assign(text); }
  BoundedText(const BoundedText& other) { assign(other.view()); }
  BoundedText& operator=(const BoundedText& other) {
    if (this != &other) assign(other.view());
    return *this;
  }
  BoundedText& operator=(std::string_view text) {
    assign(text);
    return *this;
  }
  ~BoundedText() = default;

  std::string_view view() const { return {bytes_, size_}; }
  bool empty() const { return size_ == 0; }

 private:
  void assign(std::string_view text) {
    const std::string_view kept = cut_text(text, N);
    if (!kept.empty()) std::memmove(bytes_, kept.data(), kept.size());
    size_ = static_cast<std::uint16_t>(kept.size());
  }

  std::uint16_t size_ = 0;
  char bytes_[N];
};

}  // namespace telemetry
