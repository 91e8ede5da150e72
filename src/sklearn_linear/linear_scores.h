#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plan/builder.h"
#include "plan_scores/coefficients.h"
#include "plan_scores/elementwise.h"
#include "plan_scores/link.h"
#include "sklearn_values/arrays.h"
#include "sklearn_values/words.h"

namespace sklearn {

// features x coefficients + intercept: what every linear model starts with.
class LinearScores {
 public:
  LinearScores(std::shared_ptr<const plan::Coefficients> coef, std::vector<double> intercept)
      : coef_(std::move(coef)), intercept_(std::move(intercept)) {}

  // coef_ (outputs x features, or one output's features; dense, or sparse after sparsify()) and
  // intercept_ (a number for each output, or one for all).
  static base::Result<LinearScores> read(const Object& object, Reader& reader);
  // coef_ alone, or what has another name.
  static base::Result<std::shared_ptr<const plan::Coefficients>> read_coefficients(
      const Object& object, Reader& reader, std::string_view attribute = "coef_");

  std::size_t outputs() const { return coef_->outputs(); }
  std::size_t features() const { return coef_->features(); }

  // Of the estimator's input, which is checked to be finite.
  base::Result<plan::Port> emit(plan::Builder& builder, const plan::Port& input) const;
  // Of features that nobody need check.
  plan::Port of(plan::Builder& builder, const plan::Port& features,
                std::vector<std::string> names = {}) const;

 private:
  mutable std::shared_ptr<const plan::Coefficients> coef_;
  std::vector<double> intercept_;
};

// One more step behind `from`.
plan::Port linked(plan::Builder& builder, plan::LinkKind kind, const plan::Port& from);
plan::Port mapped(plan::Builder& builder, plan::Function function, const plan::Port& from,
                  std::vector<std::string> names = {});

}  // namespace sklearn
