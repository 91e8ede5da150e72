#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "forest/ensemble.h"
#include "forest/pairs_leaves.h"

namespace forest {

// A row by its non-zero values, in any order; an index occurs at most once.
struct SparseRow {
  std::span<const std::uint32_t> indices;
  std::span<const double> values;
};

// Whose feature it is.
enum class Side : std::uint8_t { Query, Candidate };

// The nodes that look at the query, arranged so that a query meets only those which its non-zero
// values can send to the right. The answer is one set of leaves for each tree, 64 leaves a word:
// those that remain reachable when every node that goes right takes away the leaves on its left.
// (Nodes that go left need take away nothing: of what remains, the leftmost leaf that the
// candidate can reach is the one that is reached.)
class QueryNodes {
 public:
  // Which of the features that matter at zero the query has; all false between calls.
  struct Scratch {
    std::vector<std::uint8_t> present;
  };

  // Adds the query nodes of one tree, and its words. Trees come in their order.
  void add(const Tree& tree, const LeafOrder& order, std::span<const Side> sides);
  // Ends the adding.
  void finish(const Ensemble& ensemble);

  std::size_t words() const { return zero_.size(); }
  std::size_t bytes() const;
  // What a node takes until finish() for each 64 leaves below it.
  static constexpr std::size_t kEntryBytes = sizeof(Node) + 2 * sizeof(std::uint64_t);

  // The leaf sets of the empty query.
  std::span<const std::uint64_t> zero() const { return zero_; }

  // The leaf sets of `query`. Precondition: leaf_sets.size() == words().
  void mark(SparseRow query, Scratch& scratch, std::span<std::uint64_t> leaf_sets) const;

 private:
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

  // One node's effect on one word.
  struct Entry {
    Node node;
    std::uint32_t word = 0;
    std::uint64_t keep = 0;  // Without the leaves on its left.
  };

  // What goes_left() needs besides the threshold.
  struct Rule {
    std::uint32_t bits_begin = 0;
    std::uint32_t bits_end = 0;
    Missing missing = Missing::None;
    bool default_left = false;
    bool categorical = false;
  };

  // Entries of one feature: numerical ones by threshold, then categorical ones.
  struct Feature {
    std::uint32_t begin = 0;
    std::uint32_t numerical_end = 0;
    std::uint32_t end = 0;
    std::uint32_t odd = kNone;  // Its number among those with a node that goes right at zero.
  };

  bool right(std::uint32_t entry, double x) const;
  void apply(const Feature& feature, double x, std::span<std::uint64_t> leaf_sets) const;
  void start(SparseRow query, Scratch& scratch, std::span<std::uint64_t> leaf_sets) const;
  void find_odd();
  double read(double x) const { return float32_ ? static_cast<double>(static_cast<float>(x)) : x; }

  std::vector<Entry> adding_;
  bool float32_ = false;
  std::vector<std::uint32_t> bits_;
  std::vector<Feature> features_;
  // One element for each entry:
  std::vector<double> thresholds_;
  std::vector<std::uint32_t> word_of_;
  std::vector<std::uint64_t> keeps_;
  std::vector<Rule> rules_;
  // Entries that go right at zero, feature by feature: odd number i has [odd_begin_[i], [i + 1]).
  std::vector<std::uint32_t> odd_entries_;
  std::vector<std::uint32_t> odd_begin_;
  std::vector<std::uint64_t> zero_;
};

}  // namespace forest
