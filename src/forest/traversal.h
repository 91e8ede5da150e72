#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "forest/ensemble.h"
#include "forest/packed.h"

namespace forest {

// What score() writes to while it works; kept by the caller from call to call, one per thread,
// so that scoring allocates nothing once it has seen its largest row block. Belongs to no forest.
struct Scratch {
  std::vector<std::int64_t> wide;
  std::vector<std::int32_t> narrow;
  // One row each: what is absent between calls, and kNever behind it.
  std::vector<std::int64_t> sparse_wide;
  std::vector<std::int32_t> sparse_narrow;
  bool absent_is_nan = false;
  std::vector<float> floats;
};

// An ensemble ready to score: immutable, shared by threads without locks. Gives, bit for bit,
// what walking every tree with goes_left() and adding the leaves up in tree order gives.
class Forest {
 public:
  // Refuses what check() refuses, more than kFeaturesMax features, and 2^32 nodes or more. Stands
  // with the maker that it uses, in forest_maker.cc.
  static base::Result<Forest> make(const Ensemble& ensemble);

  std::size_t features() const { return features_; }
  std::size_t outputs() const { return outputs_; }
  std::size_t trees() const;
  // Whether apply() can be asked.
  bool numbered() const;
  std::size_t node_bytes() const;

  // `rows`: n x features, row after row; `raw`: n x outputs, overwritten.
  // Precondition: the sizes are multiples for the same n.
  void score(std::span<const double> rows, std::span<double> raw, Scratch& scratch) const;

  // The same on top of what `raw` holds: of a sum that starts elsewhere than at zero.
  void add(std::span<const double> rows, std::span<double> raw, Scratch& scratch) const;

  // The number of the leaf that each row ends in, for each tree. `leaves`: n x trees().
  // Precondition: numbered(), and the sizes as score() has them.
  void apply(std::span<const double> rows, std::span<double> leaves, Scratch& scratch) const;

  // One row, of which all values but those at `indices` are absent. Costs nothing for those.
  // Precondition: indices are below features() and differ; indices and values have one length;
  // `raw` has outputs() places.
  void score_sparse(std::span<const std::uint32_t> indices, std::span<const double> values,
                    std::span<double> raw, Scratch& scratch) const;
  void add_sparse(std::span<const std::uint32_t> indices, std::span<const double> values,
                  std::span<double> raw, Scratch& scratch) const;
  void apply_sparse(std::span<const std::uint32_t> indices, std::span<const double> values,
                    std::span<double> leaves, Scratch& scratch) const;

 private:
  friend class ForestMaker;
  Forest() = default;

  // Of `Take`, what becomes of the leaves of a row: see traversal.cc.
  template <typename Take>
  void take_rows(std::span<const double> rows, std::span<double> out, Scratch& scratch) const;
  template <typename Take>
  void take_sparse(std::span<const std::uint32_t> indices, std::span<const double> values,
                   std::span<double> out, Scratch& scratch) const;
  template <typename Take, typename Node>
  void run(const Packed<Node>& packed, Block<typename Node::Key> block, std::span<double> out,
           std::vector<float>& floats) const;
  template <typename Take, typename Node, typename Number>
  void run(const Packed<Node>& packed, Block<typename Node::Key> block,
           std::span<Number> out) const;

  AnyPacked packed_;
  std::vector<std::uint32_t> bits_;
  std::size_t features_ = 0;
  std::size_t outputs_ = 1;
  bool float32_input_ = false;
  bool float32_sum_ = false;
  bool absent_is_nan_ = false;
  bool plain_ = true;  // No categorical decision and none for which zero is missing.
};

}  // namespace forest
