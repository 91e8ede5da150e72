#include "sklearn_linear/isotonic.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "plan_preparation/interpolate.h"
#include "sklearn_values/arrays.h"

namespace sklearn {
namespace {

using plan::Builder;
using plan::Form;
using plan::Interpolate;
using plan::Method;
using plan::Port;

class Isotonic final : public Estimator {
 public:
  explicit Isotonic(std::shared_ptr<const Interpolate> step) : step_(std::move(step)) {}
  bool has(Method method) const override {
    return method == Method::Predict || method == Method::Transform;
  }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port checked, builder.finite(input, 1));
    TRY_ASSIGN(const Port feature, builder.dense(checked));
    std::vector<std::string> names;
    if (method == Method::Transform) names.emplace_back("isotonicregression0");
    return builder.add(step_, feature, Form::Dense, 1, std::move(names));
  }

  std::shared_ptr<const Interpolate> step_;
};

base::Result<Interpolate::Outside> isotonic_outside(const Object& object) {
  TRY_ASSIGN(const std::string outside, object.text_or("out_of_bounds", "nan"));
  if (outside == "nan") return Interpolate::Outside::Nan;
  if (outside == "clip") return Interpolate::Outside::Clip;
  if (outside == "raise") return Interpolate::Outside::Refuse;
  return object.unsupported("out_of_bounds", "'nan', 'clip' or 'raise'", outside);
}

Made read_isotonic_regression(const Object& object, Reader&) {
  // Called so before 0.24.
  const bool old = !object.has("X_thresholds_");
  const std::string_view x = old ? "_necessary_X_" : "X_thresholds_";
  const std::string_view y = old ? "_necessary_y_" : "y_thresholds_";
  Interpolate::Points points;
  TRY_ASSIGN(points.x, object.doubles(x));
  TRY_ASSIGN(points.y, object.doubles(y, points.x.size()));
  const bool ascending =
      !points.x.empty() && std::is_sorted(points.x.begin(), points.x.end()) &&
      std::all_of(points.x.begin(), points.x.end(), [](double each) { return each == each; });
  if (!ascending) return object.unexpected(x, "ascending numbers", "others");
  TRY_ASSIGN(points.outside, isotonic_outside(object));
  TRY_ASSIGN(points.least, object.number("X_min_"));
  TRY_ASSIGN(points.most, object.number("X_max_"));
  if (!(points.least <= points.most)) {
    return object.unexpected("X_max_", "at least X_min_", std::to_string(points.most));
  }
  TRY_ASSIGN(const pickle::Value thresholds, object.get(x));
  const pickle::Array* array = thresholds.array();
  points.single = array != nullptr && array->dtype.kind == 'f' && array->dtype.size == 4;
  return std::make_unique<Isotonic>(std::make_shared<Interpolate>(std::move(points)));
}

constexpr Entry kIsotonic[] = {
    {"sklearn.isotonic", "IsotonicRegression", read_isotonic_regression, true},
};

}  // namespace

std::span<const Entry> isotonic_entries() { return kIsotonic; }

}  // namespace sklearn
