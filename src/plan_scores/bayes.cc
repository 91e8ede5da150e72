#include "plan_scores/bayes.h"

#include <algorithm>

#include <fmt/format.h>

#include "plan/columns.h"

namespace plan {
namespace {

// Sums that do not wait for each other.
constexpr std::size_t kLikelihoodSums = 4;

double squares_over(const double* x, const double* mean, const double* variance,
                    std::size_t count) {
  double sums[kLikelihoodSums] = {};
  std::size_t i = 0;
  for (; i + kLikelihoodSums <= count; i += kLikelihoodSums) {
    for (std::size_t k = 0; k < kLikelihoodSums; ++k) {
      const double d = x[i + k] - mean[i + k];
      sums[k] += d * d / variance[i + k];
    }
  }
  for (; i < count; ++i) {
    const double d = x[i] - mean[i];
    sums[0] += d * d / variance[i];
  }
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

}  // namespace

GaussianLikelihood::GaussianLikelihood(std::vector<double> constants, std::vector<double> means,
                                       std::vector<double> variances)
    : constants_(std::move(constants)),
      means_(std::move(means)),
      variances_(std::move(variances)),
      width_(means_.size() / constants_.size()) {}

std::string GaussianLikelihood::describe() const {
  return fmt::format("log likelihoods of {} features under {} classes", width_, constants_.size());
}

double GaussianLikelihood::row_ns() const { return 5 + 2 * static_cast<double>(means_.size()); }

base::Result<void> GaussianLikelihood::run(const Inputs& in, Buffer& out, State*) const {
  const std::size_t classes = constants_.size();
  out.dense.resize(in.rows(), classes);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const double* x = in[0].dense.row(i);
    double* scores = out.dense.row(i);
    for (std::size_t k = 0; k < classes; ++k) {
      const std::size_t at = k * width_;
      scores[k] =
          constants_[k] - 0.5 * squares_over(x, means_.data() + at, variances_.data() + at, width_);
    }
  }
  return {};
}

std::string CategoryLikelihood::describe() const {
  return fmt::format("log likelihoods of {} categories under {} classes", tables_.size(),
                     priors_.size());
}

double CategoryLikelihood::row_ns() const {
  return 5 + static_cast<double>(tables_.size()) * (2 + static_cast<double>(priors_.size()) / 4);
}

base::Result<void> CategoryLikelihood::run(const Inputs& in, Buffer& out, State*) const {
  const std::size_t classes = priors_.size();
  out.dense.resize(in.rows(), classes);
  std::fill(out.dense.values.begin(), out.dense.values.end(), 0.0);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const double* x = in[0].dense.row(i);
    double* scores = out.dense.row(i);
    for (std::size_t f = 0; f < tables_.size(); ++f) {
      const std::vector<double>& table = tables_[f];
      const std::size_t count = table.size() / classes;
      if (!(x[f] > -1 && x[f] < static_cast<double>(count))) {
        return base::Error(
            base::Code::Invalid,
            fmt::format("row {}, {}: expected a category from 0 to {}, got {}",
                        in.row_of_request(i), feature_label(names_, f), count - 1, x[f]));
      }
      const double* said = table.data() + static_cast<std::size_t>(x[f]) * classes;
      for (std::size_t k = 0; k < classes; ++k) scores[k] += said[k];
    }
    for (std::size_t k = 0; k < classes; ++k) scores[k] += priors_[k];
  }
  return {};
}

}  // namespace plan
