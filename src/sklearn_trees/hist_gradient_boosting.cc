#include "sklearn_trees/hist_gradient_boosting.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "forest/histogram_tree.h"
#include "pickle/numbers.h"
#include "plan_cells/encode.h"
#include "plan_scores/link.h"
#include "plan_trees/category_bytes.h"
#include "plan_trees/trees.h"
#include "sklearn_trees/histogram_categories.h"
#include "sklearn_trees/tree.h"

namespace sklearn {
namespace {

using forest::CategoryBits;
using pickle::Value;
using plan::Builder;
using plan::Form;
using plan::Link;
using plan::LinkKind;
using plan::Method;
using plan::Port;

struct HistParts {
  std::size_t features = 0;
  data::Labels classes;  // None: a regressor.
  std::size_t trees = 0;
  std::size_t outputs = 1;
  LinkKind answer = LinkKind::Identity;
  bool chooses_by_raw = false;  // predict looks at the raw scores, not at the probabilities.
  bool takes_missing = true;
  HistCategories categories;
  std::vector<double> baseline;
  std::shared_ptr<const forest::Forest> forest;
  std::shared_ptr<const forest::Ensemble> kept;
};

class HistGradientBoosting final : public Estimator {
 public:
  explicit HistGradientBoosting(HistParts parts) : parts_(std::move(parts)) {}

  bool has(Method method) const override {
    return method == Method::Predict || (is_classifier() && (method == Method::PredictProba ||
                                                             method == Method::DecisionFunction));
  }
  std::vector<data::Labels> classes() const override {
    return is_classifier() ? std::vector{parts_.classes} : std::vector<data::Labels>();
  }

 private:
  bool is_classifier() const { return data::label_count(parts_.classes) > 0; }

  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port features, rows(builder, input));
    const Port raw =
        builder.add(std::make_shared<plan::Trees>(features.form, parts_.trees, parts_.forest,
                                                  parts_.kept, parts_.baseline),
                    features, Form::Dense, parts_.outputs);
    if (method == Method::DecisionFunction) return raw;
    if (method == Method::PredictProba) return answer(builder, raw);
    return is_classifier() ? chosen(builder, raw) : answer(builder, raw);
  }

  // The features in the order of fitting, categories as the trees have them.
  base::Result<Port> rows(Builder& builder, const Port& input) const {
    const HistCategories& categories = parts_.categories;
    if (!categories.encoders.empty()) return encoded(builder, input);
    if (!parts_.takes_missing) {
      TRY_ASSIGN(const Port finite, builder.finite(input, parts_.features));
      return builder.dense(finite, parts_.features);
    }
    TRY_ASSIGN(const Port port, builder.dense(input, parts_.features));
    if (categories.features.empty()) return port;
    return builder.add(std::make_shared<plan::CategoryBytes>(parts_.features, categories.features,
                                                             categories.negative_is_missing),
                       port, Form::Dense, parts_.features, port.names);
  }

  base::Result<Port> encoded(Builder& builder, const Port& from) const {
    const auto& encoders = parts_.categories.encoders;
    TRY_ASSIGN(const Port input, builder.declare(from, parts_.features));
    std::vector<data::ColumnType> types;
    for (const auto& each : encoders) {
      types.push_back(each ? each->type() : data::ColumnType::Number);
    }
    TRY_ASSIGN(const Port cells, builder.cells(input, types));
    for (std::size_t c = 0; c < encoders.size(); ++c) {
      if (encoders[c]) builder.know_categories(input, c, *encoders[c]);
    }
    return builder.add(std::make_shared<plan::Encode>(encoders), cells, Form::Dense,
                       parts_.features, cells.names);
  }

  Port answer(Builder& builder, const Port& raw) const {
    if (parts_.answer == LinkKind::Identity) return raw;
    auto link = std::make_shared<Link>(parts_.answer, parts_.outputs);
    const std::size_t width = link->outputs();
    return builder.add(std::move(link), raw, Form::Dense, width);
  }

  Port chosen(Builder& builder, const Port& raw) const {
    if (parts_.chooses_by_raw && parts_.outputs == 1) {
      return builder.add(std::make_shared<Link>(LinkKind::AboveZero, 1), raw, Form::Dense, 1);
    }
    const Port scores = parts_.chooses_by_raw ? raw : answer(builder, raw);
    return builder.add(std::make_shared<Link>(LinkKind::ArgMax, scores.width), scores, Form::Dense,
                       1);
  }

  HistParts parts_;
};

