#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "oci/sink.h"

namespace oci {

enum class Compression : unsigned char { None, Gzip, Zstd };

// The media type of a layer that is packed so, and back (Docker's names are understood too).
std::string_view layer_type(Compression compression);
std::optional<Compression> find_compression(std::string_view media_type);

struct CompressOptions {
  // Gzip 1 to 12, zstd 1 to 19; 0 is the format's default of below.
  int level = 0;
  // All bytes there will be, where that is known; zstd writes it, and other sizes are refused.
  std::optional<std::uint64_t> size;
};
inline constexpr int kGzipLevel = 6;
inline constexpr int kZstdLevel = 3;

// Packs a stream: equal bytes give equal output, however they were cut into parts, on any day and
// machine. Gzip is a sequence of members of at most 16 MiB input each, which every reader of gzip
// takes for one stream; no time, no name. Zstd is one frame without a checksum, made by one
// thread: the layer has a digest already.
class Compressor {
 public:
  static base::Result<std::unique_ptr<Compressor>> make(Compression compression, Sink sink,
                                                        const CompressOptions& options = {});
  virtual ~Compressor() = default;

  virtual base::Result<void> append(base::Bytes part) = 0;
  virtual base::Result<void> finish() = 0;
};

// Unpacks a stream that nobody vouches for: more than `output_max` bytes are refused when they
// come, memory does not depend on what was packed (zstd: windows of at most 128 MiB), and what
// stands behind the last member or frame is refused.
class Decompressor {
 public:
  static base::Result<std::unique_ptr<Decompressor>> make(Compression compression, Sink sink,
                                                          std::uint64_t output_max);
  virtual ~Decompressor() = default;

  virtual base::Result<void> append(base::Bytes part) = 0;
  // Refuses a stream that stopped in the middle.
  virtual base::Result<void> finish() = 0;
};

// The whole of it in memory.
base::Result<std::string> decompress(Compression compression, base::Bytes packed,
                                     std::uint64_t output_max);

}  // namespace oci
