#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "plan/plan.h"

namespace sklearn {
class Model;
}

namespace scorer {

// A pipeline whose requests are rows of plain columns: one plan for each method it has.
// Immutable and shared by threads.
class ColumnsScorer {
 public:
  // Compiles every method; refuses a model of which none can be compiled. `columns` are those of a
  // row where the model takes as many as come.
  static base::Result<ColumnsScorer> make(const sklearn::Model& model,
                                          const std::vector<std::string>& columns = {});

  // In scikit-learn's order: predict, predict_proba, decision_function, transform.
  const std::vector<plan::Method>& methods() const { return methods_; }
  bool has(plan::Method method) const { return plans_.contains(method); }
  // predict where there is one, else the first.
  plan::Method default_method() const { return methods_.front(); }
  // Precondition: has(method).
  const plan::Plan& plan(plan::Method method) const { return *plans_.at(method); }

  // The columns of a row; the same for every method.
  const data::Signature& signature() const { return plan(default_method()).signature(); }
  // Whether they are the columns that make() was given.
  bool took_columns() const { return took_columns_; }

 private:
  std::vector<plan::Method> methods_;
  std::map<plan::Method, std::shared_ptr<const plan::Plan>> plans_;
  bool took_columns_ = false;
};

}  // namespace scorer