// From raw scores to what predict of a regressor gives.
base::Result<LinkKind> read_hist_link(const Object& object) {
  static constexpr std::string_view kPlain[] = {
      "squared_error", "least_squares", "absolute_error", "least_absolute_deviation", "quantile",
      // Losses as objects.
      "HalfSquaredError", "AbsoluteError", "PinballLoss", "HuberLoss", "HalfTweedieLossIdentity"};
  static constexpr std::string_view kExp[] = {"poisson", "gamma", "HalfPoissonLoss",
                                              "HalfGammaLoss", "HalfTweedieLoss"};
  TRY_ASSIGN(const Value value, object.get("loss"));
  const pickle::Record* record = value.record();
  const std::string_view name = record != nullptr ? record->name() : value.as_string().value_or("");
  const auto is_in = [&](const auto& list) {
    return std::find(std::begin(list), std::end(list), name) != std::end(list);
  };
  if (is_in(kPlain)) return LinkKind::Identity;
  if (is_in(kExp)) return LinkKind::Exp;
  return object.unsupported("loss", "a loss whose answer is known", describe(value));
}

base::Result<void> read_hist_classes(const Object& object, HistParts& parts) {
  TRY_ASSIGN(parts.classes, object.labels("classes_"));
  const std::size_t count = data::label_count(parts.classes);
  if (count < 2 || parts.outputs != (count == 2 ? 1 : count)) {
    return object.unexpected("classes_", fmt::format("classes for {} trees", parts.outputs),
                             std::to_string(count));
  }
  const auto loss = object.find("loss");
  static constexpr std::string_view kLosses[] = {"log_loss",
                                                 "auto",
                                                 "binary_crossentropy",
                                                 "categorical_crossentropy",
                                                 "HalfBinomialLoss",
                                                 "HalfMultinomialLoss"};
  const pickle::Record* record = loss ? loss->record() : nullptr;
  const std::string_view name =
      record != nullptr ? record->name() : (loss ? loss->as_string().value_or("") : "");
  if (std::find(std::begin(kLosses), std::end(kLosses), name) == std::end(kLosses)) {
    return object.unsupported("loss", "a loss of classes", loss ? describe(*loss) : "none");
  }
  parts.answer = parts.outputs == 1 ? LinkKind::ExpitPair : LinkKind::Softmax;
  parts.chooses_by_raw = object.release() >= Release{1, 5};
  return {};
}

// The arrays of one TreePredictor, as long as the document lives.
struct PredictorArrays {
  std::vector<CategoryBits> left_bits;
  pickle::Viewed<std::int64_t> left, right, feature, bitset;
  pickle::Viewed<double> threshold, value;
  pickle::Viewed<std::uint8_t> is_leaf, missing, categorical;
};

base::Result<std::vector<CategoryBits>> read_left_bits(const Object& predictor) {
  std::vector<CategoryBits> bits;
  if (!predictor.has("raw_left_cat_bitsets")) return bits;
  TRY_ASSIGN(const auto words, predictor.integers("raw_left_cat_bitsets"));
  bits.resize(words.size() / CategoryBits{}.size());
  for (std::size_t i = 0; i < bits.size(); ++i) {
    for (std::size_t w = 0; w < bits[i].size(); ++w) {
      bits[i][w] = static_cast<std::uint32_t>(words[i * bits[i].size() + w]);
    }
  }
  return bits;
}

base::Result<PredictorArrays> read_predictor(const Object& predictor) {
  TRY_ASSIGN(const Value value, predictor.get("nodes"));
  const pickle::Array* nodes = value.array();
  if (nodes == nullptr) return predictor.unexpected("nodes", "an array of nodes", value);
  const auto has = [&](std::string_view field) {
    return pickle::find_field(nodes->dtype, field) != nullptr;
  };
  PredictorArrays arrays;
  TRY_ASSIGN(arrays.left, pickle::view_int64s(*nodes, "left"));
  TRY_ASSIGN(arrays.right, pickle::view_int64s(*nodes, "right"));
  TRY_ASSIGN(arrays.feature, pickle::view_int64s(*nodes, "feature_idx"));
  TRY_ASSIGN(arrays.threshold,
             pickle::view_doubles(*nodes, has("num_threshold") ? "num_threshold" : "threshold"));
  TRY_ASSIGN(arrays.value, pickle::view_doubles(*nodes, "value"));
  TRY_ASSIGN(arrays.is_leaf, pickle::view_flags(*nodes, "is_leaf"));
  if (has("missing_go_to_left")) {
    TRY_ASSIGN(arrays.missing, pickle::view_flags(*nodes, "missing_go_to_left"));
  }
  if (has("is_categorical")) {
    TRY_ASSIGN(arrays.categorical, pickle::view_flags(*nodes, "is_categorical"));
    TRY_ASSIGN(arrays.bitset, pickle::view_int64s(*nodes, "bitset_idx"));
    TRY_ASSIGN(arrays.left_bits, read_left_bits(predictor));
  }
  return arrays;
}

