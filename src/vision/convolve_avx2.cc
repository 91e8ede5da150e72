// A weight of 24 bits is taken as high * 2^15 + low, so that one instruction multiplies bytes by it
// and adds two products. Both sums are modulo 2^32, and so is what they are put together to: it is
// the sum itself, which fits.
#include <algorithm>
#include <cstring>
#include <vector>

#include "vision/convolve.h"
#include "vision/picture.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace vision {

#if defined(__x86_64__)
namespace {

#define VISION_AVX2 __attribute__((target("avx2")))
#define VISION_AVX2_INLINE __attribute__((target("avx2"), always_inline)) inline

constexpr unsigned kLowBits = 15;
constexpr std::size_t kGroup = 4;   // Pixels of a row that are added at once.
constexpr std::size_t kBlock = 16;  // Bytes of a column's rows that are summed at once.

std::int16_t low_of(std::int32_t weight) {
  return static_cast<std::int16_t>(weight & ((1 << kLowBits) - 1));
}
std::int16_t high_of(std::int32_t weight) { return static_cast<std::int16_t>(weight >> kLowBits); }

// Weights of four pixels, as the bytes that they meet lie: those of the first two in turn for red,
// green, blue and nothing, then those of the others.
struct Group {
  std::int16_t low[16] = {};
  std::int16_t high[16] = {};

  void put(std::size_t pixel, std::int32_t weight) {
    for (std::size_t channel = 0; channel < 4; ++channel) {
      const std::size_t at = pixel / 2 * 8 + channel * 2 + pixel % 2;
      low[at] = low_of(weight);
      high[at] = high_of(weight);
    }
  }
};

// Taps whose runs are whole groups of pixels, all within the row.
struct GroupedTaps {
  std::vector<Taps::Run> runs;  // From which pixel, how many groups.
  std::size_t stride = 0;
  std::vector<Group> groups;
};

GroupedTaps group_taps(const Taps& taps, std::uint32_t width) {
  GroupedTaps grouped;
  grouped.stride = (taps.stride + kGroup - 1) / kGroup;
  grouped.runs.resize(taps.runs.size());
  grouped.groups.resize(taps.runs.size() * grouped.stride);
  const auto last = static_cast<std::uint32_t>(width - grouped.stride * kGroup);
  for (std::size_t i = 0; i < taps.runs.size(); ++i) {
    const std::uint32_t first = std::min(taps.runs[i].first, last);
    const std::size_t before = taps.runs[i].first - first;
    Group* groups = &grouped.groups[i * grouped.stride];
    for (std::size_t k = 0; k < taps.runs[i].count; ++k) {
      groups[(before + k) / kGroup].put((before + k) % kGroup, taps.of(i)[k]);
    }
    const std::size_t count = (before + taps.runs[i].count + kGroup - 1) / kGroup;
    grouped.runs[i] = {first, static_cast<std::uint32_t>(count)};
  }
  return grouped;
}

struct Weights {
  __m256i low;
  __m256i high;
};

struct Sums {
  __m256i low;
  __m256i high;
};

VISION_AVX2_INLINE Sums no_sums() { return {_mm256_setzero_si256(), _mm256_setzero_si256()}; }

VISION_AVX2_INLINE void add_pairs(Sums& sums, __m256i pairs, Weights weights) {
  sums.low = _mm256_add_epi32(sums.low, _mm256_madd_epi16(pairs, weights.low));
  sums.high = _mm256_add_epi32(sums.high, _mm256_madd_epi16(pairs, weights.high));
}

// Adds four pixels of a row; reads four bytes past them.
VISION_AVX2_INLINE void add_group(Sums& sums, const std::uint8_t* pixels, Weights weights) {
  const __m256i order =
      _mm256_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1, 6, -1, 9, -1, 7,
                       -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1);
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(pixels));
  add_pairs(sums, _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(bytes), order), weights);
}

// Four bytes, of which the last means nothing.
VISION_AVX2_INLINE void put_pixel(const Sums& sums, std::uint8_t* to) {
  const __m128i low =
      _mm_add_epi32(_mm256_castsi256_si128(sums.low), _mm256_extracti128_si256(sums.low, 1));
  const __m128i high =
      _mm_add_epi32(_mm256_castsi256_si128(sums.high), _mm256_extracti128_si256(sums.high, 1));
  const __m128i half = _mm_set1_epi32(1 << (kWeightBits - 1));
  const __m128i sum = _mm_add_epi32(_mm_add_epi32(_mm_slli_epi32(high, kLowBits), low), half);
  const __m128i words = _mm_packs_epi32(_mm_srai_epi32(sum, kWeightBits), half);
  const int pixel = _mm_cvtsi128_si32(_mm_packus_epi16(words, words));
  std::memcpy(to, &pixel, sizeof pixel);
}

VISION_AVX2_INLINE Weights weights_of(const Group& group) {
  return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(group.low)),
          _mm256_loadu_si256(reinterpret_cast<const __m256i*>(group.high))};
}

// Four rows share the loading of weights.
VISION_AVX2 void sum_four_rows(const std::uint8_t* from, std::size_t stride,
                               const GroupedTaps& taps, Target to) {
  for (std::size_t i = 0; i < taps.runs.size(); ++i) {
    const std::uint8_t* at = from + taps.runs[i].first * kChannels;
    const Group* group = &taps.groups[i * taps.stride];
    Sums first = no_sums();
    Sums second = no_sums();
    Sums third = no_sums();
    Sums fourth = no_sums();
    for (std::size_t k = 0; k < taps.runs[i].count; ++k, ++group, at += kGroup * kChannels) {
      const Weights weights = weights_of(*group);
      add_group(first, at, weights);
      add_group(second, at + stride, weights);
      add_group(third, at + 2 * stride, weights);
      add_group(fourth, at + 3 * stride, weights);
    }
    std::uint8_t* out = to.data + i * kChannels;
    put_pixel(first, out);
    put_pixel(second, out + to.stride);
    put_pixel(third, out + 2 * to.stride);
    put_pixel(fourth, out + 3 * to.stride);
  }
}

