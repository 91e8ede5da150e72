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

// Weights of two pixels, each of halves: what one instruction meets.
struct Pair {
  std::uint32_t low = 0;
  std::uint32_t high = 0;
};

Pair pair_of(std::int32_t first, std::int32_t second) {
  constexpr std::uint32_t kLow = (1U << kLowBits) - 1;
  const auto high = [](std::int32_t weight) {
    return static_cast<std::uint32_t>(weight >> kLowBits) & 0xffffU;
  };
  return {(static_cast<std::uint32_t>(first) & kLow) | (static_cast<std::uint32_t>(second) & kLow)
                                                           << 16U,
          high(first) | high(second) << 16U};
}

// Taps whose runs are whole groups of pixels, all within the row.
struct GroupedTaps {
  std::vector<Taps::Run> runs;  // From which pixel, how many groups.
  std::size_t stride = 0;       // Of the pairs of a run: two for each group.
  std::vector<Pair> pairs;
};

GroupedTaps group_taps(const Taps& taps, std::uint32_t width) {
  GroupedTaps grouped;
  const std::size_t most = (taps.stride + kGroup - 1) / kGroup * kGroup;
  grouped.stride = most / 2;
  grouped.runs.resize(taps.runs.size());
  grouped.pairs.resize(taps.runs.size() * grouped.stride);
  std::vector<std::int32_t> weights(most);
  const auto last = static_cast<std::uint32_t>(width - most);
  for (std::size_t i = 0; i < taps.runs.size(); ++i) {
    const Taps::Run run = taps.runs[i];
    const std::uint32_t first = std::min(run.first, last);
    const std::size_t before = run.first - first;
    std::fill(weights.begin(), weights.end(), 0);
    std::copy(taps.of(i), taps.of(i) + run.count, &weights[before]);
    for (std::size_t k = 0; k < grouped.stride; ++k) {
      grouped.pairs[i * grouped.stride + k] = pair_of(weights[2 * k], weights[2 * k + 1]);
    }
    const std::size_t count = (before + run.count + kGroup - 1) / kGroup;
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

VISION_AVX2_INLINE Weights weights_of(const Pair& pair) {
  return {_mm256_set1_epi32(static_cast<int>(pair.low)),
          _mm256_set1_epi32(static_cast<int>(pair.high))};
}

VISION_AVX2_INLINE void add_pairs(Sums& sums, __m256i pairs, Weights weights) {
  sums.low = _mm256_add_epi32(sums.low, _mm256_madd_epi16(pairs, weights.low));
  sums.high = _mm256_add_epi32(sums.high, _mm256_madd_epi16(pairs, weights.high));
}

VISION_AVX2_INLINE __m256i shifted(const Sums& sums) {
  const __m256i half = _mm256_set1_epi32(1 << (kWeightBits - 1));
  const __m256i whole = _mm256_add_epi32(_mm256_slli_epi32(sums.high, kLowBits), sums.low);
  return _mm256_srai_epi32(_mm256_add_epi32(whole, half), kWeightBits);
}

VISION_AVX2_INLINE __m128i load(const std::uint8_t* bytes) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
}

// Adds four pixels of two rows; reads four bytes past them. Two pixels' bytes of each channel are
// put side by side, as words.
VISION_AVX2_INLINE void add_group(Sums& sums, const std::uint8_t* upper, const std::uint8_t* lower,
                                  Weights first, Weights second) {
  const __m256i first_pair = _mm256_broadcastsi128_si256(
      _mm_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1));
  const __m256i second_pair = _mm256_broadcastsi128_si256(
      _mm_setr_epi8(6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1));
  const __m256i rows = _mm256_inserti128_si256(_mm256_castsi128_si256(load(upper)), load(lower), 1);
  add_pairs(sums, _mm256_shuffle_epi8(rows, first_pair), first);
  add_pairs(sums, _mm256_shuffle_epi8(rows, second_pair), second);
}

