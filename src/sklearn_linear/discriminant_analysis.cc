#include "sklearn_linear/discriminant_analysis.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "plan_preparation/scale.h"
#include "plan_scores/whitened.h"
#include "sklearn_linear/linear_classifier.h"

namespace sklearn {
namespace {

using plan::Builder;
using plan::Form;
using plan::Function;
using plan::LinkKind;
using plan::Method;
using plan::Port;

// transform of LinearDiscriminantAnalysis: the rows less a center, seen along some directions.
struct LdaDirections {
  std::vector<double> center;  // Empty: none.
  LinearScores along;
  std::vector<std::string> names;
};

class LinearDiscriminant final : public LinearClassifier {
 public:
  LinearDiscriminant(LinearScores scores, data::Labels classes, LinkKind link,
                     std::optional<LdaDirections> directions)
      : LinearClassifier(std::move(scores), std::move(classes), link),
        directions_(std::move(directions)) {}
  void floor_logs() { set_log(Function::LogFloored); }

  bool has(Method method) const override {
    if (method == Method::Transform) return directions_.has_value();
    return LinearClassifier::has(method);
  }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    if (method != Method::Transform) return LinearClassifier::steps(method, builder, input);
    TRY_ASSIGN(const Port checked, builder.finite(input, scores().features()));
    TRY_ASSIGN(Port features, builder.dense(checked));
    if (!directions_->center.empty()) {
      features = builder.add(std::make_shared<plan::CenterScale>(
                                 features.width, directions_->center, std::vector<double>()),
                             features, Form::Dense, features.width);
    }
    return directions_->along.of(builder, features, directions_->names);
  }

  std::optional<LdaDirections> directions_;
};

// scalings_, of which the first components count; lsqr has no transform.
base::Result<std::optional<LdaDirections>> lda_directions(const Object& object,
                                                          std::size_t features) {
  TRY_ASSIGN(const std::string solver, object.text("solver"));
  if (solver == "lsqr") return std::optional<LdaDirections>();
  TRY_ASSIGN(const Numbers scalings, numbers_of(object, "scalings_"));
  TRY(same_count(object, "scalings_", features, scalings.rows));
  TRY_ASSIGN(const auto most, object.integer("_max_components"));
  if (most < 1) return object.unexpected("_max_components", "at least 1", std::to_string(most));
  Numbers kept{scalings.rows, std::min(static_cast<std::size_t>(most), scalings.columns), {}};
  for (std::size_t f = 0; f < scalings.rows; ++f) {
    const auto row = scalings.values.begin() + static_cast<std::ptrdiff_t>(f * scalings.columns);
    kept.values.insert(kept.values.end(), row, row + static_cast<std::ptrdiff_t>(kept.columns));
  }
  std::vector<double> center;
  if (solver == "svd") {
    TRY_ASSIGN(center, object.doubles("xbar_", features));
  }
  return std::optional(LdaDirections{
      std::move(center), LinearScores(by_feature(kept), std::vector<double>(kept.columns, 0.0)),
      prefixed_names(object, kept.columns)});
}

Made read_linear_discriminant_analysis(const Object& object, Reader& reader) {
  TRY_ASSIGN(LinearScores scores, LinearScores::read(object, reader));
  TRY_ASSIGN(data::Labels classes, object.labels("classes_"));
  TRY(LinearClassifier::check(object, scores, classes));
  TRY_ASSIGN(auto directions, lda_directions(object, scores.features()));
  LinkKind link = LinkKind::ExpitPair;
  if (scores.outputs() > 1) {
    // One against the rest before 0.21.
    link = object.release() < Release{0, 21} ? LinkKind::ExpitNormalized : LinkKind::Softmax;
  }
  auto made = std::make_unique<LinearDiscriminant>(std::move(scores), std::move(classes), link,
                                                   std::move(directions));
  if (object.release() >= Release{0, 24}) made->floor_logs();
  return made;
}

class QuadraticDiscriminant final : public Estimator {
 public:
  QuadraticDiscriminant(data::Labels classes, std::size_t features,
                        std::shared_ptr<const plan::Whitened> step, bool log_softmax)
      : classes_(std::move(classes)),
        features_(features),
        step_(std::move(step)),
        log_softmax_(log_softmax) {}
  bool has(Method method) const override {
    return method == Method::Predict || method == Method::PredictProba ||
           method == Method::PredictLogProba || method == Method::DecisionFunction;
  }
  std::vector<data::Labels> classes() const override { return {classes_}; }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port checked, builder.finite(input, features_));
    TRY_ASSIGN(const Port features, builder.dense(checked));
    const Port scores = builder.add(step_, features, Form::Dense, data::label_count(classes_));
    switch (method) {
      case Method::Predict: return linked(builder, LinkKind::ArgMax, scores);
      case Method::DecisionFunction:
        return scores.width == 2 ? linked(builder, LinkKind::Difference, scores) : scores;
      case Method::PredictLogProba:
        if (log_softmax_) return linked(builder, LinkKind::LogSoftmax, scores);
        return mapped(builder, Function::Log, linked(builder, LinkKind::Softmax, scores));
      default: return linked(builder, LinkKind::Softmax, scores);
    }
  }

  data::Labels classes_;
  std::size_t features_;
  std::shared_ptr<const plan::Whitened> step_;
  bool log_softmax_;
};

