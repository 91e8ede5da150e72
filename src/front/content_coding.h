#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace front {

// How bodies are packed on their way (RFC 9110 8.4). Deflate is zlib's form of it.
enum class Coding : std::uint8_t { Identity, Gzip, Deflate, Zstd };

// What a Content-Encoding field says; nothing for what is not read, such as two codings.
std::optional<Coding> find_coding(std::string_view content_encoding);
std::string_view coding_name(Coding coding);

// The best that an Accept-Encoding field accepts: zstd, gzip, or Identity where neither is.
Coding accepted_coding(std::string_view accept_encoding);

struct UnpackLimits {
  std::uint64_t bytes_max = 16U << 20U;
  // Bytes for each packed one, beyond the first `ratio_free` bytes.
  std::uint64_t ratio_max = 100;
  static constexpr std::uint64_t kRatioFree = 64U << 10U;

  // What a body of so many bytes may come to.
  std::uint64_t of(std::uint64_t packed_bytes) const;
};

// Unpacks a whole body into `out`, which is cleared first. `padding` more bytes behind it can be
// read. Invalid for what is not packed so or goes on behind its end, Exhausted beyond the limits:
// no more is unpacked than that.
base::Result<void> unpack(Coding coding, std::string_view packed, const UnpackLimits& limits,
                          std::size_t padding, std::string& out);

// Packs `body` fast rather than small. Precondition: Gzip or Zstd.
std::string pack(Coding coding, std::string_view body);

}  // namespace front
