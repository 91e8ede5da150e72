#include "sklearn_linear/mixture.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numbers>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "plan_scores/bayes.h"
#include "plan_scores/whitened.h"
#include "sklearn_linear/linear_scores.h"

namespace sklearn {
namespace {

using plan::Builder;
using plan::Form;
using plan::Function;
using plan::LinkKind;
using plan::Method;
using plan::Port;

// The components of a mixture: normal distributions, each with a weight.
struct Components {
  Numbers means;
  std::string covariance;               // "full", "tied", "diag", "spherical"
  std::vector<double> precision_roots;  // precisions_cholesky_, row-major.
  std::vector<double> constants;        // What the log likelihood of each starts with.
  std::size_t count() const { return means.rows; }
  std::size_t features() const { return means.columns; }
  // Where the root of a component starts, and how many numbers it has.
  std::size_t root_size() const {
    if (covariance == "full" || covariance == "tied") return features() * features();
    return covariance == "diag" ? features() : 1;
  }
  const double* root(std::size_t k) const {
    return precision_roots.data() + (covariance == "tied" ? 0 : k * root_size());
  }
};

// Half the log of the determinant of the precision.
double log_determinant(const Components& components, std::size_t k) {
  const std::size_t features = components.features();
  const double* root = components.root(k);
  if (components.covariance == "spherical") {
    return static_cast<double>(features) * std::log(root[0]);
  }
  double sum = 0;
  const std::size_t stride = components.covariance == "diag" ? 1 : features + 1;
  for (std::size_t f = 0; f < features; ++f) sum += std::log(root[f * stride]);
  return sum;
}

base::Result<Components> read_components(const Object& object) {
  Components read;
  TRY_ASSIGN(read.means, numbers_of(object, "means_"));
  TRY_ASSIGN(read.covariance, object.text("covariance_type"));
  if (read.covariance != "full" && read.covariance != "tied" && read.covariance != "diag" &&
      read.covariance != "spherical") {
    return object.unsupported("covariance_type", "one of scikit-learn's",
                              base::quote(read.covariance));
  }
  const std::size_t roots = read.covariance == "tied" ? 1 : read.count();
  TRY_ASSIGN(read.precision_roots,
             object.doubles("precisions_cholesky_", roots * read.root_size()));
  for (std::size_t k = 0; k < read.count(); ++k) {
    read.constants.push_back(log_determinant(read, k) - 0.5 * static_cast<double>(read.features()) *
                                                            std::log(2 * std::numbers::pi));
  }
  return read;
}

// scipy.special.digamma of positive numbers.
double digamma(double x) {
  if (!(x > 0)) return std::numeric_limits<double>::quiet_NaN();
  double below = 0;
  for (; x < 10; x += 1) below += 1 / x;
  const double square = 1 / (x * x);
  const double series =
      square *
      (1.0 / 12 -
       square * (1.0 / 120 -
                 square * (1.0 / 252 -
                           square * (1.0 / 240 - square * (1.0 / 132 - square * 691.0 / 32760)))));
  return std::log(x) - 0.5 / x - series - below;
}

// _estimate_log_weights of BayesianGaussianMixture.
base::Result<std::vector<double>> bayesian_log_weights(const Object& object, std::size_t count) {
  TRY_ASSIGN(const std::string kind, object.text("weight_concentration_prior_type"));
  std::vector<double> logs(count);
  if (kind != "dirichlet_process") {
    TRY_ASSIGN(const auto concentrations, object.doubles("weight_concentration_", count));
    const double sum = std::accumulate(concentrations.begin(), concentrations.end(), 0.0);
    for (std::size_t k = 0; k < count; ++k) logs[k] = digamma(concentrations[k]) - digamma(sum);
    return logs;
  }
  // A tuple of two arrays.
  TRY_ASSIGN(const auto pair, number_rows(object, "weight_concentration_"));
  if (pair.size() != 2 || pair[0].size() != count || pair[1].size() != count) {
    return object.unexpected("weight_concentration_", fmt::format("two arrays of {}", count),
                             std::to_string(pair.size()));
  }
  double left = 0;
  for (std::size_t k = 0; k < count; ++k) {
    const double sum = digamma(pair[0][k] + pair[1][k]);
    logs[k] = digamma(pair[0][k]) - sum + left;
    left += digamma(pair[1][k]) - sum;
  }
  return logs;
}

// What BayesianGaussianMixture adds to the likelihood of each component.
base::Result<void> add_bayesian_terms(const Object& object, Components& components) {
  const std::size_t count = components.count();
  const auto features = static_cast<double>(components.features());
  TRY_ASSIGN(auto freedoms, object.doubles("degrees_of_freedom_"));
  if (freedoms.size() == 1) freedoms.resize(count, freedoms.front());
  TRY(same_count(object, "degrees_of_freedom_", count, freedoms.size()));
  TRY_ASSIGN(const auto precisions, object.doubles("mean_precision_", count));
  TRY_ASSIGN(const auto weights, bayesian_log_weights(object, count));
  for (std::size_t k = 0; k < count; ++k) {
    double lambda = features * std::log(2.0);
    for (double f = 0; f < features; f += 1) lambda += digamma(0.5 * (freedoms[k] - f));
    components.constants[k] += weights[k] - 0.5 * features * std::log(freedoms[k]) +
                               0.5 * (lambda - features / precisions[k]);
  }
  return {};
}

std::shared_ptr<const plan::Step> likelihood_step(const Components& components) {
  const std::size_t features = components.features();
  if (components.root_size() < features * features || features == 1) {
    std::vector<double> variances;
    for (std::size_t k = 0; k < components.count(); ++k) {
      const double* root = components.root(k);
      for (std::size_t f = 0; f < features; ++f) {
        const double each = root[components.root_size() == 1 ? 0 : f];
        variances.push_back(1 / (each * each));
      }
    }
    return std::make_shared<plan::GaussianLikelihood>(components.constants, components.means.values,
                                                      std::move(variances));
  }
  std::vector<plan::Whitened::Part> parts;
  for (std::size_t k = 0; k < components.count(); ++k) {
    const double* mean = components.means.values.data() + k * features;
    const double* root = components.root(k);
    parts.push_back({.constant = components.constants[k],
                     .center = {mean, mean + features},
                     .matrix = {root, root + features * features},
                     .columns = features});
  }
  return std::make_shared<plan::Whitened>(std::move(parts));
}

class Mixture final : public Estimator {
 public:
  Mixture(std::shared_ptr<const plan::Step> step, std::size_t features, std::size_t count)
      : step_(std::move(step)), features_(features), count_(count) {}
  bool has(Method method) const override {
    return method == Method::Predict || method == Method::PredictProba ||
           method == Method::ScoreSamples;
  }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port checked, builder.finite(input, features_));
    TRY_ASSIGN(const Port features, builder.dense(checked));
    const Port scores = builder.add(step_, features, Form::Dense, count_);
    if (method == Method::Predict) return linked(builder, LinkKind::ArgMax, scores);
    return linked(builder,
                  method == Method::PredictProba ? LinkKind::ExpNormalized : LinkKind::LogSumExp,
                  scores);
  }

  std::shared_ptr<const plan::Step> step_;
  std::size_t features_;
  std::size_t count_;
};

Made read_mixture(const Object& object, Reader&) {
  TRY_ASSIGN(Components components, read_components(object));
  if (object.class_name() == "BayesianGaussianMixture") {
    TRY(add_bayesian_terms(object, components));
  } else {
    TRY_ASSIGN(const auto weights, object.doubles("weights_", components.count()));
    for (std::size_t k = 0; k < weights.size(); ++k) {
      components.constants[k] += std::log(weights[k]);
    }
  }
  return std::make_unique<Mixture>(likelihood_step(components), components.features(),
                                   components.count());
}

constexpr Entry kMixture[] = {
    {"sklearn.mixture", "BayesianGaussianMixture", read_mixture},
    {"sklearn.mixture", "GaussianMixture", read_mixture},
};

}  // namespace

std::span<const Entry> mixture_entries() { return kMixture; }

}  // namespace sklearn
