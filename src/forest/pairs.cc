#include "forest/pairs.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "forest/pairs_leaves.h"
#include "forest/pairs_reach.h"

namespace forest {
namespace {

// Doubles of tables in a tile: 128 KiB, a part of any second-level cache.
constexpr std::size_t kTileDoubles = 16384;

constexpr std::size_t kCandidatesMax = std::numeric_limits<std::uint32_t>::max();

// Parts, masks and nodes are found by 32-bit numbers, and none takes less than four bytes.
constexpr std::size_t kBytesMax = std::size_t{4} * std::numeric_limits<std::uint32_t>::max();

base::Result<void> check_row(const SparseRow& row, std::span<const Side> sides) {
  if (row.indices.size() != row.values.size()) {
    return base::Error{base::Code::Invalid,
                       fmt::format("expected as many values as indices, got {} and {}",
                                   row.values.size(), row.indices.size())};
  }
  for (const std::uint32_t index : row.indices) {
    if (index >= sides.size()) {
      return base::Error{base::Code::Invalid,
                         fmt::format("expected a feature below {}, got {}", sides.size(), index)};
    }
    if (sides[index] != Side::Candidate) {
      return base::Error{base::Code::Invalid,
                         fmt::format("feature {}: expected a candidate's, got the query's", index)};
    }
  }
  return {};
}

base::Result<void> check_arguments(const Ensemble& ensemble, std::span<const Side> sides,
                                   std::span<const SparseRow> candidates) {
  if (ensemble.outputs != 1) {
    return base::Error{
        base::Code::Unsupported,
        fmt::format("pairs: expected an ensemble with one output, got {}", ensemble.outputs)};
  }
  if (sides.size() != ensemble.features) {
    return base::Error{base::Code::Invalid,
                       fmt::format("pairs: expected the sides of {} features, got {}",
                                   ensemble.features, sides.size())};
  }
  if (candidates.empty() || candidates.size() > kCandidatesMax) {
    return base::Error{base::Code::Invalid,
                       fmt::format("pairs: expected 1 to {} candidates, got {}", kCandidatesMax,
                                   candidates.size())};
  }
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (auto outcome = check_row(candidates[i], sides); !outcome.ok()) {
      return std::move(outcome).error().within(fmt::format("pairs: candidate {}", i));
    }
  }
  return {};
}

}  // namespace

// Makes a Pairs tree by tree.
class PairsBuilder {
 public:
  PairsBuilder(const Ensemble& ensemble, std::span<const Side> sides,
               std::span<const SparseRow> candidates, const PairsOptions& options)
      : ensemble_(ensemble),
        sides_(sides),
        bytes_max_(options.bytes_max),
        reach_(ensemble, sides, candidates) {
    pairs_.candidates_ = candidates.size();
    pairs_.kernel_ = kernel_of(options.variant);
    pairs_.codes_.reset(candidates.size());
  }

  base::Result<Pairs> make() {
    for (const Tree& tree : ensemble_.trees) {
      if (auto outcome = add(tree); !outcome.ok()) {
        return std::move(outcome).error().within(fmt::format("pairs: tree {}", trees_));
      }
      ++trees_;
    }
    place();  // The end of the last tree.
    // Kernels read as many leaves as a word can name.
    pairs_.leaves_.resize(pairs_.leaves_.size() + kLeavesPerWord);
    pairs_.query_.finish(ensemble_);
    make_tiles();
    pairs_.tables_.resize(tables_size_);
    for (std::size_t tree = 0; tree < ensemble_.trees.size(); ++tree) {
      pairs_.fill_table(tree, pairs_.query_.zero(),
                        pairs_.tables_.data() + pairs_.parts_[tree].table);
    }
    return std::move(pairs_);
  }

