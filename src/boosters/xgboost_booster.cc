#include "boosters/xgboost_booster.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "plan/columns.h"
#include "plan_cells/encode.h"
#include "plan_scores/link.h"
#include "plan_trees/trees.h"

namespace boosters {
namespace {

using base::Code;
using base::Error;
using forest::XgbModel;
using plan::Builder;
using plan::Form;
using plan::Link32;
using plan::Link32Kind;
using plan::LinkKind;
using plan::Method;
using plan::Port;

// How an objective makes an answer of raw scores, and raw scores of a user's base score.
struct XgbObjective {
  std::string_view name;
  Link32Kind answer;
  enum class Base : std::uint8_t { Same, Logit, Log } base;
};

using Base = XgbObjective::Base;

constexpr XgbObjective kObjectives[] = {
    {"binary:hinge", Link32Kind::Positive, Base::Same},
    {"binary:logistic", Link32Kind::Expit, Base::Logit},
    {"binary:logitraw", Link32Kind::Identity, Base::Logit},
    {"count:poisson", Link32Kind::Exp, Base::Log},
    {"multi:softmax", Link32Kind::Identity, Base::Same},
    {"multi:softprob", Link32Kind::Softmax, Base::Same},
    {"rank:map", Link32Kind::Identity, Base::Same},
    {"rank:ndcg", Link32Kind::Identity, Base::Same},
    {"rank:pairwise", Link32Kind::Identity, Base::Same},
    {"reg:absoluteerror", Link32Kind::Identity, Base::Same},
    {"reg:expectileerror", Link32Kind::Identity, Base::Same},
    {"reg:gamma", Link32Kind::Exp, Base::Log},
    {"reg:linear", Link32Kind::Identity, Base::Same},
    {"reg:logistic", Link32Kind::Expit, Base::Logit},
    {"reg:pseudohubererror", Link32Kind::Identity, Base::Same},
    {"reg:quantileerror", Link32Kind::Identity, Base::Same},
    {"reg:squarederror", Link32Kind::Identity, Base::Same},
    {"reg:squaredlogerror", Link32Kind::Identity, Base::Same},
    {"reg:tweedie", Link32Kind::Exp, Base::Log},
    {"survival:aft", Link32Kind::Exp, Base::Log},
    {"survival:cox", Link32Kind::Exp, Base::Log},
};

base::Result<XgbObjective> find_objective(std::string_view name) {
  // Releases before 1.0 had another for each device.
  for (const std::string_view device : {"gpu:", "cpu:"}) {
    if (name.starts_with(device)) name.remove_prefix(device.size());
  }
  for (const XgbObjective& each : kObjectives) {
    if (each.name == name) return each;
  }
  return Error(
      Code::Unsupported,
      fmt::format("objective: expected one whose answer is known, got {}", base::quote(name)));
}

float margin_of(Base base, float score) {
  switch (base) {
    case Base::Logit: return -std::log(1.0F / score - 1.0F);
    case Base::Log: return std::log(score);
    default: return score;
  }
}

bool is_since(const XgbModel& model, int major, int minor) {
  return model.major > major || (model.major == major && model.minor >= minor);
}

// logitraw made raw scores of probabilities only until 1.2.
bool takes_margin(const XgbModel& model) {
  return model.objective == "binary:logitraw" && is_since(model, 1, 3);
}

// A wrapper asks dart without making a DMatrix of the rows, and XGBoost then adds the base score to
// each leaf and takes it away again.
bool adds_base_to_leaves(const XgbModel& model, const XgbWrapper& wrapper) {
  return wrapper.task != XgbTask::Booster && is_since(model, 1, 4);
}

// dart: a leaf counts as often as the weight of its tree says.
void weigh_trees(const std::vector<float>& margins, bool base_in_leaves, XgbModel& model) {
  for (std::size_t t = 0; t < model.weights.size(); ++t) {
    forest::Tree& tree = model.ensemble.trees[t];
    const std::size_t width = model.ensemble.width;
    for (std::size_t i = 0; i < tree.leaf_values.size(); ++i) {
      auto leaf = static_cast<float>(tree.leaf_values[i]);
      const float base = margins[tree.output + i % width];
      if (base_in_leaves) leaf = (base + leaf) - base;
      tree.leaf_values[i] = static_cast<double>(leaf * model.weights[t]);
    }
  }
}

// "f0", "f1", ... are XGBoost's own.
std::vector<std::string> xgb_real_names(const XgbModel& model) {
  for (std::size_t i = 0; i < model.feature_names.size(); ++i) {
    if (model.feature_names[i] != fmt::format("f{}", i)) return model.feature_names;
  }
  return {};
}

std::vector<std::optional<plan::Categories>> xgb_categories_of(const XgbModel& model) {
  std::vector<std::optional<plan::Categories>> columns;
  for (const forest::XgbCategories& each : model.categories) {
    std::optional<plan::Categories>& column = columns.emplace_back();
    std::int32_t code = 0;
    if (const auto* numbers = std::get_if<std::vector<double>>(&each)) {
      std::vector<std::pair<double, std::int32_t>> codes;
      for (const double number : *numbers) codes.emplace_back(number, code++);
      column = plan::Categories::of_numbers(codes);
    } else if (const auto* texts = std::get_if<std::vector<std::string>>(&each)) {
      std::vector<std::pair<std::string, std::int32_t>> codes;
      for (const std::string& text : *texts) codes.emplace_back(text, code++);
      column = plan::Categories::of_texts(std::move(codes));
    }
  }
  const bool any = std::any_of(columns.begin(), columns.end(),
                               [](const auto& column) { return column.has_value(); });
  if (!any) columns.clear();
  return columns;
}

}  // namespace

base::Result<std::unique_ptr<XgbEstimator>> XgbEstimator::make(XgbModel model, XgbWrapper wrapper) {
  TRY_ASSIGN(const XgbObjective objective, find_objective(model.objective));
  auto made = std::unique_ptr<XgbEstimator>(new XgbEstimator());
  made->answer_ = objective.answer;
  const std::size_t outputs = model.ensemble.outputs;
  if (model.base_scores.size() == 1) model.base_scores.resize(outputs, model.base_scores[0]);
  const bool as_it_is = model.base_is_margin || takes_margin(model);
  for (const float score : model.base_scores) {
    made->margins_.push_back(as_it_is ? score : margin_of(objective.base, score));
  }
  made->names_ = xgb_real_names(model);
  made->categories_ = xgb_categories_of(model);
  if (model.booster != "gblinear") {
    TRY(made->make_forests(model, wrapper));
    model.ensemble.trees = {};
    model.ensemble.bits = {};
  }
  made->model_ = std::move(model);
  made->wrapper_ = std::move(wrapper);
  return made;
}

base::Result<void> XgbEstimator::make_forests(XgbModel& model, const XgbWrapper& wrapper) {
  if (!model.weights.empty()) weigh_trees(margins_, adds_base_to_leaves(model, wrapper), model);
  const auto make = [&]() -> base::Result<std::shared_ptr<const forest::Forest>> {
    TRY_ASSIGN(forest::Forest forest, forest::Forest::make(model.ensemble));
    return std::make_shared<const forest::Forest>(std::move(forest));
  };
  const std::size_t all = model.ensemble.trees.size();
  model.ensemble.numbered = wrapper.task != XgbTask::Booster && all > 0;
  if (model.ensemble.numbered && wrapper.limit.trees_max > 0) {
    // apply had no limit then.
    TRY_ASSIGN(numbered_, make());
  }
  forest::keep_first(wrapper.limit, model);
  TRY_ASSIGN(forest_, make());
  if (forest_->numbered() && numbered_ == nullptr) numbered_ = forest_;
  return {};
}

bool XgbEstimator::is_multilabel() const {
  return wrapper_.task == XgbTask::Classifier && model_.ensemble.outputs > 1 &&
         data::label_count(wrapper_.classes) == 2;
}

bool XgbEstimator::has(Method method) const {
  switch (method) {
    case Method::Predict: return true;
    case Method::PredictProba: return wrapper_.task == XgbTask::Classifier;
    case Method::Apply: return numbered_ != nullptr;
    default: return false;
  }
}

std::vector<data::Labels> XgbEstimator::classes() const {
  if (wrapper_.task != XgbTask::Classifier) return {};
  return std::vector<data::Labels>(is_multilabel() ? model_.ensemble.outputs : 1, wrapper_.classes);
}

base::Result<Port> XgbEstimator::encoded(
    Builder& builder, const Port& input,
    const std::vector<std::optional<plan::Categories>>& categories,
    std::vector<bool> unknown_refused) const {
  std::vector<data::ColumnType> types;
  for (const auto& each : categories) {
    types.push_back(each ? each->type() : data::ColumnType::Number);
  }
  TRY_ASSIGN(const Port cells, builder.cells(input, types));
  for (std::size_t c = 0; c < categories.size(); ++c) {
    if (categories[c]) builder.know_categories(input, c, *categories[c]);
  }
  return builder.add(
      std::make_shared<plan::Encode>(categories, std::move(unknown_refused), cells.names), cells,
      Form::Dense, categories.size(), cells.names);
}

// Since 3.1 XGBoost refuses a category that it was not fitted with, and a type that has one. A step
// before that casts to a type of fixed categories makes what is not among them a missing value.
base::Result<Port> XgbEstimator::encoded_as_fitted(Builder& builder, const Port& input) const {
  std::vector<std::optional<plan::Categories>> columns = categories_;
  std::vector<bool> refused(columns.size(), true);
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const auto cast = input.feature_kind(c).categories;
    if (!columns[c] || cast == nullptr) continue;
    if (const auto beyond = cast->find_beyond(*columns[c])) {
      return Error(Code::Unsupported,
                   fmt::format("{}: expected a cast to categories that XGBoost was fitted with, "
                               "since it refuses every row of others, got {} among them",
                               plan::feature_label(input.names, c), *beyond));
    }
    columns[c] = cast->recoded(*columns[c]);
    refused[c] = false;
  }
  return encoded(builder, input, columns, std::move(refused));
}

