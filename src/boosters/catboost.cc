#include "boosters/catboost.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/number.h"
#include "base/text.h"
#include "boosters/category_columns.h"
#include "forest/catboost.h"
#include "forest/traversal.h"
#include "plan_preparation/affine.h"
#include "plan_scores/link.h"
#include "plan_scores/logarithm.h"
#include "plan_trees/trees.h"

namespace boosters {
namespace {

using base::Code;
using base::Error;
using fitted::Entry;
using fitted::Made;
using fitted::Object;
using fitted::Reader;
using forest::CatModel;
using plan::Builder;
using plan::Form;
using plan::Link;
using plan::LinkKind;
using plan::Method;
using plan::Port;

// What CatBoost's classes answer in.
enum class CatTask : std::uint8_t {
  Raw,         // CatBoost, CatBoostRanker: the raw score.
  Regressor,   // The raw score, or its exp.
  Classifier,  // Classes and probabilities.
};

// Its scores are the mean and the logarithm of the deviation, its answer the mean and the variance.
constexpr std::string_view kUncertainLoss = "RMSEWithUncertainty";

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_multilabel_loss(std::string_view loss) {
  return is_one_of(loss, {"MultiLogloss", "MultiCrossEntropy"});
}

bool is_class_loss(std::string_view loss) {
  return is_one_of(loss,
                   {"Logloss", "CrossEntropy", "Focal", "MultiClass", "MultiClassOneVsAll"}) ||
         is_multilabel_loss(loss);
}

base::Result<data::Labels> cat_labels(const CatModel& model, std::size_t count) {
  data::Labels labels;
  if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&model.classes)) {
    labels = *integers;
    if (model.boolean_classes) {
      std::vector<bool> booleans;
      for (const std::int64_t each : *integers) booleans.push_back(each != 0);
      labels = std::move(booleans);
    }
  } else if (const auto* numbers = std::get_if<std::vector<double>>(&model.classes)) {
    labels = *numbers;
  } else if (const auto* texts = std::get_if<std::vector<std::string>>(&model.classes)) {
    labels = *texts;
  } else {
    std::vector<std::int64_t> numbered(count);
    std::iota(numbered.begin(), numbered.end(), std::int64_t{0});
    return data::Labels(std::move(numbered));
  }
  if (data::label_count(labels) == count) return labels;
  return Error(Code::Corrupt,
               fmt::format("classes: expected {}, got {}", count, data::label_count(labels)));
}

// The raw score from which on a row is of the second class.
double cat_threshold(const CatModel& model) {
  for (const auto& [key, value] : model.info) {
    if (key != "binclass_probability_threshold") continue;
    const double share = base::parse_double(value).value_or(0.5);
    return -std::log(1 / share - 1);
  }
  return 0;
}

class CatEstimator final : public fitted::Estimator {
 public:
  static base::Result<std::unique_ptr<CatEstimator>> make(CatModel model, CatTask task) {
    auto made = std::unique_ptr<CatEstimator>(new CatEstimator());
    made->task_ = task;
    if (task == CatTask::Classifier) TRY(made->set_classes(model));
    TRY_ASSIGN(forest::Forest forest, forest::Forest::make(model.ensemble));
    made->forest_ = std::make_shared<forest::Forest>(std::move(forest));
    model.ensemble.trees = {};
    model.ensemble.bits = {};
    made->model_ = std::make_shared<CatModel>(std::move(model));
    return made;
  }

  bool has(Method method) const override {
    if (method == Method::Predict) return true;
    return task_ == CatTask::Classifier &&
           (method == Method::PredictProba || method == Method::PredictLogProba);
  }
  std::vector<data::Labels> classes() const override {
    if (task_ != CatTask::Classifier) return {};
    return std::vector<data::Labels>(multilabel_ ? model_->ensemble.outputs : 1, labels_);
  }

 private:
  CatEstimator() = default;

