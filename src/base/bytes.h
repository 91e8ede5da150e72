#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

namespace base {

using Bytes = std::span<const std::byte>;

inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Reads forward over bytes somebody else owns. A read past the end gives nothing and moves
// nothing.
class ByteReader {
 public:
  explicit ByteReader(Bytes bytes) : bytes_(bytes) {}

  std::size_t offset() const { return at_; }
  std::size_t left() const { return bytes_.size() - at_; }
  Bytes all() const { return bytes_; }
  void seek(std::size_t offset) { at_ = offset < bytes_.size() ? offset : bytes_.size(); }

  std::optional<Bytes> take(std::size_t count) {
    if (count > left()) return std::nullopt;
    const Bytes taken = bytes_.subspan(at_, count);
    at_ += count;
    return taken;
  }

  // A little-endian number of T's own width.
  template <typename T>
  std::optional<T> little() {
    static_assert(std::endian::native == std::endian::little);
    const auto raw = take(sizeof(T));
    if (!raw) return std::nullopt;
    T value;
    std::memcpy(&value, raw->data(), sizeof(T));
    return value;
  }

  // Up to and without the next '\n', which is passed over.
  std::optional<std::string_view> line() {
    const std::string_view rest = as_text(bytes_.subspan(at_));
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    at_ += end + 1;
    return rest.substr(0, end);
  }

 private:
  Bytes bytes_;
  std::size_t at_ = 0;
};

}  // namespace base
