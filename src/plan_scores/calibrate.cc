#include "plan_scores/calibrate.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace plan {
namespace {

// What CalibratedClassifierCV takes for one that was rounded up.
constexpr double kRoundedMax = 1.0 + 1e-5;
// What keeps it from the logarithm of zero.
constexpr double kLogitEpsilon = 1e-12;

double value_at(const Curve& curve, double x) {
  if (const auto* sigmoid = std::get_if<SigmoidCurve>(&curve)) {
    return 1.0 / (1.0 + std::exp(sigmoid->slope * x + sigmoid->offset));
  }
  return std::get<StepCurve>(curve).at(x);
}

}  // namespace

double StepCurve::at(double x_wanted) const {
  if (std::isnan(x_wanted)) return x_wanted;
  const auto above = std::upper_bound(x.begin(), x.end(), x_wanted);
  if (above == x.begin()) return y.front();
  const auto i = static_cast<std::size_t>(above - x.begin()) - 1;
  if (i + 1 >= x.size()) return y.back();
  const double slope = (y[i + 1] - y[i]) / (x[i + 1] - x[i]);
  return slope * (x_wanted - x[i]) + y[i];
}

std::string Calibrate::describe() const {
  return fmt::format("calibrate {} columns for {} classes", columns_.size(), classes_);
}

base::Result<void> Calibrate::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), classes_);
  for (std::size_t i = 0; i < in.rows(); ++i) run_row(in[0].dense.row(i), out.dense.row(i));
  return {};
}

void Calibrate::run_row(const double* scores, double* probabilities) const {
  std::fill_n(probabilities, classes_, 0.0);
  for (const Column& column : columns_) {
    probabilities[column.target] = value_at(column.curve, *scores++);
  }
  if (classes_ == 2) {
    probabilities[0] = 1.0 - probabilities[1];
  } else {
    double sum = 0;
    for (std::size_t k = 0; k < classes_; ++k) sum += probabilities[k];
    for (std::size_t k = 0; k < classes_; ++k) {
      probabilities[k] = sum == 0 ? 1 / static_cast<double>(classes_) : probabilities[k] / sum;
    }
  }
  for (std::size_t k = 0; k < classes_; ++k) {
    if (probabilities[k] > 1.0 && probabilities[k] <= kRoundedMax) probabilities[k] = 1.0;
  }
}

std::string Temperature::describe() const {
  return fmt::format("softmax of {} columns times {}", classes_, beta_);
}

base::Result<void> Temperature::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), classes_);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const double* from = in[0].dense.row(i);
    double* to = out.dense.row(i);
    for (std::size_t k = 0; k < classes_; ++k) {
      to[k] = beta_ * (of_probabilities_ ? std::log(from[k] + kLogitEpsilon) : from[k]);
    }
    const double most = *std::max_element(to, to + classes_);
    double sum = 0;
    for (std::size_t k = 0; k < classes_; ++k) sum += to[k] = std::exp(to[k] - most);
    for (std::size_t k = 0; k < classes_; ++k) to[k] /= sum;
  }
  return {};
}

}  // namespace plan
