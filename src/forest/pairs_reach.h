#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "forest/ensemble.h"
#include "forest/pairs_leaves.h"
#include "forest/pairs_query.h"

namespace forest {

// Sorts the candidates, tree by tree, into classes: two are of one class if their decisions leave
// the same leaves of the tree reachable. Used when pairs are made; linear in what it looks at.
class Reach {
 public:
  // Precondition: indices below ensemble.features. Refers to the ensemble and to `sides`.
  Reach(const Ensemble& ensemble, std::span<const Side> sides,
        std::span<const SparseRow> candidates);

  // Looks at one tree. What the accessors give holds until the next call.
  void classify(const Tree& tree, const LeafOrder& order);

  std::span<const std::uint32_t> class_of() const { return class_of_; }  // Of each candidate.
  std::size_t classes() const { return members_.size(); }
  // 64 reachable leaves of a class's candidates, from leaf 64 * word on.
  std::uint64_t leaf_set(std::size_t a_class, std::size_t word) const {
    return reach_[word * class_of_.size() + members_[a_class]];
  }

 private:
  struct Value {
    std::uint32_t candidate = 0;
    double x = 0;
  };

  // Hash table of (class so far, word) -> refined class. A slot counts in its own round only, so
  // that a new round need not clear the table.
  struct Slot {
    std::uint64_t word = 0;
    std::uint32_t before = 0;
    std::uint32_t after = 0;
    std::uint64_t round = 0;
  };

  void restrict_to(const Node& node, const LeafRun& run);
  void refine(std::size_t word);
  std::uint32_t refined(std::uint64_t word, std::uint32_t before, std::uint32_t candidate);

  const Ensemble& ensemble_;
  std::span<const Side> sides_;
  // The candidates' non-zero values, feature by feature.
  std::vector<std::size_t> column_begin_;
  std::vector<Value> values_;

  std::vector<std::uint64_t> reach_;       // word x candidate
  std::vector<std::uint32_t> exceptions_;  // Candidates that a node treats unlike a zero ...
  std::vector<std::uint64_t> saved_;       // ... and what they could reach before it.
  std::vector<std::uint32_t> class_of_;
  std::vector<std::uint32_t> members_;  // One candidate of each class.
  std::vector<Slot> slots_;
  std::uint64_t round_ = 0;
};

}  // namespace forest
