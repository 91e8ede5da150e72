#include "boosters/xgboost.h"

#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/text.h"
#include "boosters/xgboost_booster.h"

namespace boosters {
namespace {

using base::Code;
using base::Error;
using fitted::Entry;
using fitted::Made;
using fitted::Object;
using fitted::Reader;
using forest::XgbLimit;
using forest::XgbModel;
using pickle::Value;

// The model, as the library wrote it into memory.
base::Result<std::string_view> xgb_handle(const Object& booster) {
  TRY_ASSIGN(const Value handle, booster.get("handle"));
  if (const auto bytes = handle.as_bytes()) return base::as_text(*bytes);
  return booster.unexpected("handle", "the model as bytes", handle);
}

base::Result<Object> xgb_booster_of(const Object& wrapper) {
  TRY_ASSIGN(const Value value, wrapper.get("_Booster"));
  if (value.is_none()) return wrapper.unexpected("_Booster", "a fitted booster", "None");
  return Object::of(value, wrapper.release());
}

// Names and types of features, which pickles before 1.4 hold beside the model.
base::Result<void> read_names_beside(const Object& booster, XgbModel& model) {
  if (!model.feature_names.empty() || !booster.has("feature_names")) return {};
  TRY_ASSIGN(auto names, booster.texts("feature_names"));
  if (names.size() != model.ensemble.features) {
    return booster.unexpected("feature_names", fmt::format("{} of them", model.ensemble.features),
                              std::to_string(names.size()));
  }
  model.feature_names = std::move(names);
  return {};
}

base::Result<XgbModel> read_xgb_model(const Object& booster) {
  TRY_ASSIGN(const std::string_view bytes, xgb_handle(booster));
  auto model = forest::parse_xgboost(bytes);
  if (!model.ok()) return std::move(model).error().within(booster.title());
  TRY(read_names_beside(booster, *model));
  return model;
}

// Early stopping: a wrapper answers with the iterations up to the best.
base::Result<XgbLimit> read_best(const Object& wrapper, const XgbModel& model) {
  XgbLimit limit;
  const bool model_says = model.major > 1 || (model.major == 1 && model.minor >= 4);
  if (model_says) {
    const auto best = model.attribute("best_iteration");
    const auto number = best ? base::parse_double(*best) : std::nullopt;
    if (number && *number >= 0 && *number < 1e9) {
      limit.iterations_max = static_cast<std::size_t>(*number) + 1;
    }
  } else if (wrapper.has("best_ntree_limit")) {
    TRY_ASSIGN(const auto trees, wrapper.integer("best_ntree_limit"));
    if (trees > 0) limit.trees_max = static_cast<std::size_t>(trees);
  }
  return limit;
}

base::Result<std::optional<double>> read_missing(const Object& wrapper) {
  if (!wrapper.has("missing")) return std::optional<double>();
  TRY_ASSIGN(const double missing, wrapper.number("missing"));
  return std::isnan(missing) ? std::optional<double>() : std::optional<double>(missing);
}

// Up to 1.5 a wrapper took classes of any kind and kept them; later there are 0, 1, ... alone.
base::Result<data::Labels> read_xgb_classes(const Object& wrapper, const XgbModel& model) {
  std::int64_t count = static_cast<std::int64_t>(std::max<std::size_t>(model.classes, 2));
  if (wrapper.has("n_classes_")) {
    TRY_ASSIGN(count, wrapper.integer("n_classes_"));
  }
  const auto expected = model.classes > 1 ? static_cast<std::int64_t>(model.classes) : 2;
  if (count != expected && !(count == 1 && expected == 2)) {
    return wrapper.unexpected("n_classes_", std::to_string(expected), std::to_string(count));
  }
  count = expected;
  if (wrapper.has("_le")) {
    TRY_ASSIGN(const Value value, wrapper.get("_le"));
    TRY_ASSIGN(const Object encoder, Object::of(value, wrapper.release()));
    TRY_ASSIGN(data::Labels labels, encoder.labels("classes_"));
    if (static_cast<std::int64_t>(data::label_count(labels)) != count) {
      return wrapper.unexpected("_le", fmt::format("{} classes", count),
                                std::to_string(data::label_count(labels)));
    }
    return labels;
  }
  // XGBoost answers several labels of a row in floating point.
  if (model.classes <= 1 && model.ensemble.outputs > 1) {
    return data::Labels(std::vector<double>{0, 1});
  }
  std::vector<std::int64_t> labels;
  for (std::int64_t i = 0; i < count; ++i) labels.push_back(i);
  return data::Labels(std::move(labels));
}

Made read_xgb_wrapper(const Object& object, XgbTask task) {
  TRY_ASSIGN(const Object booster, xgb_booster_of(object));
  TRY_ASSIGN(XgbModel model, read_xgb_model(booster));
  XgbWrapper wrapper{.task = task};
  TRY_ASSIGN(wrapper.limit, read_best(object, model));
  TRY_ASSIGN(wrapper.missing, read_missing(object));
  if (task == XgbTask::Classifier) {
    TRY_ASSIGN(wrapper.classes, read_xgb_classes(object, model));
  }
  auto made = XgbEstimator::make(std::move(model), std::move(wrapper));
  if (!made.ok()) return std::move(made).error().within(object.title());
  return std::unique_ptr<fitted::Estimator>(*std::move(made));
}

Made read_xgb_classifier(const Object& object, Reader& /*reader*/) {
  return read_xgb_wrapper(object, XgbTask::Classifier);
}

Made read_xgb_regressor(const Object& object, Reader& /*reader*/) {
  return read_xgb_wrapper(object, XgbTask::Regressor);
}

Made read_xgb_ranker(const Object& object, Reader& /*reader*/) {
  return read_xgb_wrapper(object, XgbTask::Ranker);
}

Made read_xgb_booster(const Object& object, Reader& /*reader*/) {
  TRY_ASSIGN(XgbModel model, read_xgb_model(object));
  auto made = XgbEstimator::make(std::move(model), {});
  if (!made.ok()) return std::move(made).error().within(object.title());
  return std::unique_ptr<fitted::Estimator>(*std::move(made));
}

constexpr Entry kXgboost[] = {
    {"xgboost", "Booster", read_xgb_booster},
    {"xgboost", "XGBClassifier", read_xgb_classifier},
    {"xgboost", "XGBModel", read_xgb_regressor},
    {"xgboost", "XGBRFClassifier", read_xgb_classifier},
    {"xgboost", "XGBRFRegressor", read_xgb_regressor},
    {"xgboost", "XGBRanker", read_xgb_ranker},
    {"xgboost", "XGBRegressor", read_xgb_regressor},
};

}  // namespace

std::span<const Entry> xgboost_entries() { return kXgboost; }

base::Result<ModelFile> read_xgb_file(std::string_view bytes) {
  TRY_ASSIGN(XgbModel model, forest::parse_xgboost(bytes));
  ModelFile file;
  file.written_by = model.major > 0 ? fmt::format("XGBoost {}.{}", model.major, model.minor)
                                    : "XGBoost before 1.0";
  TRY_ASSIGN(auto made, XgbEstimator::make(std::move(model), {}));
  made->set_title("xgboost.Booster");
  file.estimator = std::move(made);
  return file;
}

}  // namespace boosters