VISION_AVX2 void sum_row(const std::uint8_t* from, const GroupedTaps& taps, std::uint8_t* to) {
  for (std::size_t i = 0; i < taps.runs.size(); ++i) {
    const std::uint8_t* at = from + taps.runs[i].first * kChannels;
    const Group* group = &taps.groups[i * taps.stride];
    Sums sums = no_sums();
    for (std::size_t k = 0; k < taps.runs[i].count; ++k, ++group, at += kGroup * kChannels) {
      add_group(sums, at, weights_of(*group));
    }
    put_pixel(sums, to + i * kChannels);
  }
}

void sum_across_avx2(const Rows& from, const Taps& taps, Target to) {
  if (from.width < (taps.stride + kGroup - 1) / kGroup * kGroup) {
    kPlainKernels.across(from, taps, to);
    return;
  }
  if (from.count == 0) return;
  const GroupedTaps grouped = group_taps(taps, from.width);
  std::size_t y = 0;
  for (; y + 4 < from.count; y += 4) {
    sum_four_rows(from.data + y * from.stride, from.stride, grouped,
                  {to.data + y * to.stride, to.stride});
  }
  for (; y + 1 < from.count; ++y) {
    sum_row(from.data + y * from.stride, grouped, to.data + y * to.stride);
  }
  // Behind the last row there may be nothing to read.
  std::vector<std::uint8_t> last(from.width * kChannels + kSlack);
  std::memcpy(last.data(), from.data + y * from.stride, from.width * kChannels);
  sum_row(last.data(), grouped, to.data + y * to.stride);
}

// Weights of two rows, as one number of two halves each.
struct Pair {
  std::uint32_t low = 0;
  std::uint32_t high = 0;
};

std::uint32_t halves(std::int16_t first, std::int16_t second) {
  return static_cast<std::uint16_t>(first) |
         static_cast<std::uint32_t>(static_cast<std::uint16_t>(second)) << 16U;
}

void pair_weights(const std::int32_t* weights, std::size_t count, std::vector<Pair>& pairs) {
  for (std::size_t k = 0; k < count; k += 2) {
    const std::int32_t second = k + 1 < count ? weights[k + 1] : 0;
    pairs[k / 2] = {halves(low_of(weights[k]), low_of(second)),
                    halves(high_of(weights[k]), high_of(second))};
  }
}

VISION_AVX2_INLINE __m256i words_at(const std::uint8_t* bytes) {
  return _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes)));
}

VISION_AVX2_INLINE __m256i shifted(const Sums& sums) {
  const __m256i half = _mm256_set1_epi32(1 << (kWeightBits - 1));
  const __m256i whole = _mm256_add_epi32(_mm256_slli_epi32(sums.high, kLowBits), sums.low);
  return _mm256_srai_epi32(_mm256_add_epi32(whole, half), kWeightBits);
}

// Sixteen bytes of a row. Of an odd count, the last row meets a weight of nothing as well.
VISION_AVX2 void sum_block(const std::uint8_t* from, std::size_t stride, std::size_t count,
                           const Pair* pairs, std::uint8_t* to) {
  Sums left = no_sums();
  Sums right = no_sums();
  for (std::size_t k = 0; k < count; k += 2, from += 2 * stride) {
    const __m256i first = words_at(from);
    const __m256i second = words_at(k + 1 < count ? from + stride : from);
    const Weights weights{_mm256_set1_epi32(static_cast<int>(pairs[k / 2].low)),
                          _mm256_set1_epi32(static_cast<int>(pairs[k / 2].high))};
    add_pairs(left, _mm256_unpacklo_epi16(first, second), weights);
    add_pairs(right, _mm256_unpackhi_epi16(first, second), weights);
  }
  const __m256i words = _mm256_packs_epi32(shifted(left), shifted(right));
  const __m256i bytes = _mm256_permute4x64_epi64(_mm256_packus_epi16(words, words), 0x08);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm256_castsi256_si128(bytes));
}

void sum_down_avx2(const Rows& from, const Taps& taps, Target to) {
  const std::size_t row_bytes = from.width * kChannels;
  if (row_bytes < kBlock) {
    kPlainKernels.down(from, taps, to);
    return;
  }
  std::vector<Pair> pairs(taps.stride / 2 + 1);
  for (std::size_t y = 0; y < taps.runs.size(); ++y) {
    const Taps::Run run = taps.runs[y];
    pair_weights(taps.of(y), run.count, pairs);
    const std::uint8_t* rows = from.data + run.first * from.stride;
    std::uint8_t* out = to.data + y * to.stride;
    for (std::size_t x = 0; x + kBlock <= row_bytes; x += kBlock) {
      sum_block(rows + x, from.stride, run.count, pairs.data(), out + x);
    }
    // What is left is summed with some of what was, again.
    const std::size_t end = row_bytes - kBlock;
    sum_block(rows + end, from.stride, run.count, pairs.data(), out + end);
  }
}

constexpr Kernels kAvx2Kernels{.across = sum_across_avx2, .down = sum_down_avx2};

}  // namespace

const Kernels* find_avx2_kernels() {
  return __builtin_cpu_supports("avx2") != 0 ? &kAvx2Kernels : nullptr;
}

#else

const Kernels* find_avx2_kernels() { return nullptr; }

#endif

}  // namespace vision
