#include "sklearn_wrappers/calibration.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "plan_scores/calibrate.h"
#include "plan_scores/decide.h"
#include "plan_scores/mix.h"
#include "sklearn_values/members.h"

namespace sklearn {
namespace {

using plan::Builder;
using plan::Form;
using plan::Method;
using plan::Port;

// _CalibratedClassifier: a classifier, and what makes probabilities of its scores.
struct Calibrated {
  EstimatorPtr estimator;
  std::vector<plan::Curve> curves;  // Empty: temperature.
  double beta = 1;
  bool one_column_of_pairs = false;  // Of probabilities of two classes only the second counts.
  std::vector<std::uint32_t> places;
};

class CalibratedClassifier final : public Estimator {
 public:
  CalibratedClassifier(std::vector<Calibrated> parts, data::Labels classes)
      : parts_(std::move(parts)),
        classes_(std::move(classes)),
        count_(data::label_count(classes_)) {}

  bool has(Method method) const override {
    return method == Method::Predict || method == Method::PredictProba;
  }
  std::vector<data::Labels> classes() const override { return {classes_}; }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    std::vector<Port> ports;
    for (const Calibrated& part : parts_) {
      TRY_ASSIGN(ports.emplace_back(), probabilities(part, builder, input));
    }
    std::vector<plan::Mix::Part> parts(ports.size(), {.width = count_, .weight = 1, .targets = {}});
    const Port mean = builder.add(
        std::make_shared<plan::Mix>(count_, std::move(parts), static_cast<double>(ports.size())),
        ports, Form::Dense, count_);
    return method == Method::Predict ? emit_arg_max(builder, mean) : mean;
  }

  base::Result<Port> probabilities(const Calibrated& part, Builder& builder,
                                   const Port& input) const {
    const bool by_decision = part.estimator->has(Method::DecisionFunction);
    const Method method = by_decision ? Method::DecisionFunction : Method::PredictProba;
    TRY_ASSIGN(Port scores, part.estimator->emit(method, builder, input));
    TRY_ASSIGN(scores, builder.dense(scores));
    if (part.curves.empty()) return heated(part, builder, scores, by_decision);
    const bool pair = count_ == 2 || (part.places.size() == 2 && part.one_column_of_pairs);
    if (!by_decision && pair && scores.width == 2) scores = column_of(builder, scores, 1);
    std::vector<plan::Calibrate::Column> columns;
    const std::size_t used = std::min({scores.width, part.curves.size(), part.places.size()});
    for (std::size_t k = 0; k < used; ++k) {
      const std::size_t target = part.places[k] + (count_ == 2 ? 1 : 0);
      if (target >= count_) {
        return base::Error(base::Code::Corrupt, "calibrators: expected one for two classes");
      }
      columns.push_back({part.curves[k], target});
    }
    return builder.add(std::make_shared<plan::Calibrate>(count_, std::move(columns)), scores,
                       Form::Dense, count_);
  }

  base::Result<Port> heated(const Calibrated& part, Builder& builder, Port scores,
                            bool by_decision) const {
    if (count_ == 2 && scores.width == 1) {
      scores = builder.add(
          std::make_shared<plan::Combine>(1, std::vector<std::vector<double>>{{-1.0}, {1.0}}),
          scores, Form::Dense, 2);
    }
    if (scores.width != count_) {
      return base::Error(
          base::Code::Unsupported,
          fmt::format("estimator: expected scores of {} classes, got {}", count_, scores.width));
    }
    return builder.add(std::make_shared<plan::Temperature>(count_, part.beta, !by_decision), scores,
                       Form::Dense, count_);
  }

