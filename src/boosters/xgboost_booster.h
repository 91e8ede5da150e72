#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/signature.h"
#include "fitted/estimator.h"
#include "forest/traversal.h"
#include "forest/xgboost.h"
#include "plan/categories.h"
#include "plan_preparation/float32.h"

namespace boosters {

// What an XGBoost booster answers in.
enum class XgbTask : std::uint8_t {
  Booster,     // What Booster.predict gives.
  Ranker,      // The same.
  Regressor,   // The same.
  Classifier,  // Classes, and probabilities of one or of several outputs.
};

struct XgbWrapper {
  XgbTask task = XgbTask::Booster;
  forest::XgbLimit limit;         // What counts for all but apply before 1.4.
  data::Labels classes;           // Classifier
  std::optional<double> missing;  // A number that is missing beside NaN.
};

// One XGBoost model that was read, behind a wrapper or by itself.
class XgbEstimator final : public fitted::Estimator {
 public:
  static base::Result<std::unique_ptr<XgbEstimator>> make(forest::XgbModel model,
                                                          XgbWrapper wrapper);

  bool has(plan::Method method) const override;
  std::vector<data::Labels> classes() const override;

 private:
  XgbEstimator() = default;

  base::Result<void> make_forests(forest::XgbModel& model, const XgbWrapper& wrapper);
  base::Result<plan::Port> steps(plan::Method method, plan::Builder& builder,
                                 const plan::Port& input) const override;
  base::Result<plan::Port> features(plan::Builder& builder, const plan::Port& from) const;
  base::Result<plan::Port> encoded(plan::Builder& builder, const plan::Port& input,
                                   const std::vector<std::optional<plan::Categories>>& categories,
                                   std::vector<bool> unknown_refused) const;
  base::Result<plan::Port> encoded_as_fitted(plan::Builder& builder, const plan::Port& input) const;
  std::vector<std::optional<plan::Categories>> categories_before(const plan::Port& input) const;
  base::Result<plan::Port> scores(plan::Builder& builder, const plan::Port& rows) const;
  plan::Port link(plan::Link32Kind kind, plan::Builder& builder, const plan::Port& from) const;
  // A classifier with several outputs of two classes each.
  bool is_multilabel() const;

  forest::XgbModel model_;  // Without the trees.
  XgbWrapper wrapper_;
  plan::Link32Kind answer_ = plan::Link32Kind::Identity;
  std::vector<float> margins_;                      // One for each output.
  std::shared_ptr<const forest::Forest> forest_;    // Null: a linear booster.
  std::shared_ptr<const forest::Forest> numbered_;  // Null: leaves have no numbers.
  std::vector<std::string> names_;
  std::vector<std::optional<plan::Categories>> categories_;  // Empty: all columns are numbers.
};

}  // namespace boosters