// Each class: its mean, and its rotation with each column over the root of its scaling.
Made read_quadratic_discriminant_analysis(const Object& object, Reader&) {
  TRY_ASSIGN(data::Labels classes, object.labels("classes_"));
  const std::size_t count = data::label_count(classes);
  if (count < 2) return object.unexpected("classes_", "at least 2 classes", std::to_string(count));
  TRY_ASSIGN(const Numbers means, numbers_of(object, "means_"));
  TRY_ASSIGN(auto rotations, number_matrices(object, "rotations_"));
  TRY_ASSIGN(const auto scalings, number_rows(object, "scalings_"));
  TRY_ASSIGN(const auto priors, object.doubles("priors_", count));
  TRY(same_count(object, "means_", count, means.rows));
  TRY(same_count(object, "rotations_", count, rotations.size()));
  TRY(same_count(object, "scalings_", count, scalings.size()));
  std::vector<plan::Whitened::Part> parts;
  for (std::size_t k = 0; k < count; ++k) {
    Numbers& rotation = rotations[k];
    TRY(same_count(object, "rotations_", means.columns, rotation.rows));
    TRY(same_count(object, "scalings_", rotation.columns, scalings[k].size()));
    double logs = 0;
    for (const double scaling : scalings[k]) logs += std::log(scaling);
    for (std::size_t at = 0; at < rotation.values.size(); ++at) {
      rotation.values[at] *= std::pow(scalings[k][at % rotation.columns], -0.5);
    }
    const auto mean = means.values.begin() + static_cast<std::ptrdiff_t>(k * means.columns);
    parts.push_back({.constant = std::log(priors[k]) - 0.5 * logs,
                     .center = {mean, mean + static_cast<std::ptrdiff_t>(means.columns)},
                     .matrix = std::move(rotation.values),
                     .columns = rotation.columns});
  }
  return std::make_unique<QuadraticDiscriminant>(std::move(classes), means.columns,
                                                 std::make_shared<plan::Whitened>(std::move(parts)),
                                                 object.release() >= Release{1, 6});
}

constexpr Entry kDiscriminantAnalysis[] = {
    {"sklearn.discriminant_analysis", "LinearDiscriminantAnalysis",
     read_linear_discriminant_analysis, true},
    {"sklearn.discriminant_analysis", "QuadraticDiscriminantAnalysis",
     read_quadratic_discriminant_analysis},
};

}  // namespace

std::span<const Entry> discriminant_analysis_entries() { return kDiscriminantAnalysis; }

}  // namespace sklearn
