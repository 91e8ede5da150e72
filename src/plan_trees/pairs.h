#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/frame.h"
#include "forest/pairs.h"
#include "plan/plan.h"

namespace plan {

// A plan over rows of (query, candidate), scored for one query against fixed candidates.
//
// A plan factorises when its answer is a forest's over features of which each depends on the
// query's column alone or on the candidates' columns alone. Then the candidates' features are
// computed once, here; a query costs its own features and forest::Pairs. The answers are, bit for
// bit, those of the plan run on every pair.
class PairPlan {
 public:
  class Scratch {
   public:
    explicit Scratch(const PairPlan& plan);

   private:
    friend class PairPlan;
    data::Frame query_frame_;
    plan::Scratch query_;
    plan::Scratch answer_;
    forest::Pairs::Scratch pairs_;
    std::vector<std::uint32_t> indices_;
    std::vector<double> values_;
  };

  // `candidates` has a row for each candidate, made for plan.signature(), its query column
  // missing. Refuses a plan that does not factorise (Unsupported), saying why. Precondition: the
  // plan's trees were kept.
  static base::Result<PairPlan> make(const Plan& plan, std::size_t query_column,
                                     const data::Frame& candidates);

  std::size_t candidates() const { return pairs_->candidates(); }
  std::size_t bytes() const { return pairs_->bytes(); }
  double query_us() const;

  // The plan's answer for every candidate: scores[j] is the last column of row j.
  // Precondition: scores.size() == candidates().
  base::Result<void> score(std::string_view query, Scratch& scratch,
                           std::span<double> scores) const;

 private:
  // A part of the forest's features that depends on the query.
  struct Part {
    std::size_t slot;
    Form form;
    std::size_t first;  // Of its features among the forest's.
  };

  PairPlan() = default;
  void join_parts(Scratch& scratch) const;

  data::Signature signature_;
  std::size_t query_column_ = 0;
  std::size_t slots_ = 0;
  std::vector<Instruction> query_steps_;
  std::vector<Part> query_parts_;
  std::shared_ptr<const forest::Pairs> pairs_;
  std::size_t raw_slot_ = 0;
  std::vector<Instruction> answer_steps_;  // From raw scores to the answer.
  std::size_t answer_slot_ = 0;
  std::shared_ptr<const data::Frame> rows_;  // One row a candidate; nothing reads its cells.
};

}  // namespace plan