// Of the columns of categories that a step before this one made: pandas' code of a category is its
// position in their type. Empty where there is none.
std::vector<std::optional<plan::Categories>> XgbEstimator::categories_before(
    const Port& input) const {
  std::vector<std::optional<plan::Categories>> columns(model_.ensemble.features);
  bool any = false;
  for (std::size_t c = 0; c < std::min(columns.size(), model_.feature_types.size()); ++c) {
    const plan::FeatureKind kind = input.feature_kind(c);
    if (model_.feature_types[c] != "c" || kind.categories == nullptr) continue;
    columns[c] = *kind.categories;
    any = true;
  }
  if (!any) columns.clear();
  return columns;
}

base::Result<Port> XgbEstimator::features(Builder& builder, const Port& from) const {
  const std::size_t width = model_.ensemble.features;
  TRY_ASSIGN(const Port input,
             names_.empty() ? builder.declare(from, width) : builder.declare(from, names_));
  if (!categories_.empty()) return encoded_as_fitted(builder, input);
  // Before 3.1 a model does not say which category has which code: a type that a column was cast to
  // may, and if not, it is that of each request's own categories.
  for (std::size_t c = 0; c < std::min(width, model_.feature_types.size()); ++c) {
    const plan::FeatureKind kind = input.feature_kind(c);
    if (model_.feature_types[c] != "c" || kind.number != plan::NumberKind::Category ||
        kind.categories != nullptr) {
      continue;
    }
    return base::Error(
        base::Code::Unsupported,
        fmt::format("{}: expected a type with its categories, or XGBoost 3.1, whose models have "
                    "them, got a cast to \"category\", whose codes depend on the other rows of a "
                    "request",
                    plan::feature_label(input.names, c)));
  }
  const auto before = categories_before(input);
  if (!before.empty()) return encoded(builder, input, before, {});
  TRY_ASSIGN(Port rows, builder.numeric(input, width));
  TRY_ASSIGN(rows, builder.settled(rows));  // What is absent from sparse rows is missing here.
  if (forest_ == nullptr) {
    TRY_ASSIGN(rows, builder.dense(rows, width));
  }
  return rows;
}

