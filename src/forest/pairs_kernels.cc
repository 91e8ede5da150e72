#include "forest/pairs_kernels.h"

#include <algorithm>
#include <bit>

namespace forest {
namespace {

constexpr unsigned kWordBits = 64;

constexpr Variant kVariants[] = {Variant::Portable, Variant::Avx512};

unsigned bits_of(std::size_t classes) { return static_cast<unsigned>(std::bit_width(classes - 1)); }

// Four candidates at a time: enough independent sums to hide an addition's latency, and few
// enough words for the registers.
void accumulate_portable(const Strip& strip, double* sums) {
  const ClassCodes& codes = *strip.codes;
  for (std::size_t lane = strip.lane_begin; lane < strip.lane_end; lane += 4) {
    double sum0 = sums[lane];
    double sum1 = sums[lane + 1];
    double sum2 = sums[lane + 2];
    double sum3 = sums[lane + 3];
    const ClassCodes::Code* code = codes.codes.data();
    for (std::size_t group = strip.group_begin; group < strip.group_end; ++group) {
      const std::uint64_t* words = codes.words.data() + group * codes.stride + lane;
      std::uint64_t word0 = words[0];
      std::uint64_t word1 = words[1];
      std::uint64_t word2 = words[2];
      std::uint64_t word3 = words[3];
      for (std::size_t tree = codes.group_begin[group]; tree < codes.group_begin[group + 1];
           ++tree) {
        const double* table = strip.tables[tree];
        const unsigned bits = code[tree].bits;
        const std::uint64_t mask = (std::uint64_t{1} << bits) - 1;
        sum0 += table[word0 & mask];
        sum1 += table[word1 & mask];
        sum2 += table[word2 & mask];
        sum3 += table[word3 & mask];
        word0 >>= bits;
        word1 >>= bits;
        word2 >>= bits;
        word3 >>= bits;
      }
    }
    sums[lane] = sum0;
    sums[lane + 1] = sum1;
    sums[lane + 2] = sum2;
    sums[lane + 3] = sum3;
  }
}

void fill_portable(const LeafSets& sets, double* table) {
  for (std::size_t i = 0; i < sets.count; ++i) {
    table[i] = sets.leaves[std::countr_zero(sets.query & sets.classes[i])];
  }
}

bool has_avx512() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512cd") != 0 &&
         __builtin_cpu_supports("avx512dq") != 0;
#else
  return false;
#endif
}

}  // namespace

const Kernel kPortableKernel{.accumulate = accumulate_portable, .fill = fill_portable};

std::span<const Variant> variants() {
  static const std::size_t kCount = has_avx512() ? 2 : 1;
  return {kVariants, kCount};
}

Kernel kernel_of(Variant variant) {
#if defined(__x86_64__)
  if (variant == Variant::Avx512) return kAvx512Kernel;
#endif
  return kPortableKernel;
}

void ClassCodes::reset(std::size_t candidates) {
  *this = {};
  stride = (candidates + kLanesMin - 1) / kLanesMin * kLanesMin;
  group_begin.push_back(0);
}

void ClassCodes::add(std::span<const std::uint32_t> class_of, std::size_t classes) {
  const unsigned bits = bits_of(classes);
  const bool fits =
      groups() > 0 &&
      static_cast<unsigned>(codes.back().shift) + codes.back().bits + bits <= kWordBits;
  const unsigned shift = fits ? static_cast<unsigned>(codes.back().shift) + codes.back().bits : 0U;
  if (!fits) {
    group_begin.push_back(group_begin.back());
    words.resize(words.size() + stride, 0);
  }
  codes.push_back({static_cast<std::uint8_t>(shift), static_cast<std::uint8_t>(bits)});
  ++group_begin.back();
  if (bits == 0) return;
  std::uint64_t* row = words.data() + (groups() - 1) * stride;
  for (std::size_t i = 0; i < class_of.size(); ++i) row[i] |= std::uint64_t{class_of[i]} << shift;
}

std::size_t ClassCodes::bytes() const {
  return codes.size() * sizeof(Code) + group_begin.size() * sizeof(std::uint32_t) +
         words.size() * sizeof(std::uint64_t);
}

std::size_t ClassCodes::table_size(std::size_t classes) {
  const unsigned bits = bits_of(classes);
  if (bits < kGatherBits) return std::max(kTableMin, std::size_t{1} << bits);
  return table_entries(classes);
}

}  // namespace forest
