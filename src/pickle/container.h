#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "pickle/limits.h"

namespace pickle {

// What a pickle is packed in, told from its first bytes alone: the containers of joblib, which
// are whole-file compressors.
enum class Container : unsigned char {
  Raw,
  Zlib,
  Gzip,
  Bzip2,
  Xz,
  Lzma,   // the older .lzma, without a checksum
  Lz4,    // frame format
  ZFile,  // joblib before 0.10: "ZF", the size in hexadecimal, zlib
};

Container find_container(base::Bytes bytes);
std::string_view container_name(Container container);

// Bytes that grow in place where the system can do that.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&& other) noexcept;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer();

  base::Bytes bytes() const { return {data_, size_}; }
  std::byte* end() { return data_ + size_; }
  std::size_t room() const { return capacity_ - size_; }
  void grow(std::size_t capacity);
  void shrink_to_fit();
  void added(std::size_t count) { size_ += count; }

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

// The unpacked bytes. Sizes that headers promise are not believed: memory grows with what really
// comes out, up to Limits::stream_bytes and Limits::ratio. Bytes behind the end are refused.
base::Result<Buffer> unpack(Container container, base::Bytes packed, const Limits& limits);

}  // namespace pickle
