#include "sklearn_linear/decomposition.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "plan_preparation/scale.h"
#include "plan_scores/linear.h"
#include "sklearn_linear/factor_scores.h"
#include "sklearn_values/arrays.h"
#include "sklearn_values/matrix.h"

namespace sklearn {
namespace {

using plan::Builder;
using plan::Form;
using plan::Method;
using plan::Port;

// (x - center) * components + offset, over scale. Each but the components may be empty.
struct DecompositionParts {
  plan::Matrix components;                                 // outputs x features
  std::shared_ptr<const plan::Coefficients> coefficients;  // The same, or null.
  std::vector<double> center;
  std::vector<double> offset;
  std::vector<double> scale;
};

std::shared_ptr<const plan::Coefficients> coefficients_of(const plan::Matrix& components) {
  return plan::Coefficients::make({.outputs = components.rows,
                                   .features = components.columns,
                                   .doubles = std::as_bytes(std::span(components.values))});
}

class Decomposition final : public Estimator {
 public:
  // `scores`: what score_samples is asked, or null.
  Decomposition(DecompositionParts parts, std::vector<std::string> names,
                std::unique_ptr<const FactorScores> scores)
      : center_(std::move(parts.center)),
        scale_(std::move(parts.scale)),
        names_(std::move(names)),
        scores_(std::move(scores)),
        features_(parts.components.columns),
        outputs_(parts.components.rows) {
    const auto coefficients =
        parts.coefficients ? parts.coefficients : coefficients_of(parts.components);
    if (parts.offset.empty()) parts.offset.resize(outputs_);
    dense_ = std::make_shared<plan::Linear>(Form::Dense, coefficients, parts.offset);
    // Sparse rows are not centred one by one: what the centre gives is taken from the answer.
    for (std::size_t k = 0; k < outputs_ && !center_.empty(); ++k) {
      const double* row = parts.components.row(k);
      for (std::size_t f = 0; f < features_; ++f) parts.offset[k] -= center_[f] * row[f];
    }
    sparse_ = std::make_shared<plan::Linear>(Form::Sparse, coefficients, std::move(parts.offset));
  }
  bool has(Method method) const override {
    return method == Method::Transform || (method == Method::ScoreSamples && scores_ != nullptr);
  }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(Port rows, builder.finite(input, features_));
    if (method == Method::ScoreSamples) return scores_->emit(builder, rows);
    const bool sparse = rows.form == Form::Sparse;
    if (!sparse && !center_.empty()) {
      rows = builder.add(
          std::make_shared<plan::CenterScale>(features_, center_, std::vector<double>()), rows,
          Form::Dense, features_);
    }
    const Port projected =
        builder.add(sparse ? sparse_ : dense_, rows, Form::Dense, outputs_, names_);
    if (scale_.empty()) return projected;
    return builder.add(std::make_shared<plan::CenterScale>(outputs_, std::vector<double>(), scale_),
                       projected, Form::Dense, outputs_, names_);
  }

