#include "boosters/xgboost_importances.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/number.h"
#include "forest/xgboost.h"
#include "plan_dense/pairwise_sum.h"

namespace boosters {
namespace {

using fitted::Object;
using forest::XgbModel;
using forest::XgbSplit;

// A model says how many features it has, and need not hold something for each.
constexpr std::size_t kXgbFeaturesMax = std::size_t{1} << 24U;

enum class Counted : std::uint8_t { Splits, Gain, Cover };

// What importance_type says.
struct ImportanceType {
  Counted counted = Counted::Gain;
  bool mean = true;  // Of a feature's splits, else the sum.
};

bool is_model_since(const XgbModel& model, int major, int minor) {
  return model.major > major || (model.major == major && model.minor >= minor);
}

base::Result<XgbModel> model_with_splits(const Object& wrapper) {
  TRY_ASSIGN(const pickle::Value value, wrapper.get("_Booster"));
  TRY_ASSIGN(const Object booster, Object::of(value, wrapper.release()));
  TRY_ASSIGN(const pickle::Value handle, booster.get("handle"));
  const auto bytes = handle.as_bytes();
  if (!bytes) return booster.unexpected("handle", "the model as bytes", handle);
  auto model = forest::parse_xgboost(base::as_text(*bytes), true);
  if (!model.ok()) return std::move(model).error().within(booster.title());
  return model;
}

base::Result<ImportanceType> importance_type_of(const Object& wrapper) {
  TRY_ASSIGN(const std::string type, wrapper.text_or("importance_type", "gain"));
  if (type == "weight") return ImportanceType{.counted = Counted::Splits, .mean = false};
  if (type == "gain") return ImportanceType{};
  if (type == "cover") return ImportanceType{.counted = Counted::Cover};
  if (type == "total_gain") return ImportanceType{.counted = Counted::Gain, .mean = false};
  if (type == "total_cover") return ImportanceType{.counted = Counted::Cover, .mean = false};
  return wrapper.unsupported("importance_type", "weight, gain, cover, total_gain or total_cover",
                             type);
}

// A number as it is read from a text of nine digits.
double through_text(float number) {
  const std::string text = fmt::format("{:.9g}", static_cast<double>(number));
  return base::parse_double(text).value_or(static_cast<double>(number));
}

// Sums in single precision since 1.5, until then in Python's of the trees' texts, which write
// decisions by category in another way than features are called.
class SplitSums {
 public:
  explicit SplitSums(const XgbModel& model)
      : by_text_(!is_model_since(model, 1, 5)),
        counts_(model.ensemble.features),
        sums_(model.ensemble.features),
        texts_(by_text_ ? model.ensemble.features : 0) {}

  void add(const XgbSplit& split, Counted counted) {
    if (by_text_ && split.categorical) return;
    ++counts_[split.feature];
    if (counted == Counted::Splits) return;
    const float number = counted == Counted::Gain ? split.gain : split.cover;
    if (by_text_) {
      texts_[split.feature] += through_text(number);
    } else {
      sums_[split.feature] += number;
    }
  }

  std::vector<float> scores(ImportanceType type) const {
    std::vector<float> out(counts_.size());
    for (std::size_t i = 0; i < out.size(); ++i) {
      const auto count = static_cast<float>(counts_[i]);
      if (counts_[i] == 0) continue;
      if (type.counted == Counted::Splits) {
        out[i] = count;
      } else if (by_text_) {
        out[i] =
            static_cast<float>(type.mean ? texts_[i] / static_cast<double>(counts_[i]) : texts_[i]);
      } else {
        out[i] = type.mean ? sums_[i] / count : sums_[i];
      }
    }
    return out;
  }

 private:
  bool by_text_;
  std::vector<std::uint64_t> counts_;
  std::vector<float> sums_;
  std::vector<double> texts_;
};

XgbImportances shares_of(const std::vector<float>& scores, const XgbModel& model) {
  const float sum = plan::pairwise_sum(scores.data(), scores.size());
  // Until 1.3 nothing of nothing was no number.
  const bool as_they_are = sum == 0 && is_model_since(model, 1, 4);
  XgbImportances importances{.single = true};
  for (const float each : scores) {
    importances.values.push_back(static_cast<double>(as_they_are ? each : each / sum));
  }
  return importances;
}

// Weights of a linear booster: for each feature one for each output, the biases behind them.
base::Result<XgbImportances> coefficients_of(const Object& wrapper, const XgbModel& model) {
  const std::size_t features = model.ensemble.features;
  const std::size_t outputs = model.ensemble.outputs;
  if (outputs > 1 && model.classes != outputs) {
    return wrapper.unsupported("coef_", "one output, or classes",
                               fmt::format("{} outputs", outputs));
  }
  XgbImportances coefficients{.rows = outputs};
  for (std::size_t i = 0; i < features * outputs; ++i) {
    coefficients.values.push_back(through_text(model.linear[i]));
  }
  return coefficients;
}

base::Result<XgbImportances> linear_importances(const Object& wrapper, const XgbModel& model) {
  const std::size_t features = model.ensemble.features;
  if (!is_model_since(model, 1, 5) || model.ensemble.outputs > 1) {
    return wrapper.unsupported("feature_importances_",
                               "trees, or a linear booster of one output since XGBoost 1.5",
                               model.booster);
  }
  TRY_ASSIGN(const std::string type, wrapper.text_or("importance_type", "weight"));
  if (type != "weight") return wrapper.unsupported("importance_type", "weight", type);
  const std::vector<float> weights(model.linear.begin(),
                                   model.linear.begin() + static_cast<std::ptrdiff_t>(features));
  return shares_of(weights, model);
}

}  // namespace

base::Result<XgbImportances> xgboost_importances(const Object& wrapper, std::string_view getter) {
  TRY_ASSIGN(const XgbModel model, model_with_splits(wrapper));
  if (model.ensemble.features > kXgbFeaturesMax) {
    return wrapper.unsupported("_Booster", fmt::format("at most {} features", kXgbFeaturesMax),
                               std::to_string(model.ensemble.features));
  }
  if (model.booster == "gblinear") {
    // Where there are both, scikit-learn before 0.24 took these.
    const bool both = is_model_since(model, 1, 5) && getter == "auto";
    if (both && wrapper.release() < fitted::Release{0, 24}) {
      return linear_importances(wrapper, model);
    }
    return getter == "feature_importances_" ? linear_importances(wrapper, model)
                                            : coefficients_of(wrapper, model);
  }
  if (getter == "coef_") return wrapper.unsupported("coef_", "a linear booster", model.booster);
  TRY_ASSIGN(const ImportanceType type, importance_type_of(wrapper));
  SplitSums sums(model);
  for (const XgbSplit& each : model.splits) sums.add(each, type.counted);
  return shares_of(sums.scores(type), model);
}

bool xgboost_says_missing(const Object& wrapper) {
  const auto model = model_with_splits(wrapper);
  return model.ok() && is_model_since(*model, 1, 2);
}

}  // namespace boosters
