#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/signature.h"
#include "plan/builder.h"
#include "plan/plan.h"

namespace fitted {

// A fitted estimator that was read and checked: it knows how to write itself as steps of a plan.
// An estimator is read once and may be emitted several times, once for each method.
class Estimator {
 public:
  Estimator() = default;
  Estimator(const Estimator&) = delete;
  Estimator& operator=(const Estimator&) = delete;
  virtual ~Estimator() = default;

  // Wires the steps of `method` behind `input` and gives where their answer is.
  base::Result<plan::Port> emit(plan::Method method, plan::Builder& builder,
                                const plan::Port& input) const;

  // The same of inverse_transform, for those who answer in what went in, as
  // TransformedTargetRegressor does.
  base::Result<plan::Port> emit_inverse(plan::Builder& builder, const plan::Port& input) const;

  virtual bool has(plan::Method method) const = 0;

  // Of a classifier: the classes that predict chooses from, one set for each output.
  virtual std::vector<data::Labels> classes() const { return {}; }

  void set_title(std::string title) { title_ = std::move(title); }
  const std::string& title() const { return title_; }
  // feature_names_in_: the columns it was fitted with, where it was fitted with a data frame.
  void set_names(std::vector<std::string> names) { names_ = std::move(names); }
  // What the features that transform makes are called, with their numbers: "pca" of pca0, pca1.
  void set_prefix(std::string prefix) { prefix_ = std::move(prefix); }

 protected:
  // Precondition: has(method).
  virtual base::Result<plan::Port> steps(plan::Method method, plan::Builder& builder,
                                         const plan::Port& input) const = 0;
  // Refuses unless an estimator says what undoes its transform.
  virtual base::Result<plan::Port> inverse_steps(plan::Builder& builder,
                                                 const plan::Port& input) const;

 private:
  std::string title_;
  std::vector<std::string> names_;
  std::string prefix_;
};

using EstimatorPtr = std::shared_ptr<const Estimator>;

}  // namespace fitted
