#include "sklearn_wrappers/search.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "plan_scores/decide.h"
#include "sklearn_values/members.h"

namespace sklearn {
namespace {

using plan::Builder;
using plan::Form;
using plan::Method;
using plan::Port;

const std::vector<Method> kSearched = {Method::Predict,         Method::PredictProba,
                                       Method::PredictLogProba, Method::DecisionFunction,
                                       Method::Transform,       Method::ScoreSamples};
const std::vector<Method> kClassified = {Method::Predict, Method::PredictProba,
                                         Method::PredictLogProba, Method::DecisionFunction};
const std::vector<Method> kAll = {plan::kMethods.begin(), plan::kMethods.end()};

// GridSearchCV and its like: what was refitted with the best settings.
Made read_search(const Object& object, Reader& reader) {
  TRY_ASSIGN(const auto best, object.get("best_estimator_"));
  return pass_on(reader.read(best, "best_estimator_"), kSearched);
}

Made read_frozen(const Object& object, Reader& reader) {
  TRY_ASSIGN(const auto estimator, object.get("estimator"));
  return pass_on(reader.read(estimator, "estimator"), kAll);
}

Made read_self_training(const Object& object, Reader& reader) {
  const char* attribute = object.has("estimator_") ? "estimator_" : "base_estimator_";
  TRY_ASSIGN(const auto estimator, object.get(attribute));
  return pass_on(reader.read(estimator, attribute), kClassified);
}

// A classifier of two classes, of which one is chosen from some threshold of its score on.
class ThresholdClassifier final : public Estimator {
 public:
  struct Rule {
    std::optional<Method> response;  // Nothing: probabilities, or else decisions.
    std::optional<double> threshold;
    std::size_t chosen = 1;  // The class whose score it is.
  };
  ThresholdClassifier(EstimatorPtr part, Rule rule) : part_(std::move(part)), rule_(rule) {}

  bool has(Method method) const override {
    return method == Method::Predict ||
           (std::find(kClassified.begin(), kClassified.end(), method) != kClassified.end() &&
            part_->has(method));
  }
  std::vector<data::Labels> classes() const override { return part_->classes(); }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    if (method != Method::Predict) return part_->emit(method, builder, input);
    const bool shares =
        rule_.response ? *rule_.response == Method::PredictProba : part_->has(Method::PredictProba);
    const Method response = shares ? Method::PredictProba : Method::DecisionFunction;
    TRY_ASSIGN(Port score, part_->emit(response, builder, input));
    TRY_ASSIGN(score, builder.dense(score));
    if (score.width != (shares ? 2U : 1U)) {
      return base::Error(base::Code::Unsupported,
                         fmt::format("{}: expected a score of two classes, got {} columns",
                                     plan::method_name(response), score.width));
    }
    if (shares) score = column_of(builder, score, rule_.chosen);
    if (!shares && rule_.chosen == 0) {
      score =
          builder.add(std::make_shared<plan::Combine>(1, std::vector<std::vector<double>>{{-1.0}}),
                      score, Form::Dense, 1);
    }
    const auto chosen = static_cast<double>(rule_.chosen);
    const plan::Threshold::Rule rule{.threshold = rule_.threshold.value_or(shares ? 0.5 : 0.0),
                                     .includes = true,
                                     .below = 1 - chosen,
                                     .above = chosen};
    return builder.add(std::make_shared<plan::Threshold>(1, rule), score, Form::Dense, 1);
  }

