#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "plan/step.h"

namespace plan {

// The joint log likelihoods of naive_bayes that are not linear: one score for each class.

// GaussianNB: log prior of the class and -0.5 * sum(log(2 pi variance)), then
// -0.5 * sum((x - mean)^2 / variance).
class GaussianLikelihood final : public Step {
 public:
  // constants: one for each class; means and variances: classes x features, row-major.
  GaussianLikelihood(std::vector<double> constants, std::vector<double> means,
                     std::vector<double> variances);
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override;

 private:
  std::vector<double> constants_;
  std::vector<double> means_;
  std::vector<double> variances_;
  std::size_t width_;
};

// CategoricalNB: the sum of what the category of each feature says about each class, then the log
// prior. A number is the category that it is without its fraction; one that the model has not is
// refused, as scikit-learn does.
class CategoryLikelihood final : public Step {
 public:
  // tables[feature]: categories x classes, row-major. Precondition: every table holds whole rows.
  CategoryLikelihood(std::vector<double> priors, std::vector<std::vector<double>> tables,
                     std::vector<std::string> names)
      : priors_(std::move(priors)), tables_(std::move(tables)), names_(std::move(names)) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override;

 private:
  std::vector<double> priors_;
  std::vector<std::vector<double>> tables_;
  std::vector<std::string> names_;
};

}  // namespace plan
