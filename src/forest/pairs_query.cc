#include "forest/pairs_query.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace forest {

void QueryNodes::add(const Tree& tree, const LeafOrder& order, std::span<const Side> sides) {
  const std::size_t first_word = zero_.size();
  const std::size_t words = leaf_words(order.leaves.size());
  zero_.resize(first_word + words, ~std::uint64_t{0});
  for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
    if (sides[tree.nodes[i].feature] != Side::Query) continue;
    const LeafRun& run = order.runs[i];
    for (std::size_t w = run.begin / kLeavesPerWord; w * kLeavesPerWord < run.middle; ++w) {
      adding_.push_back({.node = tree.nodes[i],
                         .word = static_cast<std::uint32_t>(first_word + w),
                         .keep = ~run_bits(run.begin, run.middle, w * kLeavesPerWord)});
    }
  }
}

void QueryNodes::finish(const Ensemble& ensemble) {
  float32_ = ensemble.float32_input;
  bits_ = ensemble.bits;
  std::sort(adding_.begin(), adding_.end(), [](const Entry& a, const Entry& b) {
    const auto key = [](const Entry& entry) {
      // A categorical node's threshold says nothing and may be anything.
      const double threshold = entry.node.categorical ? 0.0 : entry.node.threshold;
      return std::tuple(entry.node.feature, entry.node.categorical, threshold, entry.word,
                        entry.keep);
    };
    return key(a) < key(b);
  });
  features_.assign(ensemble.features, {});
  for (const Entry& entry : adding_) {
    const auto index = static_cast<std::uint32_t>(thresholds_.size());
    Feature& feature = features_[entry.node.feature];
    if (feature.end == 0) feature.begin = feature.numerical_end = index;
    if (!entry.node.categorical) feature.numerical_end = index + 1;
    feature.end = index + 1;
    thresholds_.push_back(entry.node.threshold);
    word_of_.push_back(entry.word);
    keeps_.push_back(entry.keep);
    rules_.push_back({entry.node.bits_begin, entry.node.bits_end, entry.node.missing,
                      entry.node.default_left, entry.node.categorical});
  }
  adding_ = {};
  find_odd();
}

void QueryNodes::find_odd() {
  odd_begin_.push_back(0);
  for (Feature& feature : features_) {
    for (std::uint32_t i = feature.begin; i < feature.end; ++i) {
      if (!right(i, 0)) continue;
      odd_entries_.push_back(i);
      zero_[word_of_[i]] &= keeps_[i];
    }
    if (odd_entries_.size() == odd_begin_.back()) continue;
    feature.odd = static_cast<std::uint32_t>(odd_begin_.size() - 1);
    odd_begin_.push_back(static_cast<std::uint32_t>(odd_entries_.size()));
  }
}

std::size_t QueryNodes::bytes() const {
  return adding_.size() * sizeof(Entry) + features_.size() * sizeof(Feature) +
         thresholds_.size() *
             (sizeof(double) + sizeof(std::uint32_t) + sizeof(std::uint64_t) + sizeof(Rule)) +
         (odd_entries_.size() + odd_begin_.size() + bits_.size()) * sizeof(std::uint32_t) +
         zero_.size() * sizeof(std::uint64_t);
}

bool QueryNodes::right(std::uint32_t entry, double x) const {
  const Rule& rule = rules_[entry];
  const Node node{.threshold = thresholds_[entry],
                  .missing = rule.missing,
                  .default_left = rule.default_left,
                  .categorical = rule.categorical,
                  .bits_begin = rule.bits_begin,
                  .bits_end = rule.bits_end};
  return !goes_left(node, bits_, x);
}

void QueryNodes::apply(const Feature& feature, double x, std::span<std::uint64_t> leaf_sets) const {
  std::uint32_t i = feature.begin;
  // NaN and what LightGBM calls zero may be missing values, which no order of thresholds serves.
  if (std::abs(x) > kZeroThreshold) {
    const double* thresholds = thresholds_.data();
    const std::uint32_t* word_of = word_of_.data();
    const std::uint64_t* keeps = keeps_.data();
    for (; i < feature.numerical_end && thresholds[i] < x; ++i) leaf_sets[word_of[i]] &= keeps[i];
    i = feature.numerical_end;
  }
  for (; i < feature.end; ++i) {
    if (right(i, x)) leaf_sets[word_of_[i]] &= keeps_[i];
  }
}

// The leaf sets by those features alone that are zero in the query. They are the empty query's,
// unless a feature that takes leaves away at zero has another value: leaves cannot be given back.
void QueryNodes::start(SparseRow query, Scratch& scratch,
                       std::span<std::uint64_t> leaf_sets) const {
  bool any = false;
  if (!odd_entries_.empty()) {
    scratch.present.resize(std::max(scratch.present.size(), odd_begin_.size()), 0);
    for (std::size_t i = 0; i < query.indices.size(); ++i) {
      const std::uint32_t odd = features_[query.indices[i]].odd;
      if (odd == kNone || read(query.values[i]) == 0) continue;
      scratch.present[odd] = 1;
      any = true;
    }
  }
  if (!any) {
    std::copy(zero_.begin(), zero_.end(), leaf_sets.begin());
    return;
  }
  std::fill(leaf_sets.begin(), leaf_sets.end(), ~std::uint64_t{0});
  for (std::size_t odd = 0; odd + 1 < odd_begin_.size(); ++odd) {
    if (scratch.present[odd] != 0) {
      scratch.present[odd] = 0;
      continue;
    }
    for (std::uint32_t i = odd_begin_[odd]; i < odd_begin_[odd + 1]; ++i) {
      leaf_sets[word_of_[odd_entries_[i]]] &= keeps_[odd_entries_[i]];
    }
  }
}

void QueryNodes::mark(SparseRow query, Scratch& scratch, std::span<std::uint64_t> leaf_sets) const {
  start(query, scratch, leaf_sets);
  for (std::size_t i = 0; i < query.indices.size(); ++i) {
    const Feature& feature = features_[query.indices[i]];
    const double x = read(query.values[i]);
    if (feature.begin != feature.end && x != 0) apply(feature, x, leaf_sets);
  }
}

}  // namespace forest
