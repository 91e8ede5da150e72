#include "sklearn_preparation/impute.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "plan_preparation/impute.h"
#include "sklearn_preparation/scalers.h"
#include "sklearn_values/feature_names.h"
#include "sklearn_values/missing.h"

namespace sklearn {
namespace {

using pickle::Value;
using plan::Builder;
using plan::Form;
using plan::ImputeCells;
using plan::Method;
using plan::Port;

using Positions = std::vector<std::size_t>;

class NumberImputer final : public Estimator {
 public:
  struct Fitted {
    Missing missing;
    plan::Allowed allowed;
    bool checked = true;  // The old Imputer takes infinity too.
    std::vector<double> fill;
    Positions kept;
    Positions indicated;
  };
  explicit NumberImputer(Fitted fitted) : fitted_(std::move(fitted)) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(Port port, builder.dense(input, fitted_.fill.size()));
    if (fitted_.checked) {
      TRY_ASSIGN(port, builder.finite(port, fitted_.fill.size(), fitted_.allowed));
    }
    const Port filled = builder.add(
        std::make_shared<plan::ImputeNumbers>(fitted_.missing.number, fitted_.fill, fitted_.kept),
        port, Form::Dense, fitted_.kept.size(), picked(port.names, fitted_.kept));
    return with_indicators(builder, filled, port, fitted_.missing, fitted_.indicated);
  }

  Fitted fitted_;
};

// A frame of numbers and texts. A column without a statistic had no value when it was fitted, and
// is dropped.
class CellImputer final : public Estimator {
 public:
  using Fills = std::vector<std::optional<ImputeCells::Fill>>;
  CellImputer(Missing missing, Fills fills, Positions indicated)
      : missing_(std::move(missing)), fills_(std::move(fills)), indicated_(std::move(indicated)) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port whole, builder.declare(input, fills_.size()));
    std::vector<ImputeCells::Fill> fill;
    Positions kept;
    std::vector<data::ColumnType> types;
    for (std::size_t c = 0; c < fills_.size(); ++c) {
      if (!fills_[c]) continue;
      kept.push_back(c);
      fill.push_back(*fills_[c]);
      types.push_back(type(c));
    }
    Port taken = whole;
    if (kept.size() < fills_.size()) {
      TRY_ASSIGN(taken, builder.select(whole, kept));
    }
    TRY_ASSIGN(const Port cells, builder.cells(taken, types));
    const Port filled =
        builder.add_cells(std::make_shared<ImputeCells>(missing_.number, missing_.text, fill),
                          cells, types, cells.names, cells.kinds);
    if (indicated_.empty()) return filled;
    TRY_ASSIGN(Port came, indicated_cells(builder, whole));
    if (came.names.empty()) came.names = picked(names_of(whole), indicated_);
    Positions all;
    for (std::size_t k = 0; k < indicated_.size(); ++k) all.push_back(k);
    return with_indicators(builder, filled, came, missing_, all);
  }

  base::Result<Port> indicated_cells(Builder& builder, const Port& whole) const {
    std::vector<data::ColumnType> types;
    for (const std::size_t c : indicated_) types.push_back(type(c));
    TRY_ASSIGN(const Port taken, builder.select(whole, indicated_));
    return builder.cells(taken, types);
  }

  data::ColumnType type(std::size_t c) const {
    return fills_[c] && std::holds_alternative<double>(*fills_[c]) ? data::ColumnType::Number
                                                                   : data::ColumnType::Text;
  }

  Missing missing_;
  Fills fills_;
  Positions indicated_;
};

// Where values are missing, for some features or all.
class MissingIndicator final : public Estimator {
 public:
  struct Fitted {
    Missing missing;
    std::size_t width = 0;
    Positions features;
    Positions whole;  // Those that may not be missing.
  };
  explicit MissingIndicator(Fitted fitted) : fitted_(std::move(fitted)) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    const std::size_t outputs = fitted_.features.size();
    if (fitted_.missing.text) {
      const std::vector<data::ColumnType> types(fitted_.width, data::ColumnType::Text);
      TRY_ASSIGN(const Port port, builder.cells(input, types));
      return builder.add(std::make_shared<plan::IndicateCells>(
                             fitted_.missing.number, fitted_.missing.text, fitted_.features),
                         port, Form::Dense, outputs, indicator_names(port, fitted_.features));
    }
    TRY_ASSIGN(const Port spread, builder.dense(input, fitted_.width));
    TRY_ASSIGN(const Port port, builder.finite(spread, fitted_.width, fitted_.missing.allowed()));
    return builder.add(std::make_shared<plan::Indicate>(fitted_.missing.number, fitted_.features,
                                                        fitted_.whole, port.names),
                       port, Form::Dense, outputs, indicator_names(port, fitted_.features));
  }

  Fitted fitted_;
};

