#include "scorer/pattern.h"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <zlib.h>

// PNG (RFC 2083): a signature, then chunks of
//   length (4, big-endian), type (4), data, CRC-32 of type and data (4)
// IHDR has the size and form, IDAT the rows by zlib, each behind a byte that names its filter.

namespace scorer {
namespace {

constexpr char kTrueColour = 2;

void append_big_endian(std::uint32_t value, std::string& out) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xFF);
}

const Bytef* bytes_of(std::string_view text) { return reinterpret_cast<const Bytef*>(text.data()); }

void append_chunk(std::string_view type, std::string_view data, std::string& out) {
  append_big_endian(static_cast<std::uint32_t>(data.size()), out);
  const std::size_t begin = out.size();
  out += type;
  out += data;
  const std::string_view checked = std::string_view(out).substr(begin);
  const uLong crc = ::crc32(0, bytes_of(checked), static_cast<uInt>(checked.size()));
  append_big_endian(static_cast<std::uint32_t>(crc), out);
}

std::string rows_of(unsigned number, std::uint32_t side) {
  std::string rows;
  std::uint32_t grain = 1 + number;
  for (std::uint32_t y = 0; y < side; ++y) {
    rows += '\0';  // No filter.
    for (std::uint32_t x = 0; x < side; ++x) {
      grain = grain * 1664525 + 1013904223;  // Numerical Recipes' generator.
      const std::uint32_t stripe = (x + y * number) / 8 % 2 * 64;
      const std::array<std::uint32_t, 3> pixel = {x * 2 + stripe, y * 2 + stripe,
                                                  (x + y) + (grain >> 26)};
      for (const std::uint32_t each : pixel) rows += static_cast<char>(each & 0xFF);
    }
  }
  return rows;
}

std::string deflate(std::string_view text) {
  uLongf size = ::compressBound(static_cast<uLong>(text.size()));
  std::string packed(size, '\0');
  // Only memory can run out.
  if (::compress(reinterpret_cast<Bytef*>(packed.data()), &size, bytes_of(text),
                 static_cast<uLong>(text.size())) != Z_OK) {
    std::abort();
  }
  packed.resize(size);
  return packed;
}

}  // namespace

std::string pattern_png(unsigned number, std::uint32_t side) {
  std::string head;
  append_big_endian(side, head);
  append_big_endian(side, head);
  head += '\x08';  // Bits of a channel.
  head += kTrueColour;
  head.append(3, '\0');  // Compression, filter and interlace of the usual kind.
  std::string out = "\x89PNG\r\n\x1a\n";
  append_chunk("IHDR", head, out);
  append_chunk("IDAT", deflate(rows_of(number, side)), out);
  append_chunk("IEND", "", out);
  return out;
}

}  // namespace scorer
