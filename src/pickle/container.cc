#include "pickle/container.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <new>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "pickle/codec.h"

namespace pickle {
namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr std::array<std::string_view, 8> kContainerNames = {"raw", "zlib", "gzip", "bzip2",
                                                             "xz",  "lzma", "lz4",  "zlib (ZF)"};

struct Magic {
  std::string_view bytes;
  Container container;
};

// None of these can begin a pickle.
constexpr auto kMagics = std::to_array<Magic>({
    {"\x78", Container::Zlib},
    {"\x1f\x8b", Container::Gzip},
    {"BZ", Container::Bzip2},
    {std::string_view("\xfd"
                      "7zXZ",
                      5),
     Container::Xz},
    {std::string_view("\x5d\0", 2), Container::Lzma},
    {"\x04\x22\x4d\x18", Container::Lz4},
    {"ZF", Container::ZFile},
});

// "ZF0x1a2b" padded with spaces to 21 bytes, by some versions to 22.
constexpr std::size_t kZFileHeader = 21;

constexpr std::size_t kFirstRoom = std::size_t{64} << 10U;

struct ZFileBody {
  base::Bytes packed;
  std::uint64_t size = 0;
};

Result<ZFileBody> open_zfile(base::Bytes bytes) {
  std::string_view text = base::as_text(bytes.first(std::min(bytes.size(), kZFileHeader)));
  const bool whole = text.size() == kZFileHeader && text.starts_with("ZF0x");
  std::uint64_t size = 0;
  const char* digits = whole ? text.data() + 4 : nullptr;
  const char* end = whole ? text.data() + text.size() : nullptr;
  const auto parsed = std::from_chars(digits, end, size, 16);
  const char* rest = parsed.ptr;
  // Python 2 marked a long number.
  if (rest != end && *rest == 'L') ++rest;
  const bool blank = std::all_of(rest, end, [](char c) { return c == ' '; });
  if (!whole || parsed.ec != std::errc{} || !blank) {
    return Error(Code::Corrupt, "expected \"ZF\" and a size in hexadecimal");
  }
  bytes = bytes.subspan(kZFileHeader);
  if (!bytes.empty() && bytes[0] == std::byte{' '}) bytes = bytes.subspan(1);
  return ZFileBody{.packed = bytes, .size = size};
}

// How much may come out of `packed_bytes`.
std::uint64_t ceiling(const Limits& limits, std::uint64_t packed_bytes) {
  std::uint64_t allowed = 0;
  if (__builtin_mul_overflow(packed_bytes, limits.ratio, &allowed)) return limits.stream_bytes;
  return std::min(std::max(allowed, limits.ratio_free_bytes), limits.stream_bytes);
}

Result<Buffer> drain(Codec& codec, base::Bytes packed, std::uint64_t bytes_max) {
  Buffer out;
  out.grow(
      std::min<std::uint64_t>(std::max<std::uint64_t>(kFirstRoom, packed.size() * 2), bytes_max));
  while (true) {
    TRY_ASSIGN(const Codec::Step step, codec.step(packed, out.end(), out.room()));
    packed = packed.subspan(step.taken);
    out.added(step.given);
    if (step.done) break;
    if (out.room() == 0) {
      if (out.bytes().size() >= bytes_max) {
        return Error(Code::Exhausted, fmt::format("expected to unpack to at most {}, got more",
                                                  base::human_bytes(bytes_max)));
      }
      out.grow(std::min<std::uint64_t>(bytes_max, std::uint64_t{out.bytes().size()} * 2));
    } else if (step.taken == 0 && step.given == 0) {
      return Error(Code::Corrupt, "expected more packed data, got the end of the file");
    }
  }
  if (!packed.empty()) {
    return Error(
        Code::Corrupt,
        fmt::format("expected the end of the file after the packed data, got {} more bytes",
                    packed.size()));
  }
  out.shrink_to_fit();
  return out;
}

}  // namespace

Buffer::Buffer(Buffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  std::swap(capacity_, other.capacity_);
  return *this;
}

Buffer::~Buffer() { std::free(data_); }

void Buffer::grow(std::size_t capacity) {
  auto* larger = static_cast<std::byte*>(std::realloc(data_, std::max<std::size_t>(capacity, 1)));
  if (larger == nullptr) throw std::bad_alloc();
  data_ = larger;
  capacity_ = capacity;
}

void Buffer::shrink_to_fit() { grow(size_); }

Container find_container(base::Bytes bytes) {
  for (const Magic& magic : kMagics) {
    if (base::as_text(bytes).starts_with(magic.bytes)) return magic.container;
  }
  return Container::Raw;
}

std::string_view container_name(Container container) {
  return kContainerNames.at(static_cast<std::size_t>(container));
}

Result<Buffer> unpack(Container container, base::Bytes packed, const Limits& limits) {
  std::optional<std::uint64_t> promised;
  if (container == Container::ZFile) {
    TRY_ASSIGN(const ZFileBody body, open_zfile(packed));
    packed = body.packed;
    promised = body.size;
  }
  TRY_ASSIGN(const auto codec, make_codec(container, limits.codec_bytes));
  auto out = drain(*codec, packed, ceiling(limits, packed.size()));
  if (!out.ok()) return std::move(out).error().within(container_name(container));
  if (promised && *promised != out->bytes().size()) {
    return Error(Code::Corrupt,
                 fmt::format("{}: expected {} unpacked bytes, got {}", container_name(container),
                             *promised, out->bytes().size()));
  }
  return out;
}

}  // namespace pickle
