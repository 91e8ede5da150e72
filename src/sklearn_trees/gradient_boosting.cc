#include "sklearn_trees/gradient_boosting.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "plan_scores/link.h"
#include "plan_trees/boosting.h"
#include "plan_trees/trees.h"
#include "sklearn_trees/tree.h"

namespace sklearn {
namespace {

using pickle::Value;
using plan::Builder;
using plan::Form;
using plan::Link;
using plan::LinkKind;
using plan::Method;
using plan::Port;
using plan::RawKind;

// How a loss makes probabilities of raw scores, and scores of probabilities.
struct BoostingLoss {
  LinkKind proba = LinkKind::Identity;
  double parameter = 1;
  std::optional<RawKind> raw;   // Nothing: the numbers themselves (a regressor's).
  double margin = 0;            // Probabilities are kept so far from 0 and 1.
  bool zero_is_second = false;  // predict looks at the sign, and zero is the second class.
  bool chooses_by_raw = false;  // predict takes the largest raw score, not the largest probability.
};

// What the sum over the trees starts with.
struct BoostingStart {
  std::vector<double> values;  // For every row alike.
  bool asks = false;
  EstimatorPtr init;  // Null where it cannot be run, which the reader knows.
  // It was fitted with float32, which its rows are too, and answers so.
  bool single = false;
};

struct BoostingParts {
  std::size_t features = 0;
  bool nan_in_apply = false;
  data::Labels classes;  // None: a regressor.
  std::size_t trees = 0;
  std::size_t outputs = 1;
  BoostingLoss loss;
  BoostingStart start;
  std::shared_ptr<const forest::Forest> forest;
  std::shared_ptr<const forest::Ensemble> kept;
};

class GradientBoosting final : public Estimator {
 public:
  explicit GradientBoosting(BoostingParts parts) : parts_(std::move(parts)) {}

  bool has(Method method) const override {
    if (method == Method::Predict || method == Method::Apply) return true;
    return is_classifier() &&
           (method == Method::PredictProba || method == Method::PredictLogProba ||
            method == Method::DecisionFunction);
  }
  std::vector<data::Labels> classes() const override {
    return is_classifier() ? std::vector{parts_.classes} : std::vector<data::Labels>();
  }

 private:
  bool is_classifier() const { return data::label_count(parts_.classes) > 0; }

  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    const bool apply = method == Method::Apply;
    TRY_ASSIGN(const Port features, builder.finite(input, parts_.features,
                                                   {.nan = apply && parts_.nan_in_apply,
                                                    .float32_only = true,
                                                    .dense_only = true}));
    if (apply) {
      return builder.add(std::make_shared<plan::Leaves>(features.form, parts_.forest), features,
                         Form::Dense, parts_.trees);
    }
    TRY_ASSIGN(const Port raw, sums(builder, features));
    if (!is_classifier() || method == Method::DecisionFunction) return raw;
    if (method == Method::Predict) return chosen(builder, raw);
    const Port proba = probabilities(builder, raw);
    if (method == Method::PredictProba) return proba;
    return builder.add(std::make_shared<plan::LogOfEach>(proba.width), proba, Form::Dense,
                       proba.width);
  }

  base::Result<Port> sums(Builder& builder, const Port& features) const {
    std::vector<Port> from = {features};
    if (parts_.start.asks) {
      TRY_ASSIGN(from.emplace_back(), asked_start(builder, features));
    }
    return builder.add(std::make_shared<plan::Trees>(features.form, parts_.trees, parts_.forest,
                                                     parts_.kept, parts_.start.values),
                       from, Form::Dense, parts_.outputs);
  }

  // The answer of `init`, which gets rows of float32.
  base::Result<Port> asked_start(Builder& builder, const Port& features) const {
    const Port rounded =
        builder.add(std::make_shared<plan::RoundToFloat32>(features.form, features.width), features,
                    features.form, features.width);
    const auto raw = parts_.loss.raw;
    TRY_ASSIGN(
        const Port asked,
        parts_.start.init->emit(raw ? Method::PredictProba : Method::Predict, builder, rounded));
    const std::size_t classes = data::label_count(parts_.classes);
    TRY_ASSIGN(Port start, builder.dense(asked, is_classifier() && raw ? classes : 1));
    if (parts_.start.single) {
      start = builder.add(std::make_shared<plan::RoundToFloat32>(Form::Dense, start.width), start,
                          Form::Dense, start.width);
    }
    if (!raw) return start;
    return builder.add(std::make_shared<plan::RawScores>(*raw, parts_.loss.margin, classes), start,
                       Form::Dense, parts_.outputs);
  }