  std::vector<Calibrated> parts_;
  data::Labels classes_;
  std::size_t count_;
};

// One of two names of an attribute: releases rename it.
base::Result<pickle::Value> either(const Object& object, const char* name, const char* before) {
  return object.get(object.has(name) ? name : before);
}

base::Result<plan::Curve> read_isotonic_curve(const Object& object) {
  const bool renamed = object.has("X_thresholds_");
  const char* x_name = renamed ? "X_thresholds_" : "_necessary_X_";
  plan::StepCurve curve;
  TRY_ASSIGN(curve.x, object.doubles(x_name));
  TRY_ASSIGN(curve.y, object.doubles(renamed ? "y_thresholds_" : "_necessary_y_", curve.x.size()));
  if (curve.x.empty() || !std::is_sorted(curve.x.begin(), curve.x.end())) {
    return object.unexpected(x_name, "ascending numbers", std::to_string(curve.x.size()));
  }
  return plan::Curve(std::move(curve));
}

base::Result<plan::Curve> read_curve(const Object& object) {
  if (object.class_name() == "_SigmoidCalibration") {
    plan::SigmoidCurve curve;
    TRY_ASSIGN(curve.slope, object.number("a_"));
    TRY_ASSIGN(curve.offset, object.number("b_"));
    return plan::Curve(curve);
  }
  if (object.class_name() == "IsotonicRegression") return read_isotonic_curve(object);
  return base::Error(base::Code::Unsupported,
                     fmt::format("calibrators: expected a sigmoid, an isotonic curve or a "
                                 "temperature, got a {}",
                                 object.title()));
}

base::Result<void> read_calibrators(const Object& object, Calibrated& part) {
  TRY_ASSIGN(const auto value, either(object, "calibrators", "calibrators_"));
  TRY_ASSIGN(const auto items, values_of(value));
  for (const auto& item : items) {
    TRY_ASSIGN(const Object calibrator, Object::of(item, object.release()));
    if (calibrator.class_name() == "_TemperatureScaling") {
      TRY_ASSIGN(part.beta, calibrator.number("beta_"));
      if (items.size() == 1) return {};
    }
    TRY_ASSIGN(part.curves.emplace_back(), read_curve(calibrator));
  }
  if (!items.empty()) return {};
  return object.unexpected("calibrators", "at least one calibrator", value);
}

Made read_calibrated(const Object& object, Reader& reader) {
  TRY_ASSIGN(data::Labels classes, object.labels("classes_"));
  TRY_ASSIGN(const auto items, object.list("calibrated_classifiers_"));
  std::vector<Calibrated> parts;
  bool complete = !items.empty();
  for (std::size_t i = 0; i < items.size(); ++i) {
    TRY_ASSIGN(const Object item, Object::of(items[i], object.release()));
    Calibrated part;
    TRY(read_calibrators(item, part));
    TRY_ASSIGN(const auto estimator, either(item, "estimator", "base_estimator"));
    part.estimator = reader.read(estimator, fmt::format("calibrated_classifiers_[{}]", i));
    part.one_column_of_pairs = object.release() >= Release{1, 5};
    complete = complete && part.estimator != nullptr;
    if (part.estimator != nullptr) {
      const auto own = part.estimator->classes();
      if (own.size() != 1) {
        return object.unsupported("calibrated_classifiers_", "classifiers of one output",
                                  part.estimator->title());
      }
      // Those that are heated were fitted with the places of the classes for classes.
      if (!part.curves.empty()) {
        TRY_ASSIGN(part.places, label_positions(own.front(), classes));
      }
    }
    parts.push_back(std::move(part));
  }
  if (items.empty() || data::label_count(classes) == 0) {
    return object.unexpected("calibrated_classifiers_", "at least one classifier", "none");
  }
  if (!complete) return unread();
  return std::make_unique<CalibratedClassifier>(std::move(parts), std::move(classes));
}

constexpr Entry kCalibration[] = {
    {"sklearn.calibration", "CalibratedClassifierCV", read_calibrated},
};

}  // namespace

std::span<const Entry> calibration_entries() { return kCalibration; }

}  // namespace sklearn
