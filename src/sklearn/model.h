#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "pickle/value.h"
#include "plan/plan.h"
#include "sklearn/estimator.h"
#include "sklearn/reader.h"

namespace sklearn {

// A fitted model that was read: asks its root estimator for the plan of each method. It keeps
// nothing of the document it was read from.
class Model {
 public:
  // Refuses what cannot be run, naming the first problem and how many more there are.
  static base::Result<Model> read(pickle::Value root, const ReadOptions& options);

  const std::string& title() const { return root_->title(); }
  std::vector<plan::Method> methods() const;
  base::Result<plan::Plan> compile(plan::Method method) const;

 private:
  explicit Model(EstimatorPtr root) : root_(std::move(root)) {}
  EstimatorPtr root_;
};

// All that keeps a model from being run; empty where nothing does.
std::vector<Problem> find_problems(pickle::Value root, const ReadOptions& options);

}  // namespace sklearn
