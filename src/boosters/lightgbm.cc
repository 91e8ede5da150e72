#include "boosters/lightgbm.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/number.h"
#include "base/text.h"
#include "boosters/linear_trees.h"
#include "forest/lightgbm.h"
#include "forest/traversal.h"
#include "plan/constant.h"
#include "plan_cells/encode.h"
#include "plan_scores/link.h"
#include "plan_trees/trees.h"

namespace boosters {
namespace {

using base::Code;
using base::Error;
using fitted::Entry;
using fitted::Estimator;
using fitted::EstimatorPtr;
using fitted::Made;
using fitted::Object;
using fitted::Reader;
using forest::LightGbmModel;
using pickle::Value;
using plan::Builder;
using plan::Form;
using plan::Link;
using plan::LinkKind;
using plan::Method;
using plan::Port;

using ColumnCategories = std::vector<std::optional<plan::Categories>>;

// From raw scores to what Booster.predict gives (the objective's ConvertOutput).
struct Answer {
  LinkKind link = LinkKind::Identity;
  double parameter = 1;
};

// A booster, and what its wrapper adds.
struct Parts {
  std::size_t features = 0;
  std::size_t outputs = 1;
  std::size_t trees = 0;
  double divisor = 1;
  std::vector<std::string> names;
  ColumnCategories categories;  // Empty: all columns are numbers.
  Answer answer;
  std::shared_ptr<const forest::Forest> forest;
  std::shared_ptr<const forest::Ensemble> ensemble;
  std::shared_ptr<const LinearModels> linear;  // Null: leaves are values.
  bool decides = false;                        // The wrapper has decision_function.
};

class Booster final : public Estimator {
 public:
  Booster(Parts parts, data::Labels classes)
      : parts_(std::move(parts)), classes_(std::move(classes)) {}

  bool has(Method method) const override {
    return method == Method::Predict || (is_classifier() && method == Method::PredictProba) ||
           (parts_.decides && method == Method::DecisionFunction);
  }
  std::vector<data::Labels> classes() const override {
    return is_classifier() ? std::vector{classes_} : std::vector<data::Labels>();
  }

 private:
  bool is_classifier() const { return data::label_count(classes_) > 0; }

  base::Result<Port> features(Builder& builder, const Port& from) const {
    TRY_ASSIGN(const Port input, parts_.names.empty() ? builder.declare(from, parts_.features)
                                                      : builder.declare(from, parts_.names));
    if (parts_.categories.empty()) return builder.numeric(input, parts_.features);
    std::vector<data::ColumnType> types;
    for (const auto& categories : parts_.categories) {
      types.push_back(categories ? categories->type() : data::ColumnType::Number);
    }
    TRY_ASSIGN(const Port cells, builder.cells(input, types));
    for (std::size_t c = 0; c < parts_.categories.size(); ++c) {
      if (parts_.categories[c]) builder.know_categories(input, c, *parts_.categories[c]);
    }
    return builder.add(std::make_shared<plan::Encode>(parts_.categories), cells, Form::Dense,
                       parts_.features, cells.names);
  }

  base::Result<Port> sums(Builder& builder, const Port& rows) const {
    if (parts_.linear == nullptr) {
      return builder.add(
          std::make_shared<plan::Trees>(rows.form, parts_.trees, parts_.forest, parts_.ensemble),
          rows, Form::Dense, parts_.outputs);
    }
    TRY_ASSIGN(const Port dense, builder.dense(rows, parts_.features));
    return builder.add(std::make_shared<LinearTrees>(parts_.forest, parts_.linear), dense,
                       Form::Dense, parts_.outputs);
  }

  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port rows, features(builder, input));
    TRY_ASSIGN(Port port, sums(builder, rows));
    if (parts_.divisor != 1) {
      port = builder.add(std::make_shared<plan::Divide>(parts_.outputs, parts_.divisor), port,
                         Form::Dense, parts_.outputs);
    }
    if (method == Method::DecisionFunction) return port;
    auto link = std::make_shared<Link>(parts_.answer.link, parts_.outputs, parts_.answer.parameter);
    const std::size_t width = link->outputs();
    port = builder.add(std::move(link), port, Form::Dense, width);
    if (method == Method::PredictProba || !is_classifier()) return port;
    // Fitted with one class it still has two probabilities.
    if (data::label_count(classes_) == 1) {
      return builder.add(std::make_shared<plan::Constant>(std::vector<double>{0}), port,
                         Form::Dense, 1);
    }
    return builder.add(std::make_shared<Link>(LinkKind::ArgMax, width), port, Form::Dense, 1);
  }

