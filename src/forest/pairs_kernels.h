#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <vector>

namespace forest {

// Instruction sets that the sums are written for. All give the same bits. (AVX2 is not among them:
// it permutes no more than four doubles, and its gathers take as long as the portable loop.)
enum class Variant : std::uint8_t { Portable, Avx512 };

// Those that this processor runs, the fastest last.
std::span<const Variant> variants();
inline Variant best_variant() { return variants().back(); }

// Storage that starts on a cache line, so that no vector of eight crosses one.
template <typename T>
struct CacheLineAllocator {
  using value_type = T;
  static constexpr std::align_val_t kAlignment{64};

  CacheLineAllocator() = default;
  template <typename U>
  explicit CacheLineAllocator(const CacheLineAllocator<U>& /*other*/) {}
  T* allocate(std::size_t count) {
    return static_cast<T*>(::operator new(count * sizeof(T), kAlignment));
  }
  void deallocate(T* at, std::size_t /*count*/) { ::operator delete(at, kAlignment); }
  bool operator==(const CacheLineAllocator& /*other*/) const { return true; }
};

template <typename T>
using AlignedVector = std::vector<T, CacheLineAllocator<T>>;

// The class of each candidate in each tree. A tree with up to 2^b classes takes b bits; as many
// trees as fit form a group, whose classes for one candidate share one 64-bit word, the first
// tree lowest. words[group * stride + candidate]; stride is a multiple of kLanesMin.
//
// A permutation of a table in registers reads a fixed number of index bits, three at least, also
// those that belong to the next tree. So a table has room for 2^b doubles, and one of fewer than
// kTableMin repeats itself up to there. From kGatherBits on, tables stay in memory and have room
// for the classes that there are.
struct ClassCodes {
  struct Code {
    std::uint8_t shift = 0;
    std::uint8_t bits = 0;
  };

  static constexpr std::size_t kLanesMin = 8;
  static constexpr std::size_t kTableMin = 8;
  static constexpr unsigned kGatherBits = 7;

  std::vector<Code> codes;                 // trees
  std::vector<std::uint32_t> group_begin;  // groups + 1: their first trees.
  AlignedVector<std::uint64_t> words;
  std::size_t stride = 0;

  // Starts over for so many candidates.
  void reset(std::size_t candidates);
  // Adds the next tree. Each class is below `classes`, which is at least 1.
  void add(std::span<const std::uint32_t> class_of, std::size_t classes);

  std::size_t groups() const { return group_begin.size() - 1; }
  std::size_t bytes() const;
  // Entries of a table with so many classes that are computed, a multiple of kTableMin.
  static std::size_t table_entries(std::size_t classes) {
    return (classes + kTableMin - 1) / kTableMin * kTableMin;
  }
  // Doubles that such a table takes.
  static std::size_t table_size(std::size_t classes);
};

// A run of groups against a run of candidates.
struct Strip {
  const ClassCodes* codes = nullptr;
  const double* const* tables = nullptr;  // trees
  std::size_t group_begin = 0;
  std::size_t group_end = 0;
  std::size_t lane_begin = 0;  // Multiples of kLanesMin.
  std::size_t lane_end = 0;
};

// What remains of one tree of up to 64 leaves: for the query, and for each class.
struct LeafSets {
  std::uint64_t query = 0;
  const std::uint64_t* classes = nullptr;
  std::size_t count = 0;           // Of classes: a multiple of kTableMin.
  const double* leaves = nullptr;  // Their values; 64 can be read.
  std::size_t leaf_count = 0;
};

struct Kernel {
  // sums[lane] += table[class], tree after tree, for the lanes of the strip.
  void (*accumulate)(const Strip& strip, double* sums) = nullptr;
  // table[i] = value of the lowest leaf in both the query's and class i's set.
  void (*fill)(const LeafSets& sets, double* table) = nullptr;
};

Kernel kernel_of(Variant variant);

// The variants, each in its own file.
extern const Kernel kPortableKernel;
extern const Kernel kAvx512Kernel;

}  // namespace forest