  std::vector<double> center_;
  std::vector<double> scale_;
  std::vector<std::string> names_;
  std::unique_ptr<const FactorScores> scores_;
  std::size_t features_;
  std::size_t outputs_;
  std::shared_ptr<const plan::Step> dense_;
  std::shared_ptr<const plan::Step> sparse_;
};

base::Result<plan::Matrix> read_components(const Object& object, Reader& reader) {
  TRY_ASSIGN(plan::Matrix components, read_matrix(object, "components_", reader));
  if (components.rows == 0) return object.unexpected("components_", "components", "none");
  return components;
}

Made make_projection(const Object& object, DecompositionParts parts,
                     std::unique_ptr<const FactorScores> scores = nullptr) {
  auto names = prefixed_names(object, parts.components.rows);
  return std::make_unique<Decomposition>(std::move(parts), std::move(names), std::move(scores));
}

// Since 1.5 the mean is projected and then taken away, which rounds otherwise.
Made read_pca(const Object& object, Reader& reader) {
  DecompositionParts parts;
  TRY_ASSIGN(parts.components, read_components(object, reader));
  const std::size_t features = parts.components.columns;
  if (object.has("mean_")) {
    TRY_ASSIGN(parts.center, object.doubles("mean_", features));
  }
  if (object.release() >= Release{1, 5} && !parts.center.empty()) {
    for (std::size_t k = 0; k < parts.components.rows; ++k) {
      const double* row = parts.components.row(k);
      double sum = 0;
      for (std::size_t f = 0; f < features; ++f) sum += parts.center[f] * row[f];
      parts.offset.push_back(-sum);
    }
    parts.center.clear();
  }
  TRY_ASSIGN(const bool whiten, object.flag("whiten"));
  if (whiten) {
    TRY_ASSIGN(parts.scale, object.doubles("explained_variance_", parts.components.rows));
    for (double& each : parts.scale) {
      each = std::sqrt(each);
      if (object.release() >= Release{1, 5}) {
        each = std::max(each, std::numeric_limits<double>::epsilon());
      }
    }
  }
  std::unique_ptr<const FactorScores> scores;
  if (object.class_name() == "PCA") {
    parts.coefficients = coefficients_of(parts.components);
    TRY_ASSIGN(scores, FactorScores::of_pca(object, parts.coefficients));
  }
  return make_projection(object, std::move(parts), std::move(scores));
}

Made read_truncated_svd(const Object& object, Reader& reader) {
  DecompositionParts parts;
  TRY_ASSIGN(parts.components, read_components(object, reader));
  return make_projection(object, std::move(parts));
}

// mean_ is there where it whitens.
Made read_fast_ica(const Object& object, Reader& reader) {
  DecompositionParts parts;
  TRY_ASSIGN(parts.components, read_components(object, reader));
  const auto whiten = object.find("whiten");
  const bool off = !whiten || whiten->as_bool() == false;
  if (!off && object.has("mean_")) {
    TRY_ASSIGN(parts.center, object.doubles("mean_", parts.components.columns));
  }
  return make_projection(object, std::move(parts));
}

// So many that what solving for them takes, their square, may be kept.
constexpr std::size_t kSolvedComponentsMax = 1024;

base::Result<void> check_solved(const Object& object, const plan::Matrix& components) {
  if (components.rows <= kSolvedComponentsMax) return {};
  return object.unsupported("components_", fmt::format("at most {} of them", kSolvedComponentsMax),
                            std::to_string(components.rows));
}

// left x right^T
plan::Matrix times_transposed(const plan::Matrix& left, const plan::Matrix& right) {
  plan::Matrix made;
  made.resize(left.rows, right.rows);
  for (std::size_t i = 0; i < left.rows; ++i) {
    for (std::size_t k = 0; k < right.rows; ++k) {
      double sum = 0;
      for (std::size_t f = 0; f < left.columns; ++f) sum += left.row(i)[f] * right.row(k)[f];
      made.row(i)[k] = sum;
    }
  }
  return made;
}

// n_components, which may be None, is that of the features.
base::Result<bool> inverts_covariance(const Object& object, std::size_t features) {
  if (!object.has("n_components")) return false;
  TRY_ASSIGN(const std::int64_t count, object.integer("n_components"));
  return count >= 0 && static_cast<std::uint64_t>(count) == features;
}

// The expected factors: (I + W / psi W^T)^-1 W / psi (x - mean).
Made read_factor_analysis(const Object& object, Reader& reader) {
  DecompositionParts parts;
  TRY_ASSIGN(const plan::Matrix loadings, read_components(object, reader));
  TRY_ASSIGN(parts.center, object.doubles("mean_", loadings.columns));
  TRY_ASSIGN(const auto noise, object.doubles("noise_variance_", loadings.columns));
  TRY_ASSIGN(const bool by_covariance, inverts_covariance(object, loadings.columns));
  auto scores = FactorScores::make({.components = coefficients_of(loadings),
                                    .mean = parts.center,
                                    .noise = noise,
                                    .by_covariance = by_covariance});
  TRY(check_solved(object, loadings));
  plan::Matrix over_noise = loadings;
  for (std::size_t k = 0; k < loadings.rows; ++k) {
    for (std::size_t f = 0; f < loadings.columns; ++f) over_noise.row(k)[f] /= noise[f];
  }
  plan::Matrix inner = times_transposed(over_noise, loadings);
  for (std::size_t k = 0; k < inner.rows; ++k) inner.row(k)[k] += 1;
  auto solved = solve(std::move(inner), std::move(over_noise));
  if (!solved) return object.unexpected("components_", "loadings that can be inverted", "others");
  parts.components = *std::move(solved);
  return make_projection(object, std::move(parts), std::move(scores));
}

// Ridge regression on the components. Before 0.22 it centres where it was told to normalise the
// components; where it was not, it divides by the norm over all rows that come together, so that a
// row has no answer of its own.
Made read_sparse_pca(const Object& object, Reader& reader) {
  TRY_ASSIGN(const plan::Matrix components, read_components(object, reader));
  DecompositionParts parts;
  TRY_ASSIGN(const double alpha, object.number("ridge_alpha"));
  if (object.release() < Release{0, 22}) {
    TRY_ASSIGN(const bool normalizes, object.flag_or("normalize_components", false));
    if (!normalizes) {
      return object.unsupported("normalize_components",
                                "True, without which transform divides by the norm over all rows "
                                "that come together",
                                object.has("normalize_components") ? "False" : "none");
    }
  }
  TRY_ASSIGN(parts.center, object.doubles("mean_", components.columns));
  TRY(check_solved(object, components));
  plan::Matrix inner = times_transposed(components, components);
  for (std::size_t k = 0; k < inner.rows; ++k) inner.row(k)[k] += alpha;
  auto solved = solve(std::move(inner), components);
  if (!solved) {
    return object.unexpected("components_", "components that can be regressed on", "others");
  }
  parts.components = *std::move(solved);
  return make_projection(object, std::move(parts));
}

constexpr Entry kDecomposition[] = {
    {"sklearn.decomposition", "FactorAnalysis", read_factor_analysis, true},
    {"sklearn.decomposition", "FastICA", read_fast_ica, true},
    {"sklearn.decomposition", "IncrementalPCA", read_pca, true},
    {"sklearn.decomposition", "MiniBatchSparsePCA", read_sparse_pca, true},
    {"sklearn.decomposition", "PCA", read_pca, true},
    {"sklearn.decomposition", "RandomizedPCA", read_pca},
    {"sklearn.decomposition", "SparsePCA", read_sparse_pca, true},
    {"sklearn.decomposition", "TruncatedSVD", read_truncated_svd, true},
};

}  // namespace

std::span<const Entry> decomposition_entries() { return kDecomposition; }

}  // namespace sklearn
