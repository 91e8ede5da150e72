#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "forest/ensemble.h"
#include "forest/pairs_kernels.h"
#include "forest/pairs_query.h"

namespace forest {

struct PairsOptions {
  Variant variant = best_variant();
  std::size_t bytes_max = std::size_t{4} << 30;  // Memory that making them may take.
};

// Scores one query against many fixed candidates: the answers of the rows [query | candidate j]
// for every j, to the last bit what summing the trees in order in float64 gives, at a small
// fraction of the cost. Immutable once made: threads share it, each with a Scratch of its own.
//
// The idea. A leaf of a tree is reached by a row exactly if the query's decisions lead there and
// the candidate's decisions lead there. Number a tree's leaves from left to right, one bit each.
//   load   For each candidate, the set of leaves that its own decisions leave reachable. A tree
//          looks at a candidate through a few nodes only, so few distinct sets occur: the
//          candidate's class in this tree, a number of a few bits.
//   query  For each tree, the set of leaves that the query's decisions leave reachable: start
//          from the set of the empty query, then only the nodes of its non-zero features can
//          take leaves away (QuickScorer's way: Lucchese et al., SIGIR 2015).
//          For each class the value of the one leaf in both sets: the tree's table. A tree that
//          the query does not touch keeps the table it was loaded with.
//          For each candidate, tree after tree: score += table[class]. With AVX-512 that is a
//          shift, a permutation of the table and an addition for eight candidates.
// No step descends a tree, and what grows with trees x candidates is a fraction of a nanosecond.
class Pairs {
 public:
  class Scratch;

  // Trees with more leaves are refused: their leaf sets would cost more than descending.
  static constexpr std::size_t kLeavesMax = 65536;

  // Precondition: check(ensemble) is ok. `sides` tells each feature's side. Refuses an ensemble
  // with several outputs or a tree with too many leaves (Unsupported), candidates that are not
  // rows of candidate features (Invalid), and what takes too much memory (Exhausted). Keeps no
  // reference to its arguments.
  static base::Result<Pairs> make(const Ensemble& ensemble, std::span<const Side> sides,
                                  std::span<const SparseRow> candidates,
                                  const PairsOptions& options = {});

  std::size_t candidates() const { return candidates_; }
  std::size_t bytes() const;  // Memory held, without scratch.

  // Raw scores of all candidates. Candidate features of `query` are ignored; its indices are
  // below the ensemble's features and occur once. Precondition: scores.size() == candidates().
  // Allocates only when `scratch` last served a smaller Pairs.
  void score(SparseRow query, Scratch& scratch, std::span<double> scores) const;

 private:
  friend class PairsBuilder;

  // Where one tree's parts lie. Those of the next tree begin where these end.
  struct Parts {
    std::uint32_t word = 0;   // Into the words of query_: its leaf sets, 64 leaves a word.
    std::uint32_t leaf = 0;   // Into leaves_: its values, left to right.
    std::uint32_t mask = 0;   // Into masks_: each class's leaf set.
    std::uint32_t table = 0;  // Into tables_.
  };

  // A run of trees whose tables stay in the processor's own cache while all candidates pass by.
  struct Tile {
    std::uint32_t group_begin = 0;
    std::uint32_t group_end = 0;
  };

  Pairs() = default;
  void prepare(Scratch& scratch) const;
  void place_tables(std::size_t tree_begin, std::size_t tree_end, Scratch& scratch) const;
  void fill_table(std::size_t tree, std::span<const std::uint64_t> words, double* table) const;

  std::size_t candidates_ = 0;
  Kernel kernel_;
  QueryNodes query_;
  std::vector<Parts> parts_;  // trees + 1
  std::vector<double> leaves_;
  AlignedVector<std::uint64_t> masks_;
  AlignedVector<double> tables_;  // Tables of the empty query.
  ClassCodes codes_;
  std::vector<Tile> tiles_;
  std::size_t tile_table_max_ = 0;  // Doubles that the largest tile's tables take.
};

// What one thread needs to score; serves any Pairs.
class Pairs::Scratch {
 private:
  friend class Pairs;

  QueryNodes::Scratch query_;
  std::vector<std::uint64_t> words_;
  AlignedVector<double> tables_;
  std::vector<const double*> table_of_;
  std::vector<std::uint32_t> touched_;
  AlignedVector<double> sums_;
};

}  // namespace forest
