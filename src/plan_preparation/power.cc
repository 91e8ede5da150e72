#include "plan_preparation/power.h"

#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "plan/columns.h"

namespace plan {
namespace {

constexpr double kSpacingOfOne = std::numeric_limits<double>::epsilon();
// exp of more is infinite.
constexpr double kLogMost = 709.78;
// Below it, expm1(lambda * log x) / lambda is log x.
constexpr double kLambdaLeast = 1e-19;

// scipy.special.boxcox
double box_cox(double x, double lambda) {
  const double log = std::log(x);
  if (std::abs(lambda) < kLambdaLeast) return log;
  if (lambda * log < kLogMost) return std::expm1(lambda * log) / lambda;
  return std::copysign(1.0, lambda) * std::exp(lambda * log - std::log(std::abs(lambda))) -
         1 / lambda;
}

// scipy.special.inv_boxcox
double inverse_box_cox(double x, double lambda) {
  if (lambda == 0) return std::exp(x);
  if (lambda * x < std::numeric_limits<double>::max()) {
    return std::exp(std::log1p(lambda * x) / lambda);
  }
  return std::exp(
      (std::log(std::copysign(1.0, lambda) * (x + 1 / lambda)) + std::log(std::abs(lambda))) /
      lambda);
}

double yeo_johnson(double x, double lambda) {
  if (x >= 0) {
    if (std::abs(lambda) < kSpacingOfOne) return std::log1p(x);
    return (std::pow(x + 1, lambda) - 1) / lambda;
  }
  if (std::abs(lambda - 2) > kSpacingOfOne) {
    return -(std::pow(-x + 1, 2 - lambda) - 1) / (2 - lambda);
  }
  return -std::log1p(-x);
}

double yeo_johnson_expm1(double x, double lambda) {
  if (x >= 0) {
    if (std::abs(lambda) < kSpacingOfOne) return std::log1p(x);
    return std::expm1(lambda * std::log1p(x)) / lambda;
  }
  if (std::abs(lambda - 2) > kSpacingOfOne) {
    return -std::expm1((2 - lambda) * std::log1p(-x)) / (2 - lambda);
  }
  return -std::log1p(-x);
}

double inverse_yeo_johnson(double x, double lambda) {
  if (x >= 0) {
    if (std::abs(lambda) < kSpacingOfOne) return std::exp(x) - 1;
    return std::pow(x * lambda + 1, 1 / lambda) - 1;
  }
  if (std::abs(lambda - 2) > kSpacingOfOne) {
    return 1 - std::pow(-(2 - lambda) * x + 1, 1 / (2 - lambda));
  }
  return 1 - std::exp(-x);
}

double powered(Power::Kind kind, double x, double lambda) {
  switch (kind) {
    case Power::Kind::BoxCox: return box_cox(x, lambda);
    case Power::Kind::InverseBoxCox: return inverse_box_cox(x, lambda);
    case Power::Kind::YeoJohnson: return yeo_johnson(x, lambda);
    case Power::Kind::YeoJohnsonExpm1: return yeo_johnson_expm1(x, lambda);
    case Power::Kind::InverseYeoJohnson: return inverse_yeo_johnson(x, lambda);
  }
  return x;
}

}  // namespace

std::string Power::describe() const {
  return fmt::format("raise {} features to fitted powers", lambdas_.size());
}

base::Result<void> Power::run(const Inputs& in, Buffer& out, State*) const {
  const std::size_t width = lambdas_.size();
  out.dense.resize(in.rows(), width);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const double* from = in[0].dense.row(i);
    double* to = out.dense.row(i);
    for (std::size_t c = 0; c < width; ++c) {
      if (kind_ == Kind::BoxCox && from[c] <= 0) {
        return base::Error(base::Code::Invalid,
                           fmt::format("row {}, {}: expected a positive number for Box-Cox, got {}",
                                       in.row_of_request(i), feature_label(names_, c), from[c]));
      }
      to[c] = std::isnan(from[c]) ? from[c] : powered(kind_, from[c], lambdas_[c]);
    }
  }
  return {};
}

}  // namespace plan
