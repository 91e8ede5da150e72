#include "sklearn/impute.h"

#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "plan/impute.h"

namespace sklearn {
namespace {

using pickle::Value;
using plan::Builder;
using plan::Form;
using plan::ImputeCells;
using plan::Method;
using plan::MissingNumber;
using plan::Port;

// The attribute missing_values: NaN (also as the old Imputer's "NaN" and as None), a number or a
// text.
struct Missing {
  MissingNumber number;
  std::optional<std::string> text;
};

base::Result<Missing> read_missing(const Object& object) {
  const auto value = object.find("missing_values");
  if (!value) return Missing{};
  if (const auto text = value->as_string()) {
    return *text == "NaN" ? Missing{} : Missing{{}, std::string(*text)};
  }
  const auto number = value->as_float();
  if (!number) {
    // pandas.NA, which stands for a missing value like NaN.
    if (value->is(pickle::Kind::Global) || value->is(pickle::Kind::Record)) return Missing{};
    return object.unexpected("missing_values", "NaN, a number or a text", *value);
  }
  return std::isnan(*number) ? Missing{} : Missing{{*number}, std::nullopt};
}

std::vector<std::string> picked(const std::vector<std::string>& names,
                                const std::vector<std::size_t>& positions) {
  std::vector<std::string> some;
  for (const std::size_t position : positions) {
    if (position < names.size()) some.push_back(names[position]);
  }
  return some;
}

class NumberImputer final : public Estimator {
 public:
  NumberImputer(MissingNumber missing, std::vector<double> fill, std::vector<std::size_t> kept,
                std::vector<std::size_t> indicated)
      : missing_(missing),
        fill_(std::move(fill)),
        kept_(std::move(kept)),
        indicated_(std::move(indicated)) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port port, builder.dense(input, fill_.size()));
    Port filled = builder.add(std::make_shared<plan::ImputeNumbers>(missing_, fill_, kept_), port,
                              Form::Dense, kept_.size(), picked(port.names, kept_));
    if (indicated_.empty()) return filled;
    const Port indicators = builder.add(std::make_shared<plan::Indicate>(missing_, indicated_),
                                        port, Form::Dense, indicated_.size());
    const Port both[] = {filled, indicators};
    return builder.hstack(both);
  }

  MissingNumber missing_;
  std::vector<double> fill_;
  std::vector<std::size_t> kept_;
  std::vector<std::size_t> indicated_;
};

class CellImputer final : public Estimator {
 public:
  CellImputer(Missing missing, std::vector<ImputeCells::Fill> fill)
      : missing_(std::move(missing)), fill_(std::move(fill)) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    std::vector<data::ColumnType> types;
    for (const ImputeCells::Fill& fill : fill_) {
      types.push_back(std::holds_alternative<double>(fill) ? data::ColumnType::Number
                                                           : data::ColumnType::Text);
    }
    TRY_ASSIGN(const Port port, builder.cells(input, types));
    return builder.add_cells(std::make_shared<ImputeCells>(missing_.number, missing_.text, fill_),
                             port, std::move(types), port.names, port.kinds);
  }

  Missing missing_;
  std::vector<ImputeCells::Fill> fill_;
};

// Which features an indicator column is added for: those that were missing when it was fitted.
base::Result<std::vector<std::size_t>> read_indicated(const Object& object, std::size_t width) {
  std::vector<std::size_t> features;
  TRY_ASSIGN(const bool add, object.flag_or("add_indicator", false));
  if (!add) return features;
  TRY_ASSIGN(const Value value, object.get("indicator_"));
  TRY_ASSIGN(const Object indicator, Object::of(value, object.release()));
  TRY_ASSIGN(const auto indices, indicator.integers("features_"));
  for (const std::int64_t index : indices) {
    if (index < 0 || static_cast<std::size_t>(index) >= width) {
      return indicator.unexpected("features_", fmt::format("positions below {}", width),
                                  std::to_string(index));
    }
    features.push_back(static_cast<std::size_t>(index));
  }
  return features;
}

Made make_number_imputer(const Object& object, const Missing& missing, std::vector<double> fill) {
  if (missing.text) {
    return object.unexpected("missing_values", "NaN or a number", *missing.text);
  }
  TRY_ASSIGN(const std::string strategy, object.text_or("strategy", "mean"));
  TRY_ASSIGN(const bool keep_empty, object.flag_or("keep_empty_features", false));
  // A feature without a statistic was missing in every row of the training data. Up to 1.7 a
  // constant filled it all the same.
  const bool keep_all = keep_empty || (strategy == "constant" && object.release() < Release{1, 8});
  std::vector<std::size_t> kept;
  for (std::size_t c = 0; c < fill.size(); ++c) {
    if (keep_all || !std::isnan(fill[c])) kept.push_back(c);
  }
  TRY_ASSIGN(auto indicated, read_indicated(object, fill.size()));
  return std::make_unique<NumberImputer>(missing.number, std::move(fill), std::move(kept),
                                         std::move(indicated));
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
  TRY_ASSIGN(const bool indicator, object.flag_or("add_indicator", false));
  if (indicator) {
    return object.unsupported("add_indicator", "False for columns of text", "True");
  }
  std::vector<ImputeCells::Fill> fill;
  for (const Value item : items) {
    if (const auto text = item.as_string()) {
      fill.emplace_back(std::string(*text));
    } else if (const auto number = item.as_float(); number && !std::isnan(*number)) {
      fill.emplace_back(*number);
    } else {
      return object.unsupported("statistics_", "a text or a number for each column",
                                describe(item));
    }
  }
  return std::make_unique<CellImputer>(missing, std::move(fill));
}

constexpr Entry kImpute[] = {
    {"sklearn.impute", "SimpleImputer", read_simple_imputer},
    {"sklearn.preprocessing", "Imputer", read_simple_imputer},
};

}  // namespace

std::span<const Entry> impute_entries() { return kImpute; }

}  // namespace sklearn
