#include "sklearn_linear/naive_bayes.h"

#include <cmath>
#include <memory>
#include <numbers>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "plan_preparation/normalize.h"
#include "plan_scores/bayes.h"
#include "sklearn_linear/linear_scores.h"

namespace sklearn {
namespace {

using plan::Builder;
using plan::Form;
using plan::LinkKind;
using plan::Method;
using plan::Port;

// What all of them make of the joint log likelihoods of the classes.
class NaiveBayes : public Estimator {
 public:
  explicit NaiveBayes(data::Labels classes) : classes_(std::move(classes)) {}
  bool has(Method method) const override {
    return method == Method::Predict || method == Method::PredictProba ||
           method == Method::PredictLogProba;
  }
  std::vector<data::Labels> classes() const override { return {classes_}; }

 private:
  virtual base::Result<Port> likelihoods(Builder& builder, const Port& input) const = 0;

  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port scores, likelihoods(builder, input));
    if (method == Method::Predict) return linked(builder, LinkKind::ArgMax, scores);
    return linked(
        builder, method == Method::PredictProba ? LinkKind::ExpNormalized : LinkKind::LogNormalized,
        scores);
  }

  data::Labels classes_;
};

class GaussianBayes final : public NaiveBayes {
 public:
  GaussianBayes(data::Labels classes, std::size_t width,
                std::shared_ptr<const plan::GaussianLikelihood> step)
      : NaiveBayes(std::move(classes)), width_(width), step_(std::move(step)) {}

 private:
  base::Result<Port> likelihoods(Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port checked, builder.finite(input, width_));
    TRY_ASSIGN(const Port features, builder.dense(checked));
    return builder.add(step_, features, Form::Dense, data::label_count(classes().front()));
  }

  std::size_t width_;
  std::shared_ptr<const plan::GaussianLikelihood> step_;
};

class LinearBayes final : public NaiveBayes {
 public:
  LinearBayes(data::Labels classes, LinearScores scores, std::optional<double> threshold)
      : NaiveBayes(std::move(classes)), scores_(std::move(scores)), threshold_(threshold) {}

 private:
  base::Result<Port> likelihoods(Builder& builder, const Port& input) const override {
    TRY_ASSIGN(Port features, builder.finite(input, scores_.features()));
    if (threshold_ && *threshold_ < 0) {
      TRY_ASSIGN(features, builder.settled(features));
    }
    if (!threshold_) return scores_.of(builder, features);
    if (features.form == Form::Sparse && *threshold_ < 0) {
      return base::Error(base::Code::Unsupported,
                         fmt::format("\"binarize\": expected at least 0 for sparse features, got "
                                     "{}",
                                     *threshold_));
    }
    auto step = std::make_shared<plan::Binarize>(features.form, features.width, *threshold_);
    return scores_.of(builder,
                      builder.add(std::move(step), features, features.form, features.width));
  }

  LinearScores scores_;
  std::optional<double> threshold_;
};

class CategoricalBayes final : public NaiveBayes {
 public:
  CategoricalBayes(data::Labels classes, std::vector<double> priors,
                   std::vector<std::vector<double>> tables)
      : NaiveBayes(std::move(classes)), priors_(std::move(priors)), tables_(std::move(tables)) {}

 private:
  base::Result<Port> likelihoods(Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port checked, builder.finite(input, tables_.size()));
    TRY_ASSIGN(const Port features, builder.dense(checked));
    return builder.add(std::make_shared<plan::CategoryLikelihood>(priors_, tables_, features.names),
                       features, Form::Dense, priors_.size());
  }

  std::vector<double> priors_;
  std::vector<std::vector<double>> tables_;  // For each feature, categories x classes.
};

// classes_, at least one.
base::Result<data::Labels> bayes_classes(const Object& object) {
  TRY_ASSIGN(data::Labels classes, object.labels("classes_"));
  if (data::label_count(classes) == 0) {
    return object.unexpected("classes_", "at least one class", "none");
  }
  return classes;
}