Made make_number_imputer(const Object& object, const Missing& missing, std::vector<double> fill) {
  if (missing.text) {
    return object.unexpected("missing_values", "NaN or a number", *missing.text);
  }
  TRY_ASSIGN(const std::string strategy, object.text_or("strategy", "mean"));
  TRY_ASSIGN(const bool keep_empty, object.flag_or("keep_empty_features", false));
  // A feature without a statistic was missing in every row of the training data. Up to 1.7 a
  // constant filled it all the same.
  const bool keep_all = keep_empty || (strategy == "constant" && object.release() < Release{1, 8});
  NumberImputer::Fitted fitted{.missing = missing, .allowed = missing.allowed()};
  fitted.checked = object.class_name() != "Imputer";
  for (std::size_t c = 0; c < fill.size(); ++c) {
    if (keep_all || !std::isnan(fill[c])) fitted.kept.push_back(c);
  }
  TRY_ASSIGN(fitted.indicated, read_indicated(object, fill.size()));
  fitted.fill = std::move(fill);
  return std::make_unique<NumberImputer>(std::move(fitted));
}

Made read_simple_imputer(const Object& object, Reader&) {
  TRY_ASSIGN(const Missing missing, read_missing(object));
  if (object.has("axis")) {
    TRY_ASSIGN(const auto axis, object.integer("axis"));
    if (axis != 0) return object.unsupported("axis", "0", std::to_string(axis));
  }
  TRY_ASSIGN(const Value statistics, object.get("statistics_"));
  if (auto numbers = doubles_of(statistics); numbers.ok()) {
    return make_number_imputer(object, missing, *std::move(numbers));
  }
  TRY_ASSIGN(const auto items, object.list("statistics_"));
  TRY_ASSIGN(auto indicated, read_indicated(object, items.size()));
  CellImputer::Fills fills;
  for (const Value item : items) {
    const auto number = item.as_float();
    if (const auto text = item.as_string()) {
      fills.emplace_back(std::string(*text));
    } else if (number && std::isnan(*number)) {
      fills.emplace_back(std::nullopt);
    } else if (number) {
      fills.emplace_back(*number);
    } else {
      return object.unsupported("statistics_", "a text or a number for each column",
                                describe(item));
    }
  }
  return std::make_unique<CellImputer>(missing, std::move(fills), std::move(indicated));
}

Made read_missing_indicator(const Object& object, Reader&) {
  MissingIndicator::Fitted fitted;
  TRY_ASSIGN(fitted.missing, read_missing(object));
  TRY_ASSIGN(const auto width, object.integer("_n_features"));
  TRY_ASSIGN(const auto features, object.integers("features_"));
  if (width < 0 || width > static_cast<std::int64_t>(Builder::kInputColumnsMax)) {
    return object.unexpected("_n_features", "a number of columns", std::to_string(width));
  }
  fitted.width = static_cast<std::size_t>(width);
  std::vector<bool> listed(fitted.width, false);
  for (const std::int64_t feature : features) {
    if (feature < 0 || feature >= width) {
      return object.unexpected("features_", fmt::format("positions below {}", width),
                               std::to_string(feature));
    }
    fitted.features.push_back(static_cast<std::size_t>(feature));
    listed[fitted.features.back()] = true;
  }
  TRY_ASSIGN(const std::string which, object.text_or("features", "missing-only"));
  TRY_ASSIGN(const bool error_on_new, object.flag_or("error_on_new", true));
  for (std::size_t c = 0; c < fitted.width; ++c) {
    if (which == "missing-only" && error_on_new && !listed[c]) fitted.whole.push_back(c);
  }
  return std::make_unique<MissingIndicator>(std::move(fitted));
}

constexpr Entry kImpute[] = {
    {"sklearn.impute", "MissingIndicator", read_missing_indicator},
    {"sklearn.impute", "SimpleImputer", read_simple_imputer},
    {"sklearn.preprocessing", "Imputer", read_simple_imputer},
};

}  // namespace

std::span<const Entry> impute_entries() { return kImpute; }

}  // namespace sklearn