  base::Result<void> set_classes(const CatModel& model) {
    multilabel_ = is_multilabel_loss(model.loss);
    const std::size_t outputs = model.ensemble.outputs;
    if (multilabel_) {
      labels_ = std::vector<std::int64_t>{0, 1};
      return {};
    }
    TRY_ASSIGN(labels_, cat_labels(model, outputs == 1 ? 2 : outputs));
    return {};
  }

  base::Result<Port> features(Builder& builder, const Port& from) const {
    TRY_ASSIGN(const Port input, model_->names.empty() ? builder.declare(from, model_->columns)
                                                       : builder.declare(from, model_->names));
    if (model_->category_columns.empty()) {
      TRY_ASSIGN(const Port rows, builder.dense(input, model_->columns));
      return in_order() ? rows : builder.select(rows, model_->float_columns);
    }
    std::vector<data::ColumnType> types(model_->columns, data::ColumnType::Number);
    for (const std::size_t column : model_->category_columns) {
      types[column] = data::ColumnType::Text;
    }
    TRY_ASSIGN(const Port cells, builder.cells(input, types));
    return builder.add(std::make_shared<CategoryColumns>(model_), cells, Form::Dense,
                       model_->ensemble.features);
  }

  // Whether all columns are float features as they stand.
  bool in_order() const {
    for (std::size_t i = 0; i < model_->float_columns.size(); ++i) {
      if (model_->float_columns[i] != i) return false;
    }
    return model_->float_columns.size() == model_->columns;
  }

  base::Result<Port> scores(Builder& builder, const Port& input) const {
    TRY_ASSIGN(const Port rows, features(builder, input));
    const std::size_t width = model_->ensemble.outputs;
    Port port =
        builder.add(std::make_shared<plan::Trees>(rows.form, forest_->trees(), forest_, nullptr),
                    rows, Form::Dense, width);
    const bool plain =
        model_->scale == 1 && std::all_of(model_->biases.begin(), model_->biases.end(),
                                          [](double bias) { return bias == 0; });
    if (plain) return port;
    return builder.add(std::make_shared<plan::Affine>(model_->scale, model_->biases), port,
                       Form::Dense, width);
  }

  Port link(LinkKind kind, Builder& builder, const Port& from) const {
    auto step = std::make_shared<Link>(kind, from.width);
    const std::size_t width = step->outputs();
    return builder.add(std::move(step), from, Form::Dense, width);
  }

  // The class of a raw score.
  base::Result<Port> class_of(Builder& builder, const Port& raw) const {
    if (raw.width > 1 && !multilabel_) return link(LinkKind::ArgMax, builder, raw);
    const double threshold = cat_threshold(*model_);
    Port shifted = raw;
    if (threshold != 0) {
      shifted = builder.add(
          std::make_shared<plan::Affine>(1.0, std::vector<double>(raw.width, -threshold)), raw,
          Form::Dense, raw.width);
    }
    if (raw.width == 1) return link(LinkKind::AboveZero, builder, shifted);
    std::vector<Port> columns;
    for (std::size_t k = 0; k < raw.width; ++k) {
      TRY_ASSIGN(const Port column, builder.select(shifted, std::span<const std::size_t>(&k, 1)));
      columns.push_back(link(LinkKind::AboveZero, builder, column));
    }
    return builder.hstack(columns);
  }

