#include "sklearn/decomposition.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "plan/linear.h"
#include "plan/scale.h"
#include "sklearn/arrays.h"
#include "sklearn/matrix.h"

namespace sklearn {
namespace {

using plan::Builder;
using plan::Form;
using plan::Method;
using plan::Port;

// (x - center) * components + offset, over scale. Each but the components may be empty.
struct ProjectionParts {
  plan::Matrix components;  // outputs x features
  std::vector<double> center;
  std::vector<double> offset;
  std::vector<double> scale;
};

class Projection final : public Estimator {
 public:
  Projection(ProjectionParts parts, std::vector<std::string> names)
      : center_(std::move(parts.center)),
        scale_(std::move(parts.scale)),
        names_(std::move(names)),
        features_(parts.components.columns),
        outputs_(parts.components.rows) {
    const auto coefficients =
        plan::Coefficients::make({.outputs = outputs_,
                                  .features = features_,
                                  .doubles = std::as_bytes(std::span(parts.components.values))});
    if (parts.offset.empty()) parts.offset.resize(outputs_);
    dense_ = std::make_shared<plan::Linear>(Form::Dense, coefficients, parts.offset);
    // Sparse rows are not centred one by one: what the centre gives is taken from the answer.
    for (std::size_t k = 0; k < outputs_ && !center_.empty(); ++k) {
      const double* row = parts.components.row(k);
      for (std::size_t f = 0; f < features_; ++f) parts.offset[k] -= center_[f] * row[f];
    }
    sparse_ = std::make_shared<plan::Linear>(Form::Sparse, coefficients, std::move(parts.offset));
  }
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(Port rows, builder.finite(input, features_));
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

Made make_projection(const Object& object, ProjectionParts parts) {
  auto names = prefixed_names(object, parts.components.rows);
  return std::make_unique<Projection>(std::move(parts), std::move(names));
}

// Since 1.5 the mean is projected and then taken away, which rounds otherwise.
Made read_pca(const Object& object, Reader& reader) {
  ProjectionParts parts;
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
  return make_projection(object, std::move(parts));
}

Made read_truncated_svd(const Object& object, Reader& reader) {
  ProjectionParts parts;
  TRY_ASSIGN(parts.components, read_components(object, reader));
  return make_projection(object, std::move(parts));
}

// mean_ is there where it whitens.
Made read_fast_ica(const Object& object, Reader& reader) {
  ProjectionParts parts;
  TRY_ASSIGN(parts.components, read_components(object, reader));
  const auto whiten = object.find("whiten");
  const bool off = !whiten || whiten->as_bool() == false;
  if (!off && object.has("mean_")) {
    TRY_ASSIGN(parts.center, object.doubles("mean_", parts.components.columns));
  }
  return make_projection(object, std::move(parts));
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

// The expected factors: (I + W / psi W^T)^-1 W / psi (x - mean).
Made read_factor_analysis(const Object& object, Reader& reader) {
  ProjectionParts parts;
  TRY_ASSIGN(const plan::Matrix loadings, read_components(object, reader));
  TRY_ASSIGN(parts.center, object.doubles("mean_", loadings.columns));
  TRY_ASSIGN(const auto noise, object.doubles("noise_variance_", loadings.columns));
  plan::Matrix over_noise = loadings;
  for (std::size_t k = 0; k < loadings.rows; ++k) {
    for (std::size_t f = 0; f < loadings.columns; ++f) over_noise.row(k)[f] /= noise[f];
  }
  plan::Matrix inner = times_transposed(over_noise, loadings);
  for (std::size_t k = 0; k < inner.rows; ++k) inner.row(k)[k] += 1;
  auto solved = solve(std::move(inner), std::move(over_noise));
  if (!solved) return object.unexpected("components_", "loadings that can be inverted", "others");
  parts.components = *std::move(solved);
  return make_projection(object, std::move(parts));
}

// Ridge regression on the components; it centres since 0.20, and before 0.22 only where it
// normalises the components, which it then also scaled by.
Made read_sparse_pca(const Object& object, Reader& reader) {
  TRY_ASSIGN(const plan::Matrix components, read_components(object, reader));
  ProjectionParts parts;
  TRY_ASSIGN(const double alpha, object.number("ridge_alpha"));
  if (object.has("mean_")) {
    TRY_ASSIGN(parts.center, object.doubles("mean_", components.columns));
  } else {
    return object.unsupported("mean_", "the mean that releases since 0.22 keep", "none");
  }
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
    {"sklearn.decomposition", "FactorAnalysis", read_factor_analysis},
    {"sklearn.decomposition", "FastICA", read_fast_ica},
    {"sklearn.decomposition", "IncrementalPCA", read_pca},
    {"sklearn.decomposition", "MiniBatchSparsePCA", read_sparse_pca},
    {"sklearn.decomposition", "PCA", read_pca},
    {"sklearn.decomposition", "RandomizedPCA", read_pca},
    {"sklearn.decomposition", "SparsePCA", read_sparse_pca},
    {"sklearn.decomposition", "TruncatedSVD", read_truncated_svd},
};

}  // namespace

std::span<const Entry> decomposition_entries() { return kDecomposition; }

}  // namespace sklearn