VISION_AVX2_INLINE void put(int pixel, std::uint8_t* to) { std::memcpy(to, &pixel, sizeof pixel); }

constexpr std::size_t kRowsTogether = 4;
struct FourRows {
  const std::uint8_t* from[kRowsTogether];
  std::uint8_t* to[kRowsTogether];
};

// Four rows share the loading of weights. A pixel is written as four bytes, of which the last means
// nothing and is overwritten by the next pixel.
VISION_AVX2 void sum_four_rows(const FourRows& rows, const GroupedTaps& taps) {
  for (std::size_t i = 0; i < taps.runs.size(); ++i) {
    std::size_t at = taps.runs[i].first * kChannels;
    const Pair* pair = &taps.pairs[i * taps.stride];
    Sums upper = no_sums();
    Sums lower = no_sums();
    for (std::size_t k = taps.runs[i].count; k > 0; --k, pair += 2, at += kGroup * kChannels) {
      const Weights first = weights_of(pair[0]);
      const Weights second = weights_of(pair[1]);
      add_group(upper, rows.from[0] + at, rows.from[1] + at, first, second);
      add_group(lower, rows.from[2] + at, rows.from[3] + at, first, second);
    }
    const __m256i words = _mm256_packs_epi32(shifted(upper), shifted(lower));
    const __m256i bytes = _mm256_packus_epi16(words, words);
    const __m128i even = _mm256_castsi256_si128(bytes);
    const __m128i odd = _mm256_extracti128_si256(bytes, 1);
    put(_mm_cvtsi128_si32(even), rows.to[0] + i * kChannels);
    put(_mm_cvtsi128_si32(odd), rows.to[1] + i * kChannels);
    put(_mm_extract_epi32(even, 1), rows.to[2] + i * kChannels);
    put(_mm_extract_epi32(odd, 1), rows.to[3] + i * kChannels);
  }
}

void sum_across_avx2(const Rows& from, const Taps& taps, Target to) {
  if (from.width < (taps.stride + kGroup - 1) / kGroup * kGroup) {
    kPlainKernels.across(from, taps, to);
    return;
  }
  const GroupedTaps grouped = group_taps(taps, from.width);
  // Behind the last row there may be nothing to read.
  std::vector<std::uint8_t> last(from.width * kChannels + kSlack);
  std::memcpy(last.data(), from.data + (from.count - 1) * from.stride, from.width * kChannels);
  for (std::size_t y = 0; y < from.count; y += kRowsTogether) {
    FourRows rows;
    for (std::size_t i = 0; i < kRowsTogether; ++i) {
      // The last row stands for those that are missing.
      const std::size_t row = std::min<std::size_t>(y + i, from.count - 1);
      rows.from[i] = row + 1 < from.count ? from.data + row * from.stride : last.data();
      rows.to[i] = to.data + row * to.stride;
    }
    sum_four_rows(rows, grouped);
  }
}

VISION_AVX2_INLINE __m256i words_at(const std::uint8_t* bytes) {
  return _mm256_cvtepu8_epi16(load(bytes));
}

// Sixteen bytes of a row. Of an odd count, the last row meets a weight of nothing as well.
VISION_AVX2 void sum_block(const std::uint8_t* from, std::size_t stride, std::size_t count,
                           const Pair* pairs, std::uint8_t* to) {
  Sums left = no_sums();
  Sums right = no_sums();
  for (std::size_t k = 0; k < count; k += 2, from += 2 * stride) {
    const __m256i first = words_at(from);
    const __m256i second = words_at(k + 1 < count ? from + stride : from);
    const Weights weights = weights_of(pairs[k / 2]);
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
    for (std::size_t k = 0; k < run.count; k += 2) {
      pairs[k / 2] = pair_of(taps.of(y)[k], k + 1 < run.count ? taps.of(y)[k + 1] : 0);
    }
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
