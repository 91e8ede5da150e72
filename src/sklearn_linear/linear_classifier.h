#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "plan_scores/link.h"
#include "sklearn_linear/linear_scores.h"

namespace sklearn {

// A classifier whose decision is linear: one score for two classes, else one for each. With a link
// from scores to probabilities it has those too.
class LinearClassifier : public Estimator {
 public:
  LinearClassifier(LinearScores scores, data::Labels classes,
                   std::optional<plan::LinkKind> probabilities)
      : scores_(std::move(scores)), classes_(std::move(classes)), probabilities_(probabilities) {}

  // Refuses scores that are not as many as classes_ needs.
  static base::Result<void> check(const Object& object, const LinearScores& scores,
                                  const data::Labels& classes);

  bool has(plan::Method method) const override;
  std::vector<data::Labels> classes() const override { return {classes_}; }

 protected:
  base::Result<plan::Port> steps(plan::Method method, plan::Builder& builder,
                                 const plan::Port& input) const override;
  const LinearScores& scores() const { return scores_; }
  // Of predict_proba, for predict_log_proba.
  void set_log(plan::Function log) { log_ = log; }

 private:
  LinearScores scores_;
  data::Labels classes_;
  std::optional<plan::LinkKind> probabilities_;
  plan::Function log_ = plan::Function::Log;
};

}  // namespace sklearn
