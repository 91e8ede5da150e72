#include "contract/json_depth.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace contract {
namespace {

constexpr std::size_t kBlock = 64;
// "[" and "{" differ in this bit alone, and so do "]" and "}".
constexpr unsigned char kBraceBit = 0x20;

// Which bytes of a block are what, a bit each.
struct Marks {
  std::uint64_t quotes = 0;
  std::uint64_t backslashes = 0;
  std::uint64_t opening = 0;
  std::uint64_t closing = 0;
};

#ifdef __SSE2__
Marks marks_of(const char* block) {
  Marks marks;
  for (unsigned part = 0; part < kBlock; part += sizeof(__m128i)) {
    __m128i bytes;
    std::memcpy(&bytes, block + part, sizeof bytes);
    const __m128i braces = _mm_or_si128(bytes, _mm_set1_epi8(kBraceBit));
    const auto equal = [part](__m128i a, char b) {
      const int mask = _mm_movemask_epi8(_mm_cmpeq_epi8(a, _mm_set1_epi8(b)));
      return std::uint64_t{static_cast<std::uint32_t>(mask)} << part;
    };
    marks.quotes |= equal(bytes, '"');
    marks.backslashes |= equal(bytes, '\\');
    marks.opening |= equal(braces, '{');
    marks.closing |= equal(braces, '}');
  }
  return marks;
}
#else
Marks marks_of(const char* block) {
  Marks marks;
  for (std::size_t i = 0; i < kBlock; ++i) {
    const auto byte = static_cast<unsigned char>(block[i]);
    const unsigned brace = byte | kBraceBit;
    marks.quotes |= std::uint64_t{byte == '"'} << i;
    marks.backslashes |= std::uint64_t{byte == '\\'} << i;
    marks.opening |= std::uint64_t{brace == '{'} << i;
    marks.closing |= std::uint64_t{brace == '}'} << i;
  }
  return marks;
}
#endif

// Each bit says whether the bits up to it, itself among them, are odd in number.
std::uint64_t odd_so_far(std::uint64_t bits) {
  for (unsigned shift = 1; shift < kBlock; shift *= 2) bits ^= bits << shift;
  return bits;
}

class DepthScan {
 public:
  explicit DepthScan(std::size_t depth_max) : depth_max_(static_cast<std::int64_t>(depth_max)) {}

  // Where in the block it becomes too deep.
  std::optional<std::size_t> find(const char* block) {
    const Marks marks = marks_of(block);
    if (marks.backslashes != 0 || escaped_) return find_slowly(block);
    const std::uint64_t in_string = odd_so_far(marks.quotes) ^ (in_string_ ? ~std::uint64_t{0} : 0);
    const int opening = std::popcount(marks.opening & ~in_string);
    if (depth_ + opening > depth_max_) return find_slowly(block);
    depth_ += opening - std::popcount(marks.closing & ~in_string);
    in_string_ = in_string >> (kBlock - 1) != 0;
    return std::nullopt;
  }

 private:
  std::optional<std::size_t> find_slowly(const char* block) {
    for (std::size_t i = 0; i < kBlock; ++i) {
      const char c = block[i];
      if (escaped_) {
        escaped_ = false;
      } else if (c == '\\') {
        escaped_ = true;
      } else if (c == '"') {
        in_string_ = !in_string_;
      } else if (!in_string_ && (c == '[' || c == '{')) {
        if (++depth_ > depth_max_) return i;
      } else if (!in_string_ && (c == ']' || c == '}')) {
        --depth_;
      }
    }
    return std::nullopt;
  }

  const std::int64_t depth_max_;
  std::int64_t depth_ = 0;  // Below 0 where it is no JSON.
  bool in_string_ = false;
  bool escaped_ = false;  // The next byte.
};

}  // namespace

std::optional<std::size_t> find_too_deep(std::string_view json, std::size_t depth_max) {
  DepthScan scan(depth_max);
  std::size_t at = 0;
  for (; json.size() - at >= kBlock; at += kBlock) {
    if (const auto found = scan.find(json.data() + at)) return at + *found;
  }
  std::array<char, kBlock> rest;
  rest.fill(' ');
  std::copy(json.begin() + static_cast<std::ptrdiff_t>(at), json.end(), rest.begin());
  const auto found = scan.find(rest.data());
  return found ? std::optional(at + *found) : std::nullopt;
}

}  // namespace contract
