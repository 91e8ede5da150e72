#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "model/recipe.h"
#include "plan/plan.h"
#include "plan_trees/pairs.h"
#include "scorer/candidates.h"
#include "scorer/ranked.h"

namespace sklearn {
class Model;
}

namespace scorer {

struct MatchOptions {
  // Score every pair by itself, even where the plan factorises: the oracle of tests.
  bool plain_pairs = false;
};

// The `match` recipe at work: a query against fixed candidates, best first, equals in the order
// of the file. Immutable and shared by threads, each with a Scratch of its own.
class MatchScorer {
 public:
  class Scratch;

  // For by: pairs, precondition: the model was read with its trees kept.
  static base::Result<MatchScorer> make(const sklearn::Model& model, const model::Match& recipe,
                                        Candidates candidates, MatchOptions options = {});

  const Candidates& candidates() const { return *candidates_; }
  std::size_t default_top_k() const { return top_k_; }
  // Whether the plan factorised; why not, where it did not.
  const std::optional<std::string>& plain_because() const { return plain_because_; }
  // About how long one query takes, in microseconds.
  double query_us() const;

  // The best `top_k` (or all there are). Valid until the scratch is used again.
  base::Result<std::span<const Ranked>> match(std::string_view query, std::size_t top_k,
                                              Scratch& scratch) const;

  // The score of every candidate, in the file's order.
  base::Result<std::span<const double>> scores(std::string_view query, Scratch& scratch) const;

 private:
  // Every pair as a row of its own.
  struct PlainPairs {
    plan::Plan plan;
    std::size_t query_column;
    std::size_t candidate_column;
  };
  // A transformer's vectors of all candidates, each of length 1, by feature: a query meets only
  // the candidates that share a term with it.
  struct Similarity {
    plan::Plan plan;
    std::vector<std::size_t> starts;  // features + 1
    std::vector<std::uint32_t> candidates;
    std::vector<double> values;
  };
  using Way = std::variant<plan::PairPlan, PlainPairs, Similarity>;

  MatchScorer(Way way, std::shared_ptr<const Candidates> candidates)
      : way_(std::move(way)), candidates_(std::move(candidates)) {}
  static base::Result<MatchScorer> make_pairs(const sklearn::Model&, const model::Match&,
                                              std::shared_ptr<const Candidates>, MatchOptions);
  static base::Result<MatchScorer> make_similarity(const sklearn::Model&,
                                                   std::shared_ptr<const Candidates>);
  base::Result<void> score(const plan::PairPlan&, std::string_view, Scratch&) const;
  base::Result<void> score(const PlainPairs&, std::string_view, Scratch&) const;
  base::Result<void> score(const Similarity&, std::string_view, Scratch&) const;
  void keep_best_per_answer(Scratch& scratch) const;

  Way way_;
  std::shared_ptr<const Candidates> candidates_;
  std::size_t top_k_ = 0;
  bool best_per_answer_ = false;
  std::optional<std::string> plain_because_;
};

// The memory of one thread that matches.
class MatchScorer::Scratch {
 public:
  explicit Scratch(const MatchScorer& scorer);

 private:
  friend class MatchScorer;
  std::optional<plan::PairPlan::Scratch> pairs_;
  std::optional<data::Frame> frame_;
  std::optional<plan::Plan::Scratch> plan_;
  std::vector<double> scores_;
  std::vector<Ranked> ranked_;
  std::vector<std::uint8_t> answered_;
};

}  // namespace scorer
