// The sums for AVX-512: eight candidates a vector, a table in registers, a class looked up by
// permutation. Per tree and vector: a shift that brings the class to the lowest bits (a permutation
// reads no others), a permutation for every sixteen classes, an addition.

#include "forest/pairs_kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define FOREST_AVX512 __attribute__((target("avx512f,avx512cd,avx512dq")))
#pragma GCC diagnostic push
#if defined(__clang__)
#define FOREST_UNROLL _Pragma("clang loop unroll(full)")
#else
#define FOREST_UNROLL _Pragma("GCC unroll 16")
// The intrinsics' own "undefined" operands (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace forest {
namespace {

constexpr std::size_t kVectorLanes = 8;

// Values of classes, by the lowest bits of an index. A table of eight is its own second half, so
// that up to sixteen classes need no branch, which would be hard to predict.
struct Lookup16 {
  __m512d t0;
  __m512d t1;
  FOREST_AVX512 Lookup16(const double* table, std::size_t half)
      : t0(_mm512_loadu_pd(table)), t1(_mm512_loadu_pd(table + half)) {}
  FOREST_AVX512 __m512d operator()(__m512i index) const {
    return _mm512_permutex2var_pd(t0, index, t1);
  }
};

struct Lookup32 {
  Lookup16 low;
  Lookup16 high;
  FOREST_AVX512 explicit Lookup32(const double* table)
      : low(table, kVectorLanes), high(table + 2 * kVectorLanes, kVectorLanes) {}
  FOREST_AVX512 __m512d operator()(__m512i index) const {
    const __mmask8 is_high = _mm512_test_epi64_mask(index, _mm512_set1_epi64(16));
    return _mm512_mask_blend_pd(is_high, low(index), high(index));
  }
};

struct Lookup64 {
  Lookup32 low;
  Lookup32 high;
  FOREST_AVX512 explicit Lookup64(const double* table)
      : low(table), high(table + 4 * kVectorLanes) {}
  FOREST_AVX512 __m512d operator()(__m512i index) const {
    const __mmask8 is_high = _mm512_test_epi64_mask(index, _mm512_set1_epi64(32));
    return _mm512_mask_blend_pd(is_high, low(index), high(index));
  }
};

struct LookupAny {
  const double* table;
  __m512i mask;
  FOREST_AVX512 LookupAny(const double* from, unsigned bits)
      : table(from),
        mask(_mm512_set1_epi64(static_cast<long long>((std::uint64_t{1} << bits) - 1))) {}
  FOREST_AVX512 __m512d operator()(__m512i index) const {
    return _mm512_i64gather_pd(_mm512_and_si512(index, mask), table, sizeof(double));
  }
};

// `Vectors` vectors of candidates, whose sums and words stay in registers.
template <std::size_t Vectors>
struct LaneBlock {
  __m512d sums[Vectors];
  __m512i words[Vectors];

  template <typename Lookup>
  FOREST_AVX512 __attribute__((always_inline)) void add(const Lookup& lookup, __m512i shift) {
    FOREST_UNROLL
    for (std::size_t v = 0; v < Vectors; ++v) {
      sums[v] = _mm512_add_pd(sums[v], lookup(_mm512_srlv_epi64(words[v], shift)));
    }
  }

  FOREST_AVX512 __attribute__((always_inline)) void add_tree(const double* table,
                                                             ClassCodes::Code code) {
    const __m512i shift = _mm512_set1_epi64(code.shift);
    if (code.bits <= 4) return add(Lookup16(table, code.bits == 4 ? kVectorLanes : 0), shift);
    if (code.bits == 5) return add(Lookup32(table), shift);
    if (code.bits == 6) return add(Lookup64(table), shift);
    add(LookupAny(table, code.bits), shift);
  }
};

template <std::size_t Vectors>
FOREST_AVX512 void accumulate_block(const Strip& strip, std::size_t lane, double* sums) {
  const ClassCodes& codes = *strip.codes;
  LaneBlock<Vectors> block;
  FOREST_UNROLL
  for (std::size_t v = 0; v < Vectors; ++v) {
    block.sums[v] = _mm512_loadu_pd(sums + lane + v * kVectorLanes);
  }
  const std::uint64_t* words = codes.words.data() + strip.group_begin * codes.stride + lane;
  const ClassCodes::Code* code = codes.codes.data();
  const std::uint32_t* group_begin = codes.group_begin.data();
  for (std::size_t group = strip.group_begin; group < strip.group_end; ++group) {
    FOREST_UNROLL
    for (std::size_t v = 0; v < Vectors; ++v) {
      block.words[v] = _mm512_loadu_si512(words + v * kVectorLanes);
    }
    for (std::size_t tree = group_begin[group]; tree < group_begin[group + 1]; ++tree) {
      block.add_tree(strip.tables[tree], code[tree]);
    }
    words += codes.stride;
  }
  FOREST_UNROLL
  for (std::size_t v = 0; v < Vectors; ++v) {
    _mm512_storeu_pd(sums + lane + v * kVectorLanes, block.sums[v]);
  }
}

// As many vectors as there are registers for their sums and words, the table and an index.
constexpr std::size_t kVectorsMax = 12;

// The block of `vectors` vectors, from 1 to Vectors.
template <std::size_t Vectors>
void accumulate_rest(const Strip& strip, std::size_t vectors, std::size_t lane, double* sums) {
  if (vectors == Vectors) return accumulate_block<Vectors>(strip, lane, sums);
  if constexpr (Vectors > 1) accumulate_rest<Vectors - 1>(strip, vectors, lane, sums);
}

void accumulate_avx512(const Strip& strip, double* sums) {
  for (std::size_t lane = strip.lane_begin; lane < strip.lane_end;
       lane += kVectorsMax * kVectorLanes) {
    const std::size_t vectors = (strip.lane_end - lane) / kVectorLanes;
    if (vectors >= kVectorsMax) {
      accumulate_block<kVectorsMax>(strip, lane, sums);
    } else {
      accumulate_rest<kVectorsMax - 1>(strip, vectors, lane, sums);
    }
  }
}

// The lookup holds the leaves' values; the lowest bit of both sets is the index.
template <typename Lookup>
FOREST_AVX512 void fill_with(const Lookup& lookup, const LeafSets& sets, double* table) {
  const __m512i query = _mm512_set1_epi64(static_cast<long long>(sets.query));
  for (std::size_t i = 0; i < sets.count; i += ClassCodes::kTableMin) {
    const __m512i both = _mm512_and_si512(query, _mm512_loadu_si512(sets.classes + i));
    const __m512i lowest = _mm512_and_si512(both, _mm512_sub_epi64(_mm512_setzero_si512(), both));
    const __m512i index = _mm512_sub_epi64(_mm512_set1_epi64(63), _mm512_lzcnt_epi64(lowest));
    _mm512_storeu_pd(table + i, lookup(index));
  }
}

FOREST_AVX512 void fill_avx512(const LeafSets& sets, double* table) {
  if (sets.leaf_count <= 32) return fill_with(Lookup32(sets.leaves), sets, table);
  fill_with(Lookup64(sets.leaves), sets, table);
}

}  // namespace

const Kernel kAvx512Kernel{.accumulate = accumulate_avx512, .fill = fill_avx512};

}  // namespace forest

#pragma GCC diagnostic pop
#undef FOREST_UNROLL
#undef FOREST_AVX512

#endif
