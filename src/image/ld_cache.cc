// The format, from glibc's dl-cache.h: 20 bytes of magic, the number of entries and the size of
// the texts (32 bits each), 20 bytes of other things; then entries of 24 bytes: flags, offset of
// the name, offset of the path, an unused number (32 bits each), and 64 bits of processor
// features. Texts end in NUL, and their offsets count from the start of the file.
#include "image/ld_cache.h"

#include <cstdint>
#include <optional>
#include <string_view>

#include <fmt/format.h>

namespace image {
namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr std::string_view kMagic = "glibc-ld.so.cache1.1";
constexpr std::size_t kHeaderBytes = 48;
constexpr std::size_t kEntryBytes = 24;
constexpr std::size_t kPathMax = 4096;

Error bad_cache(std::string_view expected) {
  return {Code::Corrupt, fmt::format("ld.so.cache: expected {}", expected)};
}

std::optional<std::string_view> find_text(base::Bytes file, std::uint32_t offset) {
  if (offset >= file.size()) return std::nullopt;
  const std::string_view rest = base::as_text(file.subspan(offset)).substr(0, kPathMax);
  const std::size_t end = rest.find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  return rest.substr(0, end);
}

}  // namespace

Result<LdCache> parse_ld_cache(base::Bytes file) {
  base::ByteReader reader(file);
  const auto magic = reader.take(kMagic.size());
  if (!magic || base::as_text(*magic) != kMagic) {
    return Error(Code::Unsupported, fmt::format("ld.so.cache: expected \"{}\" in front", kMagic));
  }
  const auto count = reader.little<std::uint32_t>();
  reader.seek(kHeaderBytes);
  if (!count || *count > reader.left() / kEntryBytes) return bad_cache("all entries");
  LdCache cache;
  for (std::uint32_t i = 0; i < *count; ++i) {
    reader.little<std::uint32_t>();
    const auto name = find_text(file, *reader.little<std::uint32_t>());
    const auto path = find_text(file, *reader.little<std::uint32_t>());
    reader.little<std::uint32_t>();
    const std::uint64_t features = *reader.little<std::uint64_t>();
    if (!name || !path) return bad_cache("texts inside the file");
    // An image must run on processors other than this one.
    if (features == 0) cache[std::string(*name)].emplace_back(*path);
  }
  return cache;
}

}  // namespace image