 private:
  void place() {
    pairs_.parts_.push_back({.word = static_cast<std::uint32_t>(pairs_.query_.words()),
                             .leaf = static_cast<std::uint32_t>(pairs_.leaves_.size()),
                             .mask = static_cast<std::uint32_t>(pairs_.masks_.size()),
                             .table = static_cast<std::uint32_t>(tables_size_)});
  }

  base::Result<void> add(const Tree& tree) {
    if (tree.nodes.size() >= Pairs::kLeavesMax) {
      return base::Error{base::Code::Unsupported,
                         fmt::format("expected at most {} leaves, got {}", Pairs::kLeavesMax,
                                     tree.nodes.size() + 1)};
    }
    const LeafOrder order = order_leaves(tree);
    TRY(check_size(order));
    place();
    for (const std::uint32_t leaf : order.leaves) {
      pairs_.leaves_.push_back(tree.leaf_values[leaf]);
    }
    reach_.classify(tree, order);
    const std::size_t classes = reach_.classes();
    for (std::size_t word = 0; word < leaf_words(order.leaves.size()); ++word) {
      add_masks(word);
    }
    pairs_.codes_.add(reach_.class_of(), classes);
    pairs_.query_.add(tree, order, sides_);
    tables_size_ += ClassCodes::table_size(classes);
    return {};
  }

  // One word of each class's leaf set, in the places that their values take in the table.
  void add_masks(std::size_t word) {
    const std::size_t classes = reach_.classes();
    const std::size_t period = std::bit_ceil(classes);
    for (std::size_t i = 0; i < ClassCodes::table_entries(classes); ++i) {
      const std::size_t c = i % period;
      pairs_.masks_.push_back(reach_.leaf_set(c < classes ? c : 0, word));
    }
  }

  // That what there is, and at worst one more tree of these leaves, is not too much.
  base::Result<void> check_size(const LeafOrder& order) const {
    std::size_t entries = 0;
    for (const LeafRun& run : order.runs) {
      entries += leaf_words(run.end) - run.begin / kLeavesPerWord;
    }
    const std::size_t sets =
        leaf_words(order.leaves.size()) * (pairs_.candidates_ + ClassCodes::kTableMin);
    const std::size_t bytes = pairs_.bytes() + tables_size_ * sizeof(double) +
                              entries * QueryNodes::kEntryBytes + sets * 2 * sizeof(std::uint64_t);
    if (bytes <= std::min(bytes_max_, kBytesMax)) return {};
    return base::Error{base::Code::Exhausted,
                       fmt::format("expected at most {} bytes for {} candidates, got {}",
                                   bytes_max_, pairs_.candidates_, bytes)};
  }

  void make_tiles() {
    const auto table_of_group = [&](std::size_t group) {
      return std::size_t{pairs_.parts_[pairs_.codes_.group_begin[group]].table};
    };
    for (std::uint32_t begin = 0; begin < pairs_.codes_.groups();) {
      std::uint32_t end = begin + 1;
      while (end < pairs_.codes_.groups() &&
             table_of_group(end + 1) - table_of_group(begin) <= kTileDoubles) {
        ++end;
      }
      pairs_.tiles_.push_back({begin, end});
      pairs_.tile_table_max_ =
          std::max(pairs_.tile_table_max_, table_of_group(end) - table_of_group(begin));
      begin = end;
    }
  }

  const Ensemble& ensemble_;
  std::span<const Side> sides_;
  std::size_t bytes_max_;
  Reach reach_;
  std::size_t trees_ = 0;
  std::size_t tables_size_ = 0;
  Pairs pairs_;
};

base::Result<Pairs> Pairs::make(const Ensemble& ensemble, std::span<const Side> sides,
                                std::span<const SparseRow> candidates,
                                const PairsOptions& options) {
  TRY(check_arguments(ensemble, sides, candidates));
  return PairsBuilder(ensemble, sides, candidates, options).make();
}