Port XgbEstimator::link(Link32Kind kind, Builder& builder, const Port& from) const {
  if (kind == Link32Kind::Identity) return from;
  auto step = std::make_shared<Link32>(kind, from.width);
  const std::size_t width = step->outputs();
  return builder.add(std::move(step), from, Form::Dense, width);
}

base::Result<Port> XgbEstimator::scores(Builder& builder, const Port& rows) const {
  const std::size_t outputs = model_.ensemble.outputs;
  if (forest_ == nullptr) {
    const auto biases = model_.linear.end() - static_cast<std::ptrdiff_t>(outputs);
    std::vector<float> intercepts(biases, model_.linear.end());
    // All outputs get the first base score, also where each has its own.
    for (float& intercept : intercepts) intercept += margins_.front();
    return builder.add(
        std::make_shared<plan::Linear32>(std::vector<float>(model_.linear.begin(), biases),
                                         std::move(intercepts)),
        rows, Form::Dense, outputs);
  }
  std::vector<double> start;
  if (!model_.base_last) start.assign(margins_.begin(), margins_.end());
  Port raw = builder.add(std::make_shared<plan::Trees>(rows.form, forest_->trees(), forest_,
                                                       nullptr, std::move(start)),
                         rows, Form::Dense, outputs);
  if (!model_.base_last) return raw;
  return builder.add(std::make_shared<plan::Shift32>(margins_), raw, Form::Dense, outputs);
}

base::Result<Port> XgbEstimator::steps(Method method, Builder& builder, const Port& input) const {
  TRY_ASSIGN(Port rows, features(builder, input));
  if (wrapper_.missing) {
    rows =
        builder.add(std::make_shared<plan::MarkMissing>(rows.form, rows.width, *wrapper_.missing),
                    rows, rows.form, rows.width, rows.names);
  }
  if (method == Method::Apply) {
    return builder.add(std::make_shared<plan::Leaves>(rows.form, numbered_), rows, Form::Dense,
                       numbered_->trees());
  }
  TRY_ASSIGN(const Port raw, scores(builder, rows));
  const auto largest = [&](const Port& from) {
    return builder.add(std::make_shared<plan::Link>(LinkKind::ArgMax, from.width), from,
                       Form::Dense, 1);
  };
  const bool softmax = model_.objective == "multi:softmax";
  if (wrapper_.task != XgbTask::Classifier) {
    return softmax ? largest(raw) : link(answer_, builder, raw);
  }
  const Port answer = link(softmax ? Link32Kind::Softmax : answer_, builder, raw);
  if (method == Method::PredictProba) {
    return raw.width == 1 ? link(Link32Kind::Pair, builder, answer) : answer;
  }
  if (raw.width == 1 || is_multilabel()) return link(Link32Kind::Half, builder, answer);
  return largest(answer);
}

}  // namespace boosters
