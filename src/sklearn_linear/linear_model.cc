#include "sklearn_linear/linear_model.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sklearn_linear/linear_classifier.h"

namespace sklearn {
namespace {

using plan::Builder;
using plan::Function;
using plan::LinkKind;
using plan::Method;
using plan::Port;

// LinearClassifierMixin._predict_proba_lr
LinkKind one_against_rest(const Object& object, bool pair) {
  if (pair) return LinkKind::ExpitPair;
  return object.release() < Release{1, 9} ? LinkKind::ExpitNormalized
                                          : LinkKind::ExpitNormalizedOrEven;
}

// LogisticRegression.predict_proba: one class against the rest, or softmax. multi_class is gone
// in 1.8; before 0.22 its default was 'ovr', while 0.20 and 0.21 wrote 'warn' for it. The solver
// newton-cholesky knew no softmax before 1.6.
base::Result<LinkKind> choose_link(const Object& object, std::size_t classes, bool pair) {
  TRY_ASSIGN(const std::string solver, object.text_or("solver", "lbfgs"));
  TRY_ASSIGN(const std::string multi_class, object.text_or("multi_class", "auto"));
  const bool automatic = multi_class == "auto" || multi_class == "deprecated";
  const bool binary_solver =
      solver == "liblinear" || (solver == "newton-cholesky" && object.release() < Release{1, 6});
  if (multi_class == "ovr" || multi_class == "warn" ||
      (automatic && (classes <= 2 || binary_solver))) {
    return one_against_rest(object, pair);
  }
  return pair ? LinkKind::SoftmaxPair : LinkKind::Softmax;
}

Made read_logistic_regression(const Object& object, Reader& reader) {
  TRY_ASSIGN(LinearScores scores, LinearScores::read(object, reader));
  TRY_ASSIGN(data::Labels classes, object.labels("classes_"));
  TRY(LinearClassifier::check(object, scores, classes));
  const std::size_t count = data::label_count(classes);
  if (count < 2) return object.unexpected("classes_", "at least 2 classes", "1");
  TRY_ASSIGN(const LinkKind link, choose_link(object, count, scores.outputs() == 1));
  return std::make_unique<LinearClassifier>(std::move(scores), std::move(classes), link);
}

// Those without probabilities.
Made read_linear_classifier(const Object& object, Reader& reader) {
  TRY_ASSIGN(LinearScores scores, LinearScores::read(object, reader));
  TRY_ASSIGN(data::Labels classes, object.labels("classes_"));
  TRY(LinearClassifier::check(object, scores, classes));
  return std::make_unique<LinearClassifier>(std::move(scores), std::move(classes), std::nullopt);
}

// Probabilities follow from the loss; of most there are none.
Made read_sgd_classifier(const Object& object, Reader& reader) {
  TRY_ASSIGN(LinearScores scores, LinearScores::read(object, reader));
  TRY_ASSIGN(data::Labels classes, object.labels("classes_"));
  TRY(LinearClassifier::check(object, scores, classes));
  TRY_ASSIGN(const std::string loss, object.text("loss"));
  const bool pair = scores.outputs() == 1;
  std::optional<LinkKind> link;
  if (loss == "log" || loss == "log_loss") link = one_against_rest(object, pair);
  if (loss == "modified_huber") link = pair ? LinkKind::HuberPair : LinkKind::HuberNormalized;
  return std::make_unique<LinearClassifier>(std::move(scores), std::move(classes), link);
}

// RidgeClassifier of several labels, each with a score of its own.
class MultilabelRidge final : public Estimator {
 public:
  explicit MultilabelRidge(LinearScores scores) : scores_(std::move(scores)) {}
  bool has(Method method) const override {
    return method == Method::Predict || method == Method::DecisionFunction;
  }
  std::vector<data::Labels> classes() const override {
    return std::vector<data::Labels>(scores_.outputs(), std::vector<std::int64_t>{0, 1});
  }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port scores, scores_.emit(builder, input));
    if (method == Method::DecisionFunction) return scores;
    return mapped(builder, Function::AboveZero, scores);
  }

  LinearScores scores_;
};

// The classes are those of the label binarizer, which keeps them alone before 1.9. Before 1.0 it
// chose one of several labels.
Made read_ridge_classifier(const Object& object, Reader& reader) {
  TRY_ASSIGN(LinearScores scores, LinearScores::read(object, reader));
  TRY_ASSIGN(const auto binarizer, object.get("_label_binarizer"));
  TRY_ASSIGN(const Object labels, Object::of(binarizer, object.release()));
  TRY_ASSIGN(const std::string kind, labels.text_or("y_type_", "binary"));
  if (kind.starts_with("multilabel") && object.release() >= Release{1, 0}) {
    return std::make_unique<MultilabelRidge>(std::move(scores));
  }
  TRY_ASSIGN(data::Labels classes, labels.labels("classes_"));
  TRY(LinearClassifier::check(object, scores, classes));
  return std::make_unique<LinearClassifier>(std::move(scores), std::move(classes), std::nullopt);
}

// Which side of a hyperplane: 1 of inliers, -1 of outliers.
class OneClass final : public Estimator {
 public:
  OneClass(LinearScores decision, LinearScores samples)
      : decision_(std::move(decision)), samples_(std::move(samples)) {}
  bool has(Method method) const override {
    return method == Method::Predict || method == Method::DecisionFunction ||
           method == Method::ScoreSamples;
  }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    if (method == Method::ScoreSamples) return samples_.emit(builder, input);
    TRY_ASSIGN(const Port decision, decision_.emit(builder, input));
    if (method == Method::DecisionFunction) return decision;
    return mapped(builder, Function::Inlier, decision);
  }

  LinearScores decision_;
  LinearScores samples_;
};

Made read_sgd_one_class_svm(const Object& object, Reader& reader) {
  TRY_ASSIGN(const auto coef, LinearScores::read_coefficients(object, reader));
  TRY_ASSIGN(const auto offset, object.doubles("offset_", 1));
  if (coef->outputs() != 1) {
    return object.unexpected("coef_", "1 row", std::to_string(coef->outputs()));
  }
  return std::make_unique<OneClass>(LinearScores(coef, {-offset.front()}),
                                    LinearScores(coef, {0.0}));
}

constexpr Entry kLinearModel[] = {
    {"sklearn.linear_model", "LogisticRegression", read_logistic_regression},
    {"sklearn.linear_model", "LogisticRegressionCV", read_logistic_regression},
    {"sklearn.linear_model", "PassiveAggressiveClassifier", read_linear_classifier},
    {"sklearn.linear_model", "Perceptron", read_linear_classifier},
    {"sklearn.linear_model", "RidgeClassifier", read_ridge_classifier},
    {"sklearn.linear_model", "RidgeClassifierCV", read_ridge_classifier},
    {"sklearn.linear_model", "SGDClassifier", read_sgd_classifier},
    {"sklearn.linear_model", "SGDOneClassSVM", read_sgd_one_class_svm},
    {"sklearn.svm", "LinearSVC", read_linear_classifier},
};

}  // namespace

std::span<const Entry> linear_model_entries() { return kLinearModel; }

}  // namespace sklearn
