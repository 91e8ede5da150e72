#include "forest/pairs_reach.h"

#include <algorithm>
#include <bit>

namespace forest {

Reach::Reach(const Ensemble& ensemble, std::span<const Side> sides,
             std::span<const SparseRow> candidates)
    : ensemble_(ensemble),
      sides_(sides),
      column_begin_(ensemble.features + 1, 0),
      class_of_(candidates.size()),
      slots_(std::bit_ceil(candidates.size() * 2 + 1)) {
  for (const SparseRow& row : candidates) {
    for (const std::uint32_t index : row.indices) ++column_begin_[index];
  }
  std::size_t total = 0;
  for (std::size_t& begin : column_begin_) total += begin, begin = total;
  values_.resize(total);
  // From the ends of the columns backwards, so that each column begins where it ends up.
  for (std::size_t i = candidates.size(); i-- > 0;) {
    const SparseRow& row = candidates[i];
    for (std::size_t k = 0; k < row.indices.size(); ++k) {
      double x = row.values[k];
      if (ensemble.float32_input) x = static_cast<double>(static_cast<float>(x));
      values_[--column_begin_[row.indices[k]]] = {static_cast<std::uint32_t>(i), x};
    }
  }
}

void Reach::classify(const Tree& tree, const LeafOrder& order) {
  const std::size_t leaves = order.leaves.size();
  const std::size_t words = leaf_words(leaves);
  const std::size_t candidates = class_of_.size();
  reach_.resize(words * candidates);
  for (std::size_t w = 0; w < words; ++w) {
    std::fill_n(reach_.begin() + static_cast<std::ptrdiff_t>(w * candidates), candidates,
                run_bits(0, leaves, w * kLeavesPerWord));
  }
  for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
    if (sides_[tree.nodes[i].feature] == Side::Candidate) {
      restrict_to(tree.nodes[i], order.runs[i]);
    }
  }
  std::fill(class_of_.begin(), class_of_.end(), 0);
  for (std::size_t w = 0; w < words; ++w) refine(w);
}

// Takes from every candidate the leaves on the side of the node where it does not go.
void Reach::restrict_to(const Node& node, const LeafRun& run) {
  const bool zero_left = goes_left(node, ensemble_.bits, 0);
  exceptions_.clear();
  for (std::size_t i = column_begin_[node.feature]; i < column_begin_[node.feature + 1]; ++i) {
    if (goes_left(node, ensemble_.bits, values_[i].x) != zero_left) {
      exceptions_.push_back(values_[i].candidate);
    }
  }
  saved_.resize(exceptions_.size());
  const std::size_t candidates = class_of_.size();
  for (std::size_t w = run.begin / kLeavesPerWord; w * kLeavesPerWord < run.end; ++w) {
    std::uint64_t zero_keep = ~run_bits(run.begin, run.middle, w * kLeavesPerWord);
    std::uint64_t other_keep = ~run_bits(run.middle, run.end, w * kLeavesPerWord);
    if (zero_left) std::swap(zero_keep, other_keep);
    std::uint64_t* reach = reach_.data() + w * candidates;
    for (std::size_t i = 0; i < exceptions_.size(); ++i) saved_[i] = reach[exceptions_[i]];
    for (std::size_t i = 0; i < candidates; ++i) reach[i] &= zero_keep;
    for (std::size_t i = 0; i < exceptions_.size(); ++i) {
      reach[exceptions_[i]] = saved_[i] & other_keep;
    }
  }
}

// Splits the classes by one more word of what their candidates reach.
void Reach::refine(std::size_t word) {
  ++round_;
  members_.clear();
  const std::uint64_t* reach = reach_.data() + word * class_of_.size();
  std::uint64_t last_word = 0;
  std::uint32_t last_before = 0;
  std::uint32_t last_after = 0;
  for (std::size_t i = 0; i < class_of_.size(); ++i) {
    // Most candidates are like the one before.
    if (members_.empty() || reach[i] != last_word || class_of_[i] != last_before) {
      last_word = reach[i];
      last_before = class_of_[i];
      last_after = refined(last_word, last_before, static_cast<std::uint32_t>(i));
    }
    class_of_[i] = last_after;
  }
}

std::uint32_t Reach::refined(std::uint64_t word, std::uint32_t before, std::uint32_t candidate) {
  const std::uint64_t mixed =
      (word ^ (std::uint64_t{before} << 32U | before)) * 0x9E3779B97F4A7C15U;
  std::size_t at = (mixed ^ (mixed >> 32U)) & (slots_.size() - 1);
  while (slots_[at].round == round_) {
    if (slots_[at].word == word && slots_[at].before == before) return slots_[at].after;
    at = (at + 1) & (slots_.size() - 1);
  }
  slots_[at] = {word, before, static_cast<std::uint32_t>(members_.size()), round_};
  members_.push_back(candidate);
  return slots_[at].after;
}

}  // namespace forest
