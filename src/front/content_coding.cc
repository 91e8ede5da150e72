#include "front/content_coding.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <climits>
#include <memory>
#include <new>
#include <utility>

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include "base/text.h"

namespace front {
namespace {

using base::Code;
using base::Error;

constexpr std::size_t kStep = 64U << 10U;
constexpr int kWindowBits = 15;
constexpr int kGzipWindow = kWindowBits + 16;  // zlib's way to say it.
constexpr int kZstdWindowLogMax = 23;          // 8 MiB
constexpr int kGzipLevel = 1;
constexpr int kMemoryLevel = 8;
constexpr int kZstdLevel = 1;

constexpr std::pair<std::string_view, Coding> kNames[] = {
    {"identity", Coding::Identity}, {"gzip", Coding::Gzip}, {"x-gzip", Coding::Gzip},
    {"deflate", Coding::Deflate},   {"zstd", Coding::Zstd},
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool same_word(std::string_view a, std::string_view lower) {
  return std::equal(a.begin(), a.end(), lower.begin(), lower.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) == y;
  });
}

// Whether a weight is nought: "q=0", "q=0.000".
bool is_refused(std::string_view parameters) {
  const std::size_t at = parameters.find("q=");
  if (at == std::string_view::npos) return false;
  const std::string_view weight = trimmed(parameters.substr(at + 2));
  return weight.find_first_not_of("0.") == std::string_view::npos;
}

Error too_large(std::uint64_t limit) {
  return {Code::Exhausted, fmt::format("body: expected at most {} when it is unpacked, got more",
                                       base::human_bytes(limit))};
}

Error not_packed(Coding coding) {
  return {
      Code::Invalid,
      fmt::format("body: expected {} as Content-Encoding says, got what is none, or more behind "
                  "its end",
                  coding_name(coding))};
}

// Makes room for more behind what is there, no more than the limit and one byte, by which one sees
// that there is more.
std::size_t grow(std::string& out, std::size_t used, std::uint64_t limit) {
  const std::uint64_t room = std::min<std::uint64_t>(std::max(used, kStep), limit + 1 - used);
  out.resize(used + static_cast<std::size_t>(room));
  return static_cast<std::size_t>(room);
}

base::Result<void> unpack_zlib(Coding coding, std::string_view packed, std::uint64_t limit,
                               std::string& out) {
  z_stream stream{};
  if (::inflateInit2(&stream, coding == Coding::Gzip ? kGzipWindow : kWindowBits) != Z_OK) {
    throw std::bad_alloc();
  }
  const std::unique_ptr<z_stream, int (*)(z_stream*)> ended(&stream, ::inflateEnd);
  // zlib does not write there.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  std::size_t used = 0;
  for (;;) {
    const std::size_t room = grow(out, used, limit);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + used);
    stream.avail_out = static_cast<uInt>(room);
    const int code = ::inflate(&stream, Z_NO_FLUSH);
    used += room - stream.avail_out;
    if (used > limit) return too_large(limit);
    if (code == Z_STREAM_END) break;
    if (code != Z_OK || stream.avail_out > 0) return not_packed(coding);
  }
  out.resize(used);
  if (stream.avail_in > 0) return not_packed(coding);
  return {};
}

base::Result<void> unpack_zstd(std::string_view packed, std::uint64_t limit, std::string& out) {
  const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(::ZSTD_createDCtx(),
                                                                        ::ZSTD_freeDCtx);
  if (context == nullptr) throw std::bad_alloc();
  ::ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kZstdWindowLogMax);
  ZSTD_inBuffer in{packed.data(), packed.size(), 0};
  std::size_t used = 0;
  std::size_t left = 1;
  do {
    const std::size_t room = grow(out, used, limit);
    ZSTD_outBuffer to{out.data() + used, room, 0};
    left = ::ZSTD_decompressStream(context.get(), &to, &in);
    used += to.pos;
    if (::ZSTD_isError(left) != 0) return not_packed(Coding::Zstd);
    if (used > limit) return too_large(limit);
    if (left > 0 && to.pos < room && in.pos == in.size) return not_packed(Coding::Zstd);
  } while (left > 0);
  out.resize(used);
  if (in.pos < in.size) return not_packed(Coding::Zstd);
  return {};
}

std::string pack_gzip(std::string_view body) {
  z_stream stream{};
  if (::deflateInit2(&stream, kGzipLevel, Z_DEFLATED, kGzipWindow, kMemoryLevel,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
  const std::unique_ptr<z_stream, int (*)(z_stream*)> ended(&stream, ::deflateEnd);
  std::string out(::deflateBound(&stream, body.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
  stream.avail_in = static_cast<uInt>(body.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  ::deflate(&stream, Z_FINISH);  // It fits: that is what the bound is.
  out.resize(stream.total_out);
  return out;
}

}  // namespace

std::optional<Coding> find_coding(std::string_view content_encoding) {
  const std::string_view word = trimmed(content_encoding);
  if (word.empty()) return Coding::Identity;
  for (const auto& [name, coding] : kNames) {
    if (same_word(word, name)) return coding;
  }
  return std::nullopt;
}

std::string_view coding_name(Coding coding) {
  switch (coding) {
    case Coding::Gzip: return "gzip";
    case Coding::Deflate: return "deflate";
    case Coding::Zstd: return "zstd";
    case Coding::Identity: break;
  }
  return "identity";
}

Coding accepted_coding(std::string_view accept_encoding) {
  Coding best = Coding::Identity;
  while (!accept_encoding.empty()) {
    const std::string_view item = accept_encoding.substr(0, accept_encoding.find(','));
    const std::size_t semicolon = std::min(item.find(';'), item.size());
    const auto coding = find_coding(item.substr(0, semicolon));
    const bool wanted = coding && !is_refused(item.substr(semicolon));
    if (wanted && *coding == Coding::Zstd) return Coding::Zstd;
    if (wanted && *coding == Coding::Gzip) best = Coding::Gzip;
    accept_encoding.remove_prefix(std::min(accept_encoding.size(), item.size() + 1));
  }
  return best;
}

std::uint64_t UnpackLimits::of(std::uint64_t packed_bytes) const {
  std::uint64_t most = 0;
  if (__builtin_mul_overflow(packed_bytes, ratio_max, &most) ||
      __builtin_add_overflow(most, kRatioFree, &most)) {
    return bytes_max;
  }
  return std::min(bytes_max, most);
}

base::Result<void> unpack(Coding coding, std::string_view packed, const UnpackLimits& limits,
                          std::size_t padding, std::string& out) {
  out.clear();
  if (packed.size() > UINT_MAX) return too_large(limits.bytes_max);
  const std::uint64_t limit = limits.of(packed.size());
  if (coding == Coding::Identity) {
    out = packed;
  } else if (coding == Coding::Zstd) {
    TRY(unpack_zstd(packed, limit, out));
  } else {
    TRY(unpack_zlib(coding, packed, limit, out));
  }
  out.reserve(out.size() + padding);
  return {};
}

std::string pack(Coding coding, std::string_view body) {
  if (coding == Coding::Gzip && body.size() <= UINT_MAX) return pack_gzip(body);
  std::string out(::ZSTD_compressBound(body.size()), '\0');
  out.resize(::ZSTD_compress(out.data(), out.size(), body.data(), body.size(), kZstdLevel));
  return out;
}

}  // namespace front
