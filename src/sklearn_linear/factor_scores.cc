#include "sklearn_linear/factor_scores.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "plan_scores/whitened.h"
#include "sklearn_values/matrix.h"

namespace sklearn {
namespace {

plan::Matrix identity_of(std::size_t size) {
  plan::Matrix made;
  made.resize(size, size);
  for (std::size_t k = 0; k < size; ++k) made.row(k)[k] = 1;
  return made;
}

// log(det), minus infinity where it is not above 0.
double log_determinant_of(plan::Matrix square) {
  const std::size_t size = square.rows;
  double sum = 0;
  bool negative = false;
  for (std::size_t k = 0; k < size; ++k) {
    std::size_t pivot = k;
    for (std::size_t r = k + 1; r < size; ++r) {
      if (std::abs(square.row(r)[k]) > std::abs(square.row(pivot)[k])) pivot = r;
    }
    const double divisor = square.row(pivot)[k];
    if (divisor == 0) return -std::numeric_limits<double>::infinity();
    if (pivot != k) std::swap_ranges(square.row(k), square.row(k) + size, square.row(pivot));
    if ((pivot != k) != (divisor < 0)) negative = !negative;
    sum += std::log(std::abs(divisor));
    for (std::size_t r = k + 1; r < size; ++r) {
      const double factor = square.row(r)[k] / divisor;
      if (factor == 0) continue;
      for (std::size_t c = k; c < size; ++c) square.row(r)[c] -= factor * square.row(k)[c];
    }
  }
  return negative ? -std::numeric_limits<double>::infinity() : sum;
}

bool all_finite(const plan::Matrix& matrix) {
  return std::all_of(matrix.values.begin(), matrix.values.end(),
                     [](double each) { return std::isfinite(each); });
}

}  // namespace

base::Result<std::unique_ptr<const FactorScores>> FactorScores::of_pca(
    const Object& object, std::shared_ptr<const plan::Coefficients> components) {
  const std::size_t features = components->features();
  const std::size_t count = components->outputs();
  std::unique_ptr<const FactorScores> none;
  if (!object.has("noise_variance_") || !object.has("mean_")) return none;
  Parts parts{.components = std::move(components)};
  TRY_ASSIGN(parts.mean, object.doubles("mean_", features));
  TRY_ASSIGN(const double noise, object.number("noise_variance_"));
  TRY_ASSIGN(const bool whiten, object.flag("whiten"));
  TRY_ASSIGN(parts.variances, object.doubles("explained_variance_", count));
  for (double& each : parts.variances) {
    // The components are multiplied by the root where it whitens, by one at least otherwise.
    const double above = std::max(each - noise, 0.0);
    each = whiten ? above * each : above;
  }
  parts.noise.assign(features, noise);
  parts.by_covariance = object.release() < Release{1, 1} ? count == features : noise == 0;
  return make(std::move(parts));
}

std::unique_ptr<const FactorScores> FactorScores::make(Parts parts) {
  std::unique_ptr<const FactorScores> made(new FactorScores(std::move(parts)));
  const plan::Coefficients& components = *made->parts_.components;
  // Components beyond the features are none of a decomposition's, and their square is kept.
  const bool told = components.features() <= kFeaturesMax &&
                    components.outputs() <= components.features() && !made->is_flat();
  return told ? std::move(made) : nullptr;
}

// Of a PCA, whose components are at right angles.
bool FactorScores::is_flat() const {
  if (parts_.variances.empty()) return false;
  const std::size_t features = parts_.noise.size();
  double least = parts_.variances.size() < features ? parts_.noise.front() : HUGE_VAL;
  double most = parts_.noise.front();
  for (const double each : parts_.variances) {
    least = std::min(least, each + parts_.noise.front());
    most = std::max(most, each + parts_.noise.front());
  }
  return !(least > static_cast<double>(features) * std::numeric_limits<double>::epsilon() * most);
}

// components^T variances components + noise
plan::Matrix FactorScores::covariance() const {
  const plan::Coefficients& components = *parts_.components;
  plan::Matrix made;
  made.resize(components.features(), components.features());
  for (std::size_t f = 0; f < made.rows; ++f) {
    for (std::size_t g = 0; g < made.rows; ++g) {
      double sum = f == g ? parts_.noise[f] : 0;
      for (std::size_t k = 0; k < components.outputs(); ++k) {
        const double variance = parts_.variances.empty() ? 1 : parts_.variances[k];
        sum += components.of_feature(f)[k] * variance * components.of_feature(g)[k];
      }
      made.row(f)[g] = sum;
    }
  }
  return made;
}

std::optional<FactorScores::Precision> FactorScores::inverse_covariance() const {
  plan::Matrix made = covariance();
  Precision precision{.log_determinant = -log_determinant_of(made)};
  auto inverse = solve(std::move(made), identity_of(parts_.mean.size()));
  if (!inverse || !all_finite(*inverse)) return std::nullopt;
  precision.matrix = *std::move(inverse);
  return precision;
}

// 1 / noise - components^T inner^-1 components / noise^2, inner being 1 / variances + components /
// noise components^T; and its determinant by Sylvester's theorem.
std::optional<FactorScores::Precision> FactorScores::precision() const {
  if (parts_.by_covariance) return inverse_covariance();
  const plan::Coefficients& components = *parts_.components;
  const std::size_t features = components.features();
  const std::size_t count = components.outputs();
  Precision precision;
  plan::Matrix inner;
  inner.resize(count, count);
  plan::Matrix right;
  right.resize(count, features);
  for (std::size_t k = 0; k < count; ++k) {
    for (std::size_t f = 0; f < features; ++f) right.row(k)[f] = components.of_feature(f)[k];
    for (std::size_t j = 0; j < count; ++j) {
      double sum = 0;
      for (std::size_t f = 0; f < features; ++f) {
        sum += components.of_feature(f)[k] * components.of_feature(f)[j] / parts_.noise[f];
      }
      inner.row(k)[j] = sum;
    }
    const double variance = parts_.variances.empty() ? 1 : parts_.variances[k];
    inner.row(k)[k] += 1 / variance;
    precision.log_determinant -= std::log(variance);
  }
  if (!all_finite(inner)) return std::nullopt;
  precision.log_determinant -= log_determinant_of(inner);
  const auto solved = solve(std::move(inner), std::move(right));
  if (!solved) return std::nullopt;
  plan::Matrix& made = precision.matrix;
  made.resize(features, features);
  for (std::size_t f = 0; f < features; ++f) {
    for (std::size_t k = 0; k < count; ++k) {
      const double component = components.of_feature(f)[k];
      for (std::size_t g = 0; g < features; ++g) made.row(f)[g] += component * solved->row(k)[g];
    }
    for (std::size_t g = 0; g < features; ++g) {
      made.row(f)[g] = made.row(f)[g] / parts_.noise[f] / -parts_.noise[g];
    }
    made.row(f)[f] += 1 / parts_.noise[f];
    precision.log_determinant -= std::log(parts_.noise[f]);
  }
  if (!all_finite(made)) return std::nullopt;
  return precision;
}

base::Result<plan::Port> FactorScores::emit(plan::Builder& builder, const plan::Port& rows) const {
  auto precision = this->precision();
  if (!precision) {
    return base::Error(base::Code::Unsupported,
                       "score_samples: expected a covariance that can be inverted, got another");
  }
  const auto features = static_cast<double>(parts_.mean.size());
  for (double& each : precision->matrix.values) each *= 0.5;
  std::vector<plan::Whitened::Part> distribution = {
      {.constant = -0.5 * (features * std::log(2 * std::numbers::pi) - precision->log_determinant),
       .center = parts_.mean,
       .matrix = std::move(precision->matrix.values),
       .columns = parts_.mean.size(),
       .distance = true}};
  TRY_ASSIGN(const plan::Port dense, builder.dense(rows));
  return builder.add(std::make_shared<plan::Whitened>(std::move(distribution)), dense,
                     plan::Form::Dense, 1);
}

}  // namespace sklearn