base::Result<forest::Tree> read_hist_tree(const Object& predictor, const HistCategories& categories,
                                          std::uint32_t output, std::vector<std::uint32_t>& bits) {
  TRY_ASSIGN(const PredictorArrays arrays, read_predictor(predictor));
  auto made = forest::make_histogram_tree({.left = arrays.left.numbers,
                                           .right = arrays.right.numbers,
                                           .feature = arrays.feature.numbers,
                                           .threshold = arrays.threshold.numbers,
                                           .value = arrays.value.numbers,
                                           .is_leaf = arrays.is_leaf.numbers,
                                           .missing_go_to_left = arrays.missing.numbers,
                                           .is_categorical = arrays.categorical.numbers,
                                           .bitset = arrays.bitset.numbers,
                                           .left_bits = arrays.left_bits,
                                           .known = categories.known},
                                          output, bits);
  if (!made.ok()) return std::move(made).error().within(predictor.title());
  for (forest::Node& node : made->nodes) {
    if (!categories.original.empty() && node.feature < categories.original.size()) {
      node.feature = static_cast<std::uint32_t>(categories.original[node.feature]);
    }
  }
  return made;
}

// _predictors: a list of lists, one tree for each output.
base::Result<forest::Ensemble> read_predictors(const Object& object, const HistParts& parts) {
  TRY_ASSIGN(const auto iterations, object.list("_predictors"));
  forest::Ensemble ensemble;
  ensemble.features = parts.features;
  ensemble.outputs = parts.outputs;
  for (std::size_t i = 0; i < iterations.size(); ++i) {
    TRY_ASSIGN(const auto predictors, values_of(iterations[i]));
    if (predictors.size() != parts.outputs) {
      return object.unexpected("_predictors", fmt::format("{} trees in a round", parts.outputs),
                               std::to_string(predictors.size()));
    }
    for (std::size_t k = 0; k < predictors.size(); ++k) {
      TRY_ASSIGN(const Object predictor, Object::of(predictors[k], object.release()));
      auto tree =
          read_hist_tree(predictor, parts.categories, static_cast<std::uint32_t>(k), ensemble.bits);
      if (!tree.ok()) {
        return std::move(tree).error().within(fmt::format("_predictors[{}][{}]", i, k));
      }
      ensemble.trees.push_back(*std::move(tree));
    }
  }
  return ensemble;
}

base::Result<void> read_hist_forest(const Object& object, const Reader& reader, HistParts& parts) {
  TRY_ASSIGN(parts.baseline, object.doubles("_baseline_prediction", parts.outputs));
  TRY_ASSIGN(forest::Ensemble ensemble, read_predictors(object, parts));
  TRY_ASSIGN(forest::Forest forest, forest::Forest::make(ensemble));
  parts.trees = ensemble.trees.size();
  parts.forest = std::make_shared<forest::Forest>(std::move(forest));
  if (!reader.options().keep_trees) return {};
  // The sums of a kept ensemble start at zero.
  std::vector<forest::Tree> starts;
  for (std::size_t k = 0; k < parts.outputs; ++k) {
    starts.push_back({.leaf_values = {parts.baseline[k]}, .output = static_cast<std::uint32_t>(k)});
  }
  ensemble.trees.insert(ensemble.trees.begin(), starts.begin(), starts.end());
  parts.kept = std::make_shared<forest::Ensemble>(std::move(ensemble));
  return {};
}

Made read_hist_boosting(const Object& object, Reader& reader, bool classifier) {
  HistParts parts;
  TRY_ASSIGN(parts.features, read_tree_features(object));
  TRY_ASSIGN(const auto outputs, object.integer("n_trees_per_iteration_"));
  if (outputs < 1 || outputs > 1'000'000 || (!classifier && outputs != 1)) {
    return object.unexpected("n_trees_per_iteration_", "trees for each class",
                             std::to_string(outputs));
  }
  parts.outputs = static_cast<std::size_t>(outputs);
  parts.takes_missing = object.release() >= Release{0, 22};
  if (classifier) {
    TRY(read_hist_classes(object, parts));
  } else {
    TRY_ASSIGN(parts.answer, read_hist_link(object));
  }
  TRY_ASSIGN(parts.categories, read_hist_categories(object, parts.features));
  TRY(read_hist_forest(object, reader, parts));
  return std::make_unique<HistGradientBoosting>(std::move(parts));
}

Made read_hist_classifier(const Object& object, Reader& reader) {
  return read_hist_boosting(object, reader, true);
}

Made read_hist_regressor(const Object& object, Reader& reader) {
  return read_hist_boosting(object, reader, false);
}

constexpr Entry kHistGradientBoosting[] = {
    {"sklearn.ensemble", "HistGradientBoostingClassifier", read_hist_classifier},
    {"sklearn.ensemble", "HistGradientBoostingRegressor", read_hist_regressor},
};

}  // namespace

std::span<const Entry> hist_gradient_boosting_entries() { return kHistGradientBoosting; }

}  // namespace sklearn
