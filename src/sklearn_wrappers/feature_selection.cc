#include "sklearn_wrappers/feature_selection.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sklearn_values/feature_names.h"
#include "sklearn_values/members.h"
#include "sklearn_wrappers/importances.h"

namespace sklearn {
namespace {

using plan::Builder;
using plan::Method;
using plan::Port;

using Mask = std::vector<bool>;

// Some of the features; and where an estimator was fitted to those (RFE), what it answers.
class Selector final : public Estimator {
 public:
  Selector(const Mask& mask, bool nan_allowed, EstimatorPtr behind)
      : width_(mask.size()), nan_allowed_(nan_allowed), behind_(std::move(behind)) {
    for (std::size_t i = 0; i < mask.size(); ++i) {
      if (mask[i]) kept_.push_back(i);
    }
  }

  bool has(Method method) const override {
    if (method == Method::Transform) return true;
    const bool asked = method == Method::Predict || method == Method::PredictProba ||
                       method == Method::PredictLogProba || method == Method::DecisionFunction;
    return behind_ != nullptr && asked && behind_->has(method);
  }
  std::vector<data::Labels> classes() const override {
    return behind_ == nullptr ? std::vector<data::Labels>() : behind_->classes();
  }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port checked, builder.finite(input, width_, {.nan = nan_allowed_}));
    Port port = checked;
    if (kept_.size() != width_) {
      TRY_ASSIGN(port, builder.select(checked, kept_));
      if (port.names.empty()) port.names = picked(checked.names, kept_);
    }
    return method == Method::Transform ? port : behind_->emit(method, builder, port);
  }

  std::size_t width_;
  std::vector<std::size_t> kept_;
  bool nan_allowed_;
  EstimatorPtr behind_;
};

Made selector(const Mask& mask, bool nan_allowed = false, EstimatorPtr behind = nullptr) {
  return std::make_unique<Selector>(mask, nan_allowed, std::move(behind));
}

// NaN is worse than any score.
std::vector<double> without_nan(std::vector<double> scores) {
  for (double& each : scores) {
    if (std::isnan(each)) each = std::numeric_limits<double>::lowest();
  }
  return scores;
}

Mask best_of(const std::vector<double>& scores, std::size_t count) {
  Mask mask(scores.size());
  const auto order = ascending(without_nan(scores));
  for (std::size_t i = order.size() - std::min(count, order.size()); i < order.size(); ++i) {
    mask[order[i]] = true;
  }
  return mask;
}

// numpy.percentile, linear between two neighbours.
double percentile_of(std::vector<double> values, double percent) {
  std::sort(values.begin(), values.end());
  const double at = static_cast<double>(values.size() - 1) * (percent / 100);
  const auto below = static_cast<std::size_t>(at);
  if (below + 1 >= values.size()) return values.back();
  const double share = at - static_cast<double>(below);
  const double apart = values[below + 1] - values[below];
  return share >= 0.5 ? values[below + 1] - apart * (1 - share) : values[below] + apart * share;
}

Mask best_percent(const std::vector<double>& all, double percent) {
  if (percent >= 100) return Mask(all.size(), true);
  if (!(percent > 0) || all.empty()) return Mask(all.size());
  const auto scores = without_nan(all);
  const double threshold = percentile_of(scores, 100 - percent);
  const auto most = static_cast<std::size_t>(static_cast<double>(scores.size()) * percent / 100);
  Mask mask(scores.size());
  std::size_t kept = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    mask[i] = scores[i] > threshold;
    if (mask[i]) ++kept;
  }
  for (std::size_t i = 0; i < scores.size() && kept < most; ++i) {
    if (scores[i] != threshold) continue;
    mask[i] = true;
    ++kept;
  }
  return mask;
}

Mask below(const std::vector<double>& p, double alpha) {
  Mask mask(p.size());
  for (std::size_t i = 0; i < p.size(); ++i) mask[i] = p[i] < alpha;
  return mask;
}