std::size_t Pairs::bytes() const {
  return query_.bytes() + codes_.bytes() + parts_.size() * sizeof(Parts) +
         leaves_.size() * sizeof(double) + masks_.size() * sizeof(std::uint64_t) +
         tables_.size() * sizeof(double) + tiles_.size() * sizeof(Tile);
}

void Pairs::prepare(Scratch& scratch) const {
  const auto grow = [](auto& vector, std::size_t size) {
    if (vector.size() < size) vector.resize(size);
  };
  grow(scratch.words_, query_.words());
  grow(scratch.tables_, tile_table_max_);
  grow(scratch.table_of_, parts_.size());
  grow(scratch.touched_, parts_.size());
  grow(scratch.sums_, codes_.stride);
  std::fill_n(scratch.sums_.begin(), codes_.stride, 0.0);
}

// table[i] = value of the leftmost leaf that both the query and class i leave.
void Pairs::fill_table(std::size_t tree, std::span<const std::uint64_t> words,
                       double* table) const {
  const Parts& parts = parts_[tree];
  const Parts& next = parts_[tree + 1];
  const std::size_t word_count = next.word - parts.word;
  const std::uint64_t* query = words.data() + parts.word;
  const std::uint64_t* masks = masks_.data() + parts.mask;
  const double* leaves = leaves_.data() + parts.leaf;
  if (word_count == 1) {
    return kernel_.fill({.query = *query,
                         .classes = masks,
                         .count = next.mask - parts.mask,
                         .leaves = leaves,
                         .leaf_count = next.leaf - parts.leaf},
                        table);
  }
  const std::size_t count = (next.mask - parts.mask) / word_count;
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t word = 0;
    while ((query[word] & masks[word * count + i]) == 0) ++word;
    const int bit = std::countr_zero(query[word] & masks[word * count + i]);
    table[i] = leaves[word * kLeavesPerWord + static_cast<std::size_t>(bit)];
  }
}

// Points to the table of each tree: the one loaded, or one computed for this query.
void Pairs::place_tables(std::size_t tree_begin, std::size_t tree_end, Scratch& scratch) const {
  const std::uint64_t* zero = query_.zero().data();
  const std::uint64_t* words = scratch.words_.data();
  std::uint32_t* touched = scratch.touched_.data();
  std::size_t touched_count = 0;
  for (std::size_t tree = tree_begin; tree < tree_end; ++tree) {
    std::uint64_t difference = 0;
    for (std::uint32_t w = parts_[tree].word; w < parts_[tree + 1].word; ++w) {
      difference |= zero[w] ^ words[w];
    }
    scratch.table_of_[tree] = tables_.data() + parts_[tree].table;
    // Not a branch: which trees a query touches cannot be predicted.
    touched[touched_count] = static_cast<std::uint32_t>(tree);
    touched_count += difference != 0 ? 1 : 0;
  }
  double* room = scratch.tables_.data();
  for (std::size_t i = 0; i < touched_count; ++i) {
    const std::uint32_t tree = touched[i];
    fill_table(tree, {words, query_.words()}, room);
    scratch.table_of_[tree] = room;
    room += parts_[tree + 1].table - parts_[tree].table;
  }
}

void Pairs::score(SparseRow query, Scratch& scratch, std::span<double> scores) const {
  prepare(scratch);
  query_.mark(query, scratch.query_, {scratch.words_.data(), query_.words()});
  for (const Tile& tile : tiles_) {
    place_tables(codes_.group_begin[tile.group_begin], codes_.group_begin[tile.group_end], scratch);
    const Strip strip{.codes = &codes_,
                      .tables = scratch.table_of_.data(),
                      .group_begin = tile.group_begin,
                      .group_end = tile.group_end,
                      .lane_begin = 0,
                      .lane_end = codes_.stride};
    kernel_.accumulate(strip, scratch.sums_.data());
  }
  std::copy_n(scratch.sums_.begin(), scores.size(), scores.begin());
}

}  // namespace forest
