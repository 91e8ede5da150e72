#pragma once

#include <string>
#include <vector>

#include "base/files.h"
#include "base/result.h"
#include "pickle/limits.h"
#include "pickle/value.h"
#include "plan/plan.h"
#include "sklearn_values/words.h"

namespace sklearn {

// A fitted model that was read: asks its root estimator for the plan of each method. It keeps
// nothing of the document it was read from.
class Model {
 public:
  // Refuses what cannot be run, naming the first problem and how many more there are.
  static base::Result<Model> read(pickle::Value root, const ReadOptions& options);
  // The same from a file's bytes: a pickle or joblib file, or the own model file of LightGBM,
  // XGBoost or CatBoost, told apart by what they hold. `beside` has the files that lie beside it;
  // may be null.
  static base::Result<Model> read_file(base::Bytes bytes, const base::Files* beside,
                                       const pickle::Limits& limits, const ReadOptions& options);

  const std::string& title() const { return root_->title(); }
  // "scikit-learn 1.9.1"; where ReadOptions asked for it.
  const std::vector<std::string>& written_by() const { return written_by_; }
  std::vector<plan::Method> methods() const;
  // Whether any number of columns is as good as another: some estimators take what comes, and those
  // of early releases do not hold how many there were. `columns` then says it; else it is passed
  // over.
  bool takes_any_columns(plan::Method method) const;
  base::Result<plan::Plan> compile(plan::Method method,
                                   const std::vector<std::string>& columns = {}) const;

 private:
  explicit Model(EstimatorPtr root) : root_(std::move(root)) {}
  EstimatorPtr root_;
  std::vector<std::string> written_by_;
};

// Whether the bytes begin as LightGBM's text models do.
bool is_lightgbm_text(base::Bytes bytes);
// Whether they begin as that or another gradient boosting library's own model file does.
bool is_booster_file(base::Bytes bytes);

// "x0", "x1", ...: what `count` columns without names are called.
std::vector<std::string> numbered_columns(std::size_t count);

// All that keeps a model from being run; empty where nothing does.
std::vector<fitted::Problem> find_problems(pickle::Value root, const ReadOptions& options);

}  // namespace sklearn