  Parts parts_;
  data::Labels classes_;
};

double parameter(const forest::LightGbmObjective& objective, std::string_view name, double absent) {
  const auto text = objective.find(name);
  return text ? base::parse_double(*text).value_or(absent) : absent;
}

// `pair`: the wrapper makes two columns of one probability.
base::Result<Answer> read_answer(const forest::LightGbmObjective& objective, bool pair) {
  static constexpr std::string_view kPlain[] = {
      "",      "custom", "none",     "regression", "regression_l2", "regression_l1",
      "huber", "fair",   "quantile", "mape",       "lambdarank",    "rank_xendcg"};
  static constexpr std::string_view kExp[] = {"poisson", "gamma", "tweedie"};
  const auto is_in = [&](const auto& list) {
    return std::find(std::begin(list), std::end(list), objective.name) != std::end(list);
  };
  const double sigmoid = parameter(objective, "sigmoid", 1);
  // Those of regression take roots of what they are fitted with where they are told so.
  if (objective.find("sqrt")) return Answer{LinkKind::SignedSquare};
  if (is_in(kPlain)) return Answer{};
  if (is_in(kExp)) return Answer{LinkKind::Exp};
  if (objective.name == "binary") {
    return Answer{pair ? LinkKind::SigmoidPair : LinkKind::Expit, sigmoid};
  }
  if (objective.name == "multiclass") return Answer{LinkKind::Softmax};
  if (objective.name == "multiclassova") return Answer{LinkKind::Expit, sigmoid};
  if (objective.name == "cross_entropy" || objective.name == "xentropy") {
    return Answer{pair ? LinkKind::SigmoidPair : LinkKind::Expit, 1};
  }
  if (objective.name == "cross_entropy_lambda" || objective.name == "xentlambda") {
    return Answer{LinkKind::Softplus};
  }
  return Error(Code::Unsupported, fmt::format("objective {}: expected one whose answer is known",
                                              base::quote(objective.name)));
}

// The model text, which newer releases keep in another attribute.
base::Result<std::string_view> model_text(const Object& booster) {
  for (const char* attribute : {"_handle", "handle"}) {
    const auto value = booster.find(attribute);
    if (value && value->as_string()) return *value->as_string();
  }
  return booster.unexpected("_handle", "the model as text", "none");
}

// Names that LightGBM made up say nothing about the columns.
std::vector<std::string> real_names(const LightGbmModel& model) {
  for (std::size_t i = 0; i < model.feature_names.size(); ++i) {
    if (model.feature_names[i] != fmt::format("Column_{}", i)) return model.feature_names;
  }
  return {};
}

std::vector<std::size_t> categorical_features(const LightGbmModel& model) {
  std::vector<std::size_t> features;
  for (std::size_t f = 0; f < model.categorical_features.size(); ++f) {
    if (model.categorical_features[f]) features.push_back(f);
  }
  return features;
}

base::Result<plan::Categories> categories_of(const nlohmann::json& list) {
  std::vector<std::pair<double, std::int32_t>> numbers;
  std::vector<std::pair<std::string, std::int32_t>> texts;
  std::int32_t code = 0;
  for (const nlohmann::json& item : list) {
    if (item.is_string()) {
      texts.emplace_back(item.get<std::string>(), code++);
    } else if (item.is_number() || item.is_boolean()) {
      numbers.emplace_back(item.is_boolean() ? (item.get<bool>() ? 1.0 : 0.0) : item.get<double>(),
                           code++);
    }
  }
  if (static_cast<std::size_t>(code) != list.size() || (!numbers.empty() && !texts.empty())) {
    return Error(Code::Unsupported,
                 "\"pandas_categorical\": expected numbers or texts, not both in one column");
  }
  if (texts.empty()) return plan::Categories::of_numbers(numbers);
  return plan::Categories::of_texts(std::move(texts));
}

// Columns that were pandas categories when the model was fitted: the i-th list is that of the i-th
// such column, and a row's category is scored as its position in the list.
base::Result<ColumnCategories> read_pandas_categories(const LightGbmModel& model) {
  ColumnCategories categories;
  const auto lists = nlohmann::json::parse(model.pandas_categorical, nullptr, false);
  if (!lists.is_array() || lists.empty()) return categories;
  const auto features = categorical_features(model);
  if (features.size() != lists.size()) {
    return Error(Code::Unsupported,
                 fmt::format("\"pandas_categorical\": expected {} lists, one for each categorical "
                             "feature, got {}",
                             features.size(), lists.size()));
  }
  categories.resize(model.ensemble.features);
  for (std::size_t i = 0; i < features.size(); ++i) {
    if (!lists[i].is_array()) {
      return Error(Code::Corrupt, "\"pandas_categorical\": expected lists of categories");
    }
    TRY_ASSIGN(categories[features[i]], categories_of(lists[i]));
  }
  return categories;
}