// The procedure of Benjamini and Hochberg.
Mask false_discovery(const std::vector<double>& p, double alpha) {
  std::vector<double> sorted = p;
  std::sort(sorted.begin(), sorted.end());
  const double share = alpha / static_cast<double>(p.size());
  std::optional<double> most;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (sorted[i] <= share * static_cast<double>(i + 1)) most = sorted[i];
  }
  Mask mask(p.size());
  for (std::size_t i = 0; i < p.size(); ++i) mask[i] = most && p[i] <= *most;
  return mask;
}

base::Result<Mask> best_k(const Object& object, std::string_view attribute) {
  TRY_ASSIGN(const auto scores, object.doubles("scores_"));
  if (const auto k = object.find(attribute); k && k->as_string() == "all") {
    return Mask(scores.size(), true);
  }
  TRY_ASSIGN(const double k, object.number(attribute));
  if (!(k >= 0 && k < 1e9)) return object.unexpected(attribute, "a count", std::to_string(k));
  return best_of(scores, static_cast<std::size_t>(k));
}

base::Result<Mask> by_mode(const Object& object, std::string_view mode,
                           std::string_view parameter) {
  if (mode == "k_best") return best_k(object, parameter);
  TRY_ASSIGN(const double number, object.number(parameter));
  if (mode == "percentile") {
    TRY_ASSIGN(const auto scores, object.doubles("scores_"));
    return best_percent(scores, number);
  }
  TRY_ASSIGN(const auto p, object.doubles("pvalues_"));
  if (mode == "fpr") return below(p, number);
  if (mode == "fdr") return false_discovery(p, number);
  if (mode == "fwe") return below(p, number / static_cast<double>(p.size()));
  return object.unexpected("mode", "percentile, k_best, fpr, fdr or fwe", mode);
}

Made read_by_mode(const Object& object, std::string_view mode, std::string_view parameter) {
  TRY_ASSIGN(const Mask mask, by_mode(object, mode, parameter));
  if (mask.empty()) return object.unexpected("scores_", "at least one score", "none");
  return selector(mask);
}

Made read_k_best(const Object& object, Reader&) { return read_by_mode(object, "k_best", "k"); }
Made read_percentile(const Object& object, Reader&) {
  return read_by_mode(object, "percentile", "percentile");
}
Made read_fpr(const Object& object, Reader&) { return read_by_mode(object, "fpr", "alpha"); }
Made read_fdr(const Object& object, Reader&) { return read_by_mode(object, "fdr", "alpha"); }
Made read_fwe(const Object& object, Reader&) { return read_by_mode(object, "fwe", "alpha"); }
Made read_univariate(const Object& object, Reader&) {
  TRY_ASSIGN(const std::string mode, object.text("mode"));
  return read_by_mode(object, mode, "param");
}

Made read_variance_threshold(const Object& object, Reader&) {
  TRY_ASSIGN(const auto variances, object.doubles("variances_"));
  TRY_ASSIGN(const double threshold, object.number("threshold"));
  Mask mask(variances.size());
  for (std::size_t i = 0; i < mask.size(); ++i) mask[i] = variances[i] > threshold;
  if (mask.empty()) return object.unexpected("variances_", "at least one variance", "none");
  return selector(mask, object.release() >= Release{0, 20});
}

base::Result<Mask> read_support(const Object& object) {
  TRY_ASSIGN(const auto numbers, object.doubles("support_"));
  Mask mask;
  for (const double each : numbers) mask.push_back(each != 0);
  if (mask.empty()) return object.unexpected("support_", "at least one feature", "none");
  return mask;
}

// RFE and RFECV answer as what they were fitted with does.
Made read_rfe(const Object& object, Reader& reader) {
  TRY_ASSIGN(const Mask mask, read_support(object));
  TRY_ASSIGN(const auto value, object.get("estimator_"));
  TRY_ASSIGN(const Object inner, Object::of(value, object.release()));
  EstimatorPtr behind = reader.read(value, "estimator_");
  if (behind == nullptr) return unread();
  return selector(mask, takes_missing(inner), std::move(behind));
}