  // Of the mean and the logarithm of the deviation.
  base::Result<Port> mean_and_variance(Builder& builder, const Port& raw) const {
    static constexpr std::size_t kMean = 0;
    static constexpr std::size_t kDeviation = 1;
    TRY_ASSIGN(const Port mean, builder.select(raw, std::span(&kMean, 1)));
    TRY_ASSIGN(Port deviation, builder.select(raw, std::span(&kDeviation, 1)));
    deviation = builder.add(std::make_shared<plan::Affine>(2.0, std::vector<double>{0.0}),
                            deviation, Form::Dense, 1);
    const Port parts[] = {mean, link(LinkKind::Exp, builder, deviation)};
    return builder.hstack(parts);
  }

  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port raw, scores(builder, input));
    if (task_ == CatTask::Raw) return raw;
    if (task_ == CatTask::Regressor && model_->loss == kUncertainLoss && raw.width == 2) {
      return mean_and_variance(builder, raw);
    }
    if (task_ == CatTask::Regressor) {
      const bool power = is_one_of(model_->loss, {"Poisson", "Tweedie"});
      return power ? link(LinkKind::Exp, builder, raw) : raw;
    }
    if (method == Method::Predict) return class_of(builder, raw);
    const bool each = multilabel_ || model_->loss == "MultiClassOneVsAll";
    const Port chances = raw.width == 1
                             ? link(LinkKind::SigmoidPair, builder, raw)
                             : link(each ? LinkKind::Expit : LinkKind::Softmax, builder, raw);
    if (method == Method::PredictProba) return chances;
    return builder.add(std::make_shared<plan::Logarithm>(chances.width), chances, Form::Dense,
                       chances.width);
  }

  CatTask task_ = CatTask::Raw;
  bool multilabel_ = false;
  data::Labels labels_;
  std::shared_ptr<const CatModel> model_;  // Without the trees.
  std::shared_ptr<const forest::Forest> forest_;
};

Made read_cat_object(const Object& object, CatTask task) {
  TRY_ASSIGN(const pickle::Value value, object.get("__model"));
  const auto bytes = value.as_bytes();
  if (!bytes) return object.unexpected("__model", "a model as bytes", value);
  auto model = forest::parse_catboost(base::as_text(*bytes));
  if (!model.ok()) return std::move(model).error().within(object.title());
  auto made = CatEstimator::make(*std::move(model), task);
  if (!made.ok()) return std::move(made).error().within(object.title());
  return std::unique_ptr<fitted::Estimator>(*std::move(made));
}

Made read_cat_classifier(const Object& object, Reader& /*reader*/) {
  return read_cat_object(object, CatTask::Classifier);
}

Made read_cat_regressor(const Object& object, Reader& /*reader*/) {
  return read_cat_object(object, CatTask::Regressor);
}

Made read_cat_raw(const Object& object, Reader& /*reader*/) {
  return read_cat_object(object, CatTask::Raw);
}

constexpr Entry kCatboost[] = {
    {"catboost", "CatBoost", read_cat_raw},
    {"catboost", "CatBoostClassifier", read_cat_classifier},
    {"catboost", "CatBoostRanker", read_cat_raw},
    {"catboost", "CatBoostRegressor", read_cat_regressor},
};

// "CatBoost 1.2.10" of what the file says of its build.
std::string cat_version(const CatModel& model) {
  for (const auto& [key, value] : model.info) {
    if (key != "catboost_version_info") continue;
    const std::string_view text = value;
    const std::size_t at = text.find("tags/v");
    if (at == std::string_view::npos) break;
    const std::string_view rest = text.substr(at + 6, 24);
    return fmt::format("CatBoost {}", rest.substr(0, rest.find_first_not_of("0123456789.")));
  }
  return "CatBoost";
}

}  // namespace

std::span<const Entry> catboost_entries() { return kCatboost; }

base::Result<ModelFile> read_cbm_file(std::string_view bytes) {
  TRY_ASSIGN(CatModel model, forest::parse_catboost(bytes));
  ModelFile file;
  file.written_by = cat_version(model);
  const CatTask task = is_class_loss(model.loss) ? CatTask::Classifier : CatTask::Regressor;
  TRY_ASSIGN(auto made, CatEstimator::make(std::move(model), task));
  made->set_title(task == CatTask::Classifier ? "catboost.CatBoostClassifier"
                                              : "catboost.CatBoostRegressor");
  file.estimator = std::move(made);
  return file;
}

}  // namespace boosters
