#include "sklearn_linear/dummy.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "plan/constant.h"
#include "sklearn_values/arrays.h"

namespace sklearn {
namespace {

using pickle::Value;
using plan::Builder;
using plan::Form;
using plan::Method;
using plan::Port;

// How many columns it was fitted with, where it says so: no estimator of this package looks at
// them.
using Width = std::optional<std::size_t>;

base::Result<Port> dummy_row(Builder& builder, const Port& input, Width width,
                             const std::vector<double>& row) {
  if (width) {
    TRY_ASSIGN(const Port declared, builder.declare(input, *width));
  }
  return builder.add(std::make_shared<plan::Constant>(row), std::span<const Port>(), Form::Dense,
                     row.size());
}

base::Result<Width> dummy_width(const Object& object) {
  if (!object.has("n_features_in_")) return Width();
  TRY_ASSIGN(const auto width, object.integer("n_features_in_"));
  if (width < 0 || width > static_cast<std::int64_t>(Builder::kInputColumnsMax)) {
    return object.unexpected("n_features_in_", "a number of columns", std::to_string(width));
  }
  return Width(static_cast<std::size_t>(width));
}

class DummyClassifier final : public Estimator {
 public:
  struct Output {
    data::Labels classes;
    std::size_t answer = 0;
    std::vector<double> probabilities;
  };
  DummyClassifier(std::vector<Output> outputs, Width width)
      : outputs_(std::move(outputs)), width_(width) {}
  bool has(Method method) const override {
    return method == Method::Predict || method == Method::PredictProba ||
           method == Method::PredictLogProba;
  }
  std::vector<data::Labels> classes() const override {
    std::vector<data::Labels> classes;
    for (const Output& each : outputs_) classes.push_back(each.classes);
    return classes;
  }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    std::vector<double> row;
    for (const Output& each : outputs_) {
      if (method == Method::Predict) {
        row.push_back(static_cast<double>(each.answer));
        continue;
      }
      for (const double p : each.probabilities) {
        row.push_back(method == Method::PredictProba ? p : std::log(p));
      }
    }
    return dummy_row(builder, input, width_, row);
  }

  std::vector<Output> outputs_;
  Width width_;
};

class DummyRegressor final : public Estimator {
 public:
  DummyRegressor(std::vector<double> row, Width width) : row_(std::move(row)), width_(width) {}
  bool has(Method method) const override { return method == Method::Predict; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    return dummy_row(builder, input, width_, row_);
  }

  std::vector<double> row_;
  Width width_;
};

// constant: a label, or one for each output in a list or array.
base::Result<std::size_t> dummy_constant(const Object& object, const data::Labels& classes,
                                         std::size_t output) {
  TRY_ASSIGN(const Value given, object.get("constant"));
  std::optional<std::size_t> found;
  if (const pickle::Array* array = given.array();
      array != nullptr && !array->shape.empty() && array->dtype.kind != 'O') {
    TRY_ASSIGN(const data::Labels labels, object.labels("constant"));
    if (output < data::label_count(labels)) {
      const std::string text = data::label_text(labels, output);
      for (std::size_t i = 0; i < data::label_count(classes) && !found; ++i) {
        if (data::label_text(classes, i) == text) found = i;
      }
    }
  } else if (const auto items = values_of(given); items.ok()) {
    if (output < items->size()) found = fitted::find_label(classes, (*items)[output]);
  } else {
    found = fitted::find_label(classes, given);
  }
  if (!found) return object.unexpected("constant", "one of classes_", given);
  return *found;
}

base::Result<DummyClassifier::Output> read_dummy_output(const Object& object, Value classes,
                                                        Value priors, std::size_t output) {
  TRY_ASSIGN(const std::string strategy,
             object.text(object.has("_strategy") ? "_strategy" : "strategy"));
  DummyClassifier::Output read;
  auto labels = labels_of(classes);
  if (!labels.ok()) return object.unexpected("classes_", "labels of one type", classes);
  read.classes = *std::move(labels);
  const std::size_t count = data::label_count(read.classes);
  auto shares = doubles_of(priors);
  if (!shares.ok() || shares->size() != count || count == 0) {
    return object.unexpected("class_prior_", fmt::format("{} numbers, at least one", count),
                             priors);
  }
  if (strategy == "stratified" || strategy == "uniform") {
    return object.unsupported("strategy", "one that does not draw its answers",
                              base::quote(strategy));
  }
  if (strategy == "constant") {
    TRY_ASSIGN(read.answer, dummy_constant(object, read.classes, output));
  } else if (strategy == "prior" || strategy == "most_frequent") {
    read.answer = static_cast<std::size_t>(std::max_element(shares->begin(), shares->end()) -
                                           shares->begin());
  } else {
    return object.unsupported("strategy", "'prior', 'most_frequent' or 'constant'",
                              base::quote(strategy));
  }
  if (strategy == "prior") {
    read.probabilities = *std::move(shares);
  } else {
    read.probabilities.assign(count, 0.0);
    read.probabilities[read.answer] = 1;
  }
  return read;
}

Made read_dummy_classifier(const Object& object, Reader&) {
  TRY_ASSIGN(const bool sparse, object.flag_or("sparse_output_", false));
  if (sparse) return object.unsupported("sparse_output_", "False", "True");
  TRY_ASSIGN(const Width width, dummy_width(object));
  TRY_ASSIGN(const Value classes, object.get("classes_"));
  TRY_ASSIGN(const Value priors, object.get("class_prior_"));
  std::vector<DummyClassifier::Output> outputs;
  // Several outputs have a list of what one has.
  if (!priors.is(pickle::Kind::List)) {
    TRY_ASSIGN(auto output, read_dummy_output(object, classes, priors, 0));
    outputs.push_back(std::move(output));
  } else {
    TRY_ASSIGN(const auto sets, object.list("classes_"));
    TRY_ASSIGN(const auto shares, object.list("class_prior_"));
    TRY(same_count(object, "class_prior_", sets.size(), shares.size()));
    for (std::size_t k = 0; k < sets.size(); ++k) {
      TRY_ASSIGN(auto output, read_dummy_output(object, sets[k], shares[k], k));
      outputs.push_back(std::move(output));
    }
  }
  if (outputs.empty()) return object.unexpected("classes_", "at least one output", classes);
  return std::make_unique<DummyClassifier>(std::move(outputs), width);
}

Made read_dummy_regressor(const Object& object, Reader&) {
  TRY_ASSIGN(const Width width, dummy_width(object));
  TRY_ASSIGN(auto row, object.doubles("constant_"));
  if (row.empty()) return object.unexpected("constant_", "at least one number", "none");
  return std::make_unique<DummyRegressor>(std::move(row), width);
}

constexpr Entry kDummy[] = {
    {"sklearn.dummy", "DummyClassifier", read_dummy_classifier},
    {"sklearn.dummy", "DummyRegressor", read_dummy_regressor},
};

}  // namespace

std::span<const Entry> dummy_entries() { return kDummy; }

}  // namespace sklearn