base::Result<Parts> parts_of_text(std::string_view text, const forest::LightGbmOptions& options,
                                  bool keep_trees, bool pair) {
  TRY_ASSIGN(LightGbmModel model, forest::parse_lightgbm(text, options));
  Parts parts{.features = model.ensemble.features,
              .outputs = model.ensemble.outputs,
              .trees = model.ensemble.trees.size()};
  if (model.average_output) parts.divisor = static_cast<double>(model.iterations);
  parts.names = real_names(model);
  TRY_ASSIGN(parts.categories, read_pandas_categories(model));
  TRY_ASSIGN(parts.answer, read_answer(model.objective, pair && parts.outputs == 1));
  TRY_ASSIGN(forest::Forest forest, forest::Forest::make(model.ensemble));
  parts.forest = std::make_shared<forest::Forest>(std::move(forest));
  if (!model.linear.empty()) {
    LinearModels linear{.outputs = parts.outputs, .leaves = std::move(model.linear)};
    for (const forest::Tree& tree : model.ensemble.trees) linear.values.push_back(tree.leaf_values);
    parts.linear = std::make_shared<LinearModels>(std::move(linear));
  } else if (keep_trees) {
    parts.ensemble = std::make_shared<forest::Ensemble>(std::move(model.ensemble));
  }
  return parts;
}

base::Result<Parts> read_parts(const Object& booster, const Reader& reader, bool pair) {
  TRY_ASSIGN(const std::string_view text, model_text(booster));
  forest::LightGbmOptions options;
  if (booster.has("best_iteration")) {
    TRY_ASSIGN(const auto best, booster.integer("best_iteration"));
    if (best > 0) options.iterations_max = static_cast<std::size_t>(best);
  }
  return parts_of_text(text, options, reader.options().keep_trees, pair);
}

base::Result<Object> booster_of(const Object& wrapper) {
  TRY_ASSIGN(const Value value, wrapper.get("_Booster"));
  return Object::of(value, wrapper.release());
}

Made read_lgbm_booster(const Object& object, Reader& reader) {
  TRY_ASSIGN(Parts parts, read_parts(object, reader, false));
  return std::make_unique<Booster>(std::move(parts), data::Labels{});
}

Made read_lgbm_regressor(const Object& object, Reader& reader) {
  TRY_ASSIGN(const Object booster, booster_of(object));
  return read_lgbm_booster(booster, reader);
}

Made read_lgbm_classifier(const Object& object, Reader& reader) {
  TRY_ASSIGN(const Object booster, booster_of(object));
  TRY_ASSIGN(data::Labels classes, object.labels("_classes"));
  TRY_ASSIGN(Parts parts, read_parts(booster, reader, true));
  const std::size_t count = data::label_count(classes);
  const bool pair = parts.answer.link == LinkKind::SigmoidPair;
  if (pair ? count != 1 && count != 2 : (parts.outputs != count || parts.outputs < 2)) {
    return object.unsupported(
        "_classes", fmt::format("{} classes, as the booster has outputs", pair ? 2 : parts.outputs),
        std::to_string(count));
  }
  // LightGBM has decision_function from 4.7 on, which is also the first to keep this.
  parts.decides = object.value().find("_fitted_with_feature_names").has_value();
  return std::make_unique<Booster>(std::move(parts), std::move(classes));
}

constexpr Entry kLightgbm[] = {
    {"lightgbm", "LGBMClassifier", read_lgbm_classifier},
    {"lightgbm", "LGBMModel", read_lgbm_regressor},
    {"lightgbm", "LGBMRanker", read_lgbm_regressor},
    {"lightgbm", "LGBMRegressor", read_lgbm_regressor},
    {"lightgbm", "Booster", read_lgbm_booster},
};

}  // namespace

std::span<const Entry> lightgbm_entries() { return kLightgbm; }

base::Result<EstimatorPtr> read_lgbm_text(std::string_view text,
                                          const fitted::ReadOptions& options) {
  TRY_ASSIGN(Parts parts, parts_of_text(text, {}, options.keep_trees, false));
  auto booster = std::make_shared<Booster>(std::move(parts), data::Labels{});
  booster->set_title("lightgbm.Booster");
  return EstimatorPtr(std::move(booster));
}

}  // namespace boosters