  EstimatorPtr part_;
  Rule rule_;
};

base::Result<std::optional<Method>> read_response(const Object& object) {
  TRY_ASSIGN(const std::string text, object.text_or("response_method", "auto"));
  if (text == "auto") return std::optional<Method>();
  const auto method = plan::parse_method(text);
  if (method.ok() && (*method == Method::PredictProba || *method == Method::DecisionFunction)) {
    return std::optional(*method);
  }
  return object.unexpected("response_method", "auto, predict_proba or decision_function", text);
}

// The place of a label among the classes.
std::optional<std::size_t> find_label(const data::Labels& classes, pickle::Value label) {
  for (std::size_t i = 0; i < data::label_count(classes); ++i) {
    if (const auto* texts = std::get_if<std::vector<std::string>>(&classes)) {
      if (label.as_string() == (*texts)[i]) return i;
      continue;
    }
    const auto numbers = label_numbers(classes);
    if (numbers.ok() && label.as_float() == (*numbers)[i]) return i;
    if (numbers.ok() && label.as_bool() && (*numbers)[i] == (*label.as_bool() ? 1 : 0)) return i;
  }
  return std::nullopt;
}

base::Result<std::size_t> read_chosen(const Object& object, const data::Labels& classes,
                                      std::optional<pickle::Value> label) {
  if (!label || label->is_none()) return std::size_t{1};
  if (const auto at = find_label(classes, *label)) return *at;
  return object.unexpected("pos_label", "one of the classes", *label);
}

// The fitted classifier: the one given, where it was fitted before.
base::Result<EstimatorPtr> read_threshold_part(const Object& object, Reader& reader) {
  const char* attribute = object.has("estimator_") ? "estimator_" : "estimator";
  TRY_ASSIGN(const auto value, object.get(attribute));
  EstimatorPtr part = reader.read(value, attribute);
  if (part == nullptr) return part;
  const auto classes = part->classes();
  if (classes.size() != 1 || data::label_count(classes.front()) != 2) {
    return object.unsupported(attribute, "a classifier of two classes", part->title());
  }
  return part;
}

Made read_fixed_threshold(const Object& object, Reader& reader) {
  TRY_ASSIGN(EstimatorPtr part, read_threshold_part(object, reader));
  if (part == nullptr) return unread();
  ThresholdClassifier::Rule rule;
  TRY_ASSIGN(rule.response, read_response(object));
  TRY_ASSIGN(const auto threshold, object.get("threshold"));
  if (!threshold.as_string()) {
    TRY_ASSIGN(rule.threshold, object.number("threshold"));
  }
  TRY_ASSIGN(rule.chosen, read_chosen(object, part->classes().front(), object.find("pos_label")));
  return std::make_unique<ThresholdClassifier>(std::move(part), rule);
}

// Scores of scikit-learn that take the label 1 for the positive one unless they are told another.
constexpr std::array<std::string_view, 9> kScoresOfOne = {
    "average_precision_score", "brier_score_loss", "class_likelihood_ratios",
    "d2_brier_score",          "f1_score",         "fbeta_score",
    "jaccard_score",           "precision_score",  "recall_score"};

base::Result<std::size_t> read_scored_class(const Object& object, const data::Labels& classes) {
  const auto scorer = object.find("_curve_scorer");
  if (!scorer) return std::size_t{1};
  if (const auto kwargs = scorer->find("_kwargs")) {
    if (const auto label = kwargs->find("pos_label")) return read_chosen(object, classes, *label);
  }
  const auto function = scorer->find("_score_func");
  const bool of_one =
      function && function->is(pickle::Kind::Global) &&
      std::find(kScoresOfOne.begin(), kScoresOfOne.end(), function->name()) != kScoresOfOne.end();
  if (!of_one) return std::size_t{1};
  TRY_ASSIGN(const auto one, label_positions(std::vector<std::int64_t>{1}, classes));
  return std::size_t{one.front()};
}

Made read_tuned_threshold(const Object& object, Reader& reader) {
  TRY_ASSIGN(EstimatorPtr part, read_threshold_part(object, reader));
  if (part == nullptr) return unread();
  ThresholdClassifier::Rule rule;
  TRY_ASSIGN(rule.response, read_response(object));
  TRY_ASSIGN(rule.threshold, object.number("best_threshold_"));
  TRY_ASSIGN(rule.chosen, read_scored_class(object, part->classes().front()));
  return std::make_unique<ThresholdClassifier>(std::move(part), rule);
}

class TransformedTarget final : public Estimator {
 public:
  TransformedTarget(EstimatorPtr regressor, EstimatorPtr transformer)
      : regressor_(std::move(regressor)), transformer_(std::move(transformer)) {}
  bool has(Method method) const override { return method == Method::Predict; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port target, emit_values(*regressor_, builder, input));
    return transformer_->emit_inverse(builder, target);
  }

  EstimatorPtr regressor_;
  EstimatorPtr transformer_;
};

Made read_transformed_target(const Object& object, Reader& reader) {
  TRY_ASSIGN(const auto regressor, object.get("regressor_"));
  TRY_ASSIGN(const auto transformer, object.get("transformer_"));
  EstimatorPtr inner = reader.read(regressor, "regressor_");
  EstimatorPtr target = reader.read(transformer, "transformer_");
  if (inner == nullptr || target == nullptr) return unread();
  return std::make_unique<TransformedTarget>(std::move(inner), std::move(target));
}

constexpr Entry kSearch[] = {
    {"sklearn.compose", "TransformedTargetRegressor", read_transformed_target},
    {"sklearn.frozen", "FrozenEstimator", read_frozen},
    {"sklearn.grid_search", "GridSearchCV", read_search},
    {"sklearn.grid_search", "RandomizedSearchCV", read_search},
    {"sklearn.model_selection", "FixedThresholdClassifier", read_fixed_threshold},
    {"sklearn.model_selection", "GridSearchCV", read_search},
    {"sklearn.model_selection", "HalvingGridSearchCV", read_search},
    {"sklearn.model_selection", "HalvingRandomSearchCV", read_search},
    {"sklearn.model_selection", "RandomizedSearchCV", read_search},
    {"sklearn.model_selection", "TunedThresholdClassifierCV", read_tuned_threshold},
    {"sklearn.semi_supervised", "SelfTrainingClassifier", read_self_training},
};

}  // namespace

std::span<const Entry> search_entries() { return kSearch; }

}  // namespace sklearn