Made read_sequential(const Object& object, Reader&) {
  TRY_ASSIGN(const Mask mask, read_support(object));
  TRY_ASSIGN(const auto value, object.get("estimator"));
  TRY_ASSIGN(const Object inner, Object::of(value, object.release()));
  return selector(mask, takes_missing(inner));
}

// "1.25*mean", "median", a number, or what suits the estimator.
base::Result<double> read_threshold(const Object& object, const Object& inner,
                                    const Importances& scores) {
  std::string rule = has_l1_penalty(inner) ? "" : "mean";
  if (const auto given = object.find("threshold")) {
    if (!given->as_string()) return object.number("threshold");
    rule = *given->as_string();
  } else if (rule.empty()) {
    return 1e-5;
  }
  double scale = 1;
  if (const std::size_t star = rule.find('*'); star != std::string::npos) {
    const auto number = parse_scale(rule.substr(0, star));
    if (!number) return object.unexpected("threshold", "a number before the star", rule);
    scale = *number;
    rule = rule.substr(star + 1);
  }
  std::erase(rule, ' ');
  if (rule == "mean") return scale * mean_of(scores);
  if (rule == "median") return scale * median_of(scores);
  return object.unexpected("threshold", "mean or median", rule);
}

Made read_from_model(const Object& object, Reader&) {
  const char* attribute = object.has("estimator_") ? "estimator_" : "estimator";
  TRY_ASSIGN(const auto value, object.get(attribute));
  TRY_ASSIGN(const Object inner, Object::of(value, object.release()));
  TRY_ASSIGN(const std::string getter, object.text_or("importance_getter", "auto"));
  double order = 1;
  if (object.has("norm_order")) {
    TRY_ASSIGN(order, object.number("norm_order"));
  }
  TRY_ASSIGN(const Importances importances, read_importances(inner, getter, order));
  const std::vector<double>& scores = importances.values;
  if (scores.empty()) return object.unexpected(attribute, "at least one feature", "none");
  TRY_ASSIGN(double threshold, read_threshold(object, inner, importances));
  if (importances.single) threshold = static_cast<double>(static_cast<float>(threshold));
  Mask mask(scores.size(), true);
  const char* most = object.has("max_features_") ? "max_features_" : "max_features";
  if (object.has("max_features")) {
    TRY_ASSIGN(const double count, object.number(most));
    if (!(count >= 0 && count < 1e9)) {
      return object.unexpected(most, "a count", std::to_string(count));
    }
    mask = best_by_importance(scores, static_cast<std::size_t>(count));
  }
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if (scores[i] < threshold) mask[i] = false;
  }
  return selector(mask, takes_missing(inner));
}

constexpr Entry kFeatureSelection[] = {
    {"sklearn.feature_selection", "GenericUnivariateSelect", read_univariate},
    {"sklearn.feature_selection", "RFE", read_rfe},
    {"sklearn.feature_selection", "RFECV", read_rfe},
    {"sklearn.feature_selection", "SelectFdr", read_fdr},
    {"sklearn.feature_selection", "SelectFpr", read_fpr},
    {"sklearn.feature_selection", "SelectFromModel", read_from_model},
    {"sklearn.feature_selection", "SelectFwe", read_fwe},
    {"sklearn.feature_selection", "SelectKBest", read_k_best},
    {"sklearn.feature_selection", "SelectPercentile", read_percentile},
    {"sklearn.feature_selection", "SequentialFeatureSelector", read_sequential},
    {"sklearn.feature_selection", "VarianceThreshold", read_variance_threshold},
};

}  // namespace

std::span<const Entry> feature_selection_entries() { return kFeatureSelection; }

}  // namespace sklearn