  Port probabilities(Builder& builder, const Port& raw) const {
    auto link = std::make_shared<Link>(parts_.loss.proba, parts_.outputs, parts_.loss.parameter);
    const std::size_t width = link->outputs();
    return builder.add(std::move(link), raw, Form::Dense, width);
  }

  Port chosen(Builder& builder, const Port& raw) const {
    if (parts_.loss.zero_is_second) {
      return builder.add(std::make_shared<plan::NotBelowZero>(), raw, Form::Dense, 1);
    }
    const Port scores = parts_.loss.chooses_by_raw ? raw : probabilities(builder, raw);
    return builder.add(std::make_shared<Link>(LinkKind::ArgMax, scores.width), scores, Form::Dense,
                       1);
  }

  BoostingParts parts_;
};

// Releases before 1.4 had losses of their own here.
base::Result<BoostingLoss> read_boosting_loss(const Object& object, std::size_t classes) {
  TRY_ASSIGN(const std::string name, object.text_or("loss", "log_loss"));
  const bool exponential = name == "exponential";
  if (name != "deviance" && name != "log_loss" && name != "auto" && !exponential) {
    return object.unsupported("loss", "\"log_loss\", \"deviance\" or \"exponential\"", name);
  }
  if (exponential && classes != 2) {
    return object.unexpected("classes_", "two classes for this loss", std::to_string(classes));
  }
  const bool old = object.release() < Release{1, 4};
  BoostingLoss loss;
  loss.margin = object.release() < Release{1, 8}
                    ? static_cast<double>(std::numeric_limits<float>::epsilon())
                    : std::numeric_limits<double>::epsilon();
  loss.zero_is_second = classes == 2 && (exponential || !old);
  loss.chooses_by_raw = !old;
  if (exponential) {
    loss.proba = LinkKind::SigmoidPair;
    loss.parameter = 2;
    loss.raw = old ? RawKind::HalfLogOdds : RawKind::HalfLogit;
  } else if (classes == 2) {
    loss.proba = LinkKind::ExpitPair;
    loss.raw = old ? RawKind::LogOdds : RawKind::Logit;
  } else {
    loss.proba = LinkKind::Softmax;
    loss.raw = old ? RawKind::Log : RawKind::CentredLog;
  }
  return loss;
}

// Those of releases before 0.21 say raw scores themselves; in which attribute.
std::optional<std::string_view> attribute_of_raw(std::string_view init) {
  if (init == "QuantileEstimator") return "quantile";
  if (init == "MeanEstimator") return "mean";
  if (init == "LogOddsEstimator" || init == "ScaledLogOddsEstimator") return "prior";
  if (init == "PriorProbabilityEstimator") return "priors";
  return std::nullopt;
}

// The start that is known without a row; nothing where it takes an estimator's answer.
base::Result<std::optional<std::vector<double>>> find_known_start(const Object& init,
                                                                  const BoostingParts& parts) {
  using Known = std::optional<std::vector<double>>;
  const std::string_view name = init.class_name();
  const auto strategy = init.find("strategy");
  const auto is = [&](std::string_view word) { return strategy && strategy->as_string() == word; };
  if (name == "ZeroEstimator") return Known(std::vector<double>(parts.outputs, 0.0));
  if (const auto attribute = attribute_of_raw(name)) {
    TRY_ASSIGN(auto raw, init.doubles(*attribute, parts.outputs));
    return Known(std::move(raw));
  }
  if (name == "DummyRegressor" && !parts.loss.raw) {
    TRY_ASSIGN(auto raw, init.doubles("constant_", 1));
    return Known(std::move(raw));
  }
  if (name == "DummyClassifier" && parts.loss.raw && is("prior")) {
    const std::size_t classes = data::label_count(parts.classes);
    TRY_ASSIGN(const auto prior, init.doubles("class_prior_", classes));
    std::vector<double> raw(parts.outputs);
    plan::put_raw_scores(*parts.loss.raw, parts.loss.margin, prior.data(), classes, raw.data());
    return Known(std::move(raw));
  }
  return Known();
}

bool is_float32(const Object& object, std::string_view attribute) {
  const auto value = object.find(attribute);
  const pickle::Array* array = value ? value->array() : nullptr;
  return array != nullptr && array->dtype.kind == 'f' && array->dtype.size == sizeof(float);
}

base::Result<BoostingStart> read_start(const Object& object, Reader& reader,
                                       const BoostingParts& parts) {
  BoostingStart start;
  const auto value = object.find("init_");
  if (!value || value->as_string() == "zero") {
    start.values.assign(parts.outputs, 0.0);
    return start;
  }
  TRY_ASSIGN(const Object init, Object::of(*value, object.release()));
  TRY_ASSIGN(auto known, find_known_start(init, parts));
  if (known) {
    start.values = *std::move(known);
    return start;
  }
  if (object.release() < Release{0, 21} && parts.loss.raw) {
    return object.unsupported("init_", "an estimator of scikit-learn's own, or \"zero\"",
                              describe(*value));
  }
  start.asks = true;
  start.init = reader.read(*value, "init_");
  start.single = is_float32(init, "coef_") || is_float32(init, "theta_");
  return start;
}

// estimators_: an array of [stages, outputs] trees.
base::Result<std::vector<Value>> read_stages(const Object& object, std::size_t outputs) {
  TRY_ASSIGN(const Value value, object.get("estimators_"));
  const pickle::Array* array = value.array();
  const bool fits = array != nullptr && array->dtype.kind == 'O' && array->shape.size() == 2 &&
                    array->shape[0] > 0 && array->shape[1] == outputs;
  if (!fits) {
    return object.unexpected("estimators_", fmt::format("trees [stages, {}]", outputs), value);
  }
  return std::vector<Value>(array->objects.begin(), array->objects.end());
}

// Each leaf's value times the learning rate, as predict multiplies it for every row.
base::Result<forest::Tree> read_stage(const Object& tree, double rate, std::uint32_t output) {
  TRY_ASSIGN(const TreeArrays arrays, read_tree_arrays(tree));
  if (arrays.values->elements() != arrays.nodes) {
    return tree.unexpected("tree_", "1 value for each node",
                           std::to_string(arrays.values->elements()));
  }
  TRY_ASSIGN(std::vector<double> values, pickle::to_doubles(*arrays.values));
  for (double& value : values) value *= rate;
  return make_tree(tree, arrays, values, 1, output);
}

base::Result<void> read_stages_into(const Object& object, const Reader& reader,
                                    BoostingParts& parts) {
  TRY_ASSIGN(const std::vector<Value> trees, read_stages(object, parts.outputs));
  TRY_ASSIGN(const double rate, object.number("learning_rate"));
  forest::Ensemble shape;
  shape.features = parts.features;
  shape.outputs = parts.outputs;
  shape.float32_input = true;
  shape.numbered = true;
  std::shared_ptr<forest::Ensemble> kept;
  if (reader.options().keep_trees && !parts.start.asks) {
    kept = std::make_shared<forest::Ensemble>(shape);
    kept->numbered = false;
    for (std::size_t k = 0; k < parts.outputs; ++k) {
      kept->trees.push_back(
          {.leaf_values = {parts.start.values[k]}, .output = static_cast<std::uint32_t>(k)});
    }
  }
  TRY_ASSIGN(const auto maker,
             forest::ForestMaker::start(std::move(shape), count_children(object, trees), true));
  TRY(for_each_tree(object, trees, [&](const Object& tree, std::size_t i) -> base::Result<void> {
    if (i == 0) parts.nan_in_apply = tree_takes_nan(tree);
    TRY_ASSIGN(forest::Tree made,
               read_stage(tree, rate, static_cast<std::uint32_t>(i % parts.outputs)));
    TRY(maker->add(made));
    if (kept != nullptr) kept->trees.push_back(std::move(made));
    return {};
  }));
  parts.trees = trees.size();
  parts.forest = std::make_shared<forest::Forest>(std::move(*maker).finish());
  parts.kept = std::move(kept);
  return {};
}

Made read_boosting(const Object& object, Reader& reader, bool classifier) {
  BoostingParts parts;
  TRY_ASSIGN(parts.features, read_tree_features(object));
  if (classifier) {
    TRY_ASSIGN(parts.classes, object.labels("classes_"));
    const std::size_t classes = data::label_count(parts.classes);
    if (classes < 2)
      return object.unexpected("classes_", "at least two classes", std::to_string(classes));
    parts.outputs = classes == 2 ? 1 : classes;
    TRY_ASSIGN(parts.loss, read_boosting_loss(object, classes));
  }
  TRY_ASSIGN(parts.start, read_start(object, reader, parts));
  TRY(read_stages_into(object, reader, parts));
  return std::make_unique<GradientBoosting>(std::move(parts));
}

Made read_boosting_classifier(const Object& object, Reader& reader) {
  return read_boosting(object, reader, true);
}

Made read_boosting_regressor(const Object& object, Reader& reader) {
  return read_boosting(object, reader, false);
}

constexpr Entry kGradientBoosting[] = {
    {"sklearn.ensemble", "GradientBoostingClassifier", read_boosting_classifier},
    {"sklearn.ensemble", "GradientBoostingRegressor", read_boosting_regressor},
};

}  // namespace

std::span<const Entry> gradient_boosting_entries() { return kGradientBoosting; }

}  // namespace sklearn