Made read_gaussian_nb(const Object& object, Reader&) {
  TRY_ASSIGN(data::Labels classes, bayes_classes(object));
  const std::size_t count = data::label_count(classes);
  TRY_ASSIGN(Numbers means, numbers_of(object, "theta_"));
  // Called so before 1.0.
  TRY_ASSIGN(Numbers variances, numbers_of(object, object.has("var_") ? "var_" : "sigma_"));
  TRY_ASSIGN(const auto priors, object.doubles("class_prior_", count));
  TRY(same_count(object, "theta_", count, means.rows));
  TRY(same_count(object, "theta_", means.values.size(), variances.values.size()));
  std::vector<double> constants;
  for (std::size_t k = 0; k < count; ++k) {
    double logs = 0;
    for (std::size_t f = 0; f < means.columns; ++f) {
      logs += std::log(2.0 * std::numbers::pi * variances.values[k * means.columns + f]);
    }
    constants.push_back(std::log(priors[k]) - 0.5 * logs);
  }
  auto step = std::make_shared<plan::GaussianLikelihood>(
      std::move(constants), std::move(means.values), std::move(variances.values));
  return std::make_unique<GaussianBayes>(std::move(classes), means.columns, std::move(step));
}

Made read_multinomial_nb(const Object& object, Reader& reader) {
  TRY_ASSIGN(data::Labels classes, bayes_classes(object));
  const std::size_t count = data::label_count(classes);
  TRY_ASSIGN(auto coef, LinearScores::read_coefficients(object, reader, "feature_log_prob_"));
  TRY_ASSIGN(auto priors, object.doubles("class_log_prior_", count));
  TRY(same_count(object, "feature_log_prob_", count, coef->outputs()));
  // ComplementNB leaves them out unless there is but one.
  if (object.class_name() == "ComplementNB" && count > 1) priors.assign(count, 0.0);
  return std::make_unique<LinearBayes>(
      std::move(classes), LinearScores(std::move(coef), std::move(priors)), std::nullopt);
}

// What is there speaks by log p, what is not by log(1 - p).
Made read_bernoulli_nb(const Object& object, Reader&) {
  TRY_ASSIGN(data::Labels classes, bayes_classes(object));
  const std::size_t count = data::label_count(classes);
  TRY_ASSIGN(Numbers numbers, numbers_of(object, "feature_log_prob_"));
  TRY_ASSIGN(const auto priors, object.doubles("class_log_prior_", count));
  TRY(same_count(object, "feature_log_prob_", count, numbers.rows));
  std::vector<double> intercepts;
  for (std::size_t k = 0; k < count; ++k) {
    double absent = 0;
    for (std::size_t f = 0; f < numbers.columns; ++f) {
      double& present = numbers.values[k * numbers.columns + f];
      const double missing = std::log(1 - std::exp(present));
      absent += missing;
      present -= missing;
    }
    intercepts.push_back(priors[k] + absent);
  }
  std::optional<double> threshold;
  if (object.has("binarize")) {
    TRY_ASSIGN(threshold, object.number("binarize"));
  }
  return std::make_unique<LinearBayes>(
      std::move(classes), LinearScores(by_output(numbers), std::move(intercepts)), threshold);
}

Made read_categorical_nb(const Object& object, Reader&) {
  TRY_ASSIGN(data::Labels classes, bayes_classes(object));
  const std::size_t count = data::label_count(classes);
  TRY_ASSIGN(auto priors, object.doubles("class_log_prior_", count));
  TRY_ASSIGN(const auto matrices, number_matrices(object, "feature_log_prob_"));
  if (matrices.empty()) {
    return object.unexpected("feature_log_prob_", "at least one feature", "none");
  }
  std::vector<std::vector<double>> tables;
  for (const Numbers& each : matrices) {
    TRY(same_count(object, "feature_log_prob_", count, each.rows));
    std::vector<double>& table = tables.emplace_back(each.values.size());
    for (std::size_t k = 0; k < count; ++k) {
      for (std::size_t c = 0; c < each.columns; ++c) {
        table[c * count + k] = each.values[k * each.columns + c];
      }
    }
  }
  return std::make_unique<CategoricalBayes>(std::move(classes), std::move(priors),
                                            std::move(tables));
}

constexpr Entry kNaiveBayes[] = {
    {"sklearn.naive_bayes", "BernoulliNB", read_bernoulli_nb},
    {"sklearn.naive_bayes", "CategoricalNB", read_categorical_nb},
    {"sklearn.naive_bayes", "ComplementNB", read_multinomial_nb},
    {"sklearn.naive_bayes", "GaussianNB", read_gaussian_nb},
    {"sklearn.naive_bayes", "MultinomialNB", read_multinomial_nb},
};

}  // namespace

std::span<const Entry> naive_bayes_entries() { return kNaiveBayes; }

}  // namespace sklearn
