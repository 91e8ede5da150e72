#include "sklearn_preparation/spline_transformer.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "plan/builder.h"
#include "plan_preparation/spline.h"
#include "sklearn_values/feature_names.h"

namespace sklearn {
namespace {

using pickle::Value;
using plan::Builder;
using plan::Form;
using plan::Method;
using plan::Port;
using plan::Spline;

class SplineTransformer final : public Estimator {
 public:
  SplineTransformer(const Spline::Shape& shape, std::vector<Spline::Feature> features)
      : shape_(shape), features_(std::move(features)) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port spread, builder.dense(input, features_.size()));
    TRY_ASSIGN(const Port port,
               builder.finite(spread, features_.size(), {.nan = shape_.missing_as_zeros}));
    std::vector<std::string> names;
    for (const std::string& name : names_of(port)) {
      for (std::size_t k = 0; k < shape_.outputs(); ++k) {
        names.push_back(fmt::format("{}_sp_{}", name, k));
      }
    }
    return builder.add(std::make_shared<Spline>(shape_, features_, port.names), port, Form::Dense,
                       features_.size() * shape_.outputs(), std::move(names));
  }

  Spline::Shape shape_;
  std::vector<Spline::Feature> features_;
};

base::Result<Spline::Outside> read_outside(const Object& object) {
  TRY_ASSIGN(const std::string name, object.text("extrapolation"));
  if (name == "error") return Spline::Outside::Refuse;
  if (name == "constant") return Spline::Outside::Constant;
  if (name == "linear") return Spline::Outside::Linear;
  if (name == "continue") return Spline::Outside::Continue;
  if (name == "periodic") return Spline::Outside::Periodic;
  return object.unsupported(
      "extrapolation", "\"error\", \"constant\", \"linear\", \"continue\" or \"periodic\"", name);
}

// An attribute of SciPy's BSpline, which newer releases keep under another name.
std::optional<Value> of_spline(Value spline, const std::string& name) {
  const auto found = spline.find(name);
  return found ? found : spline.find("_" + name);
}

// The coefficients, splines of the knots x splines that come out, each of which is one of the
// former; of a periodic feature the first ones are the last ones too.
base::Result<void> check_coefficients(const Object& object, Value value, std::size_t of_knots,
                                      std::size_t splines) {
  const auto numbers = doubles_of(value);
  bool good = numbers.ok() && numbers->size() == of_knots * splines;
  for (std::size_t k = 0; good && k < numbers->size(); ++k) {
    good = (*numbers)[k] == (k / splines % splines == k % splines ? 1 : 0);
  }
  if (good) return {};
  return object.unexpected("bsplines_", fmt::format("an identity of {} x {}", of_knots, splines),
                           value);
}

base::Result<std::vector<double>> read_knots(const Object& object, Value spline,
                                             const Spline::Shape& shape) {
  const auto t = of_spline(spline, "t");
  const auto c = of_spline(spline, "c");
  const auto k = spline.find("k");
  if (!t || !c || !k || k->as_int() != static_cast<std::int64_t>(shape.degree)) {
    return object.unexpected("bsplines_", fmt::format("splines of degree {}", shape.degree),
                             spline);
  }
  auto knots = doubles_of(*t);
  const bool periodic = shape.outside == Spline::Outside::Periodic;
  const std::size_t more = shape.degree + 1;
  if (!knots.ok() || knots->size() < 2 * more ||
      knots->size() - more != shape.splines + (periodic ? shape.degree : 0)) {
    return object.unexpected("bsplines_", fmt::format("knots for {} splines", shape.splines), *t);
  }
  TRY(check_coefficients(object, *c, knots->size() - more, shape.splines));
  return knots;
}

// What a feature is beyond its ends: at `ends` splines of either side what it is there, and
// their slope.
Spline::Feature make_feature(const Spline::Shape& shape, std::vector<double> knots,
                             std::size_t place, std::size_t ends) {
  Spline::Feature feature;
  feature.low = knots[place];
  feature.high = knots[knots.size() - place - 1];
  feature.ends = ends;
  feature.knots = std::move(knots);
  std::vector<double> work(2 * (shape.degree + 1));
  const auto at = [&](double x, bool slopes) {
    std::vector<double> splines(shape.splines);
    Spline::evaluate(shape, feature.knots, x, slopes, work.data(), splines.data());
    return splines;
  };
  feature.at_low = at(feature.low, false);
  feature.at_high = at(feature.high, false);
  feature.slope_low = at(feature.low, true);
  feature.slope_high = at(feature.high, true);
  return feature;
}

// scikit-learn's loop over the features counts the degree up where it continues splines of degree
// 0 and 1 linearly, and then takes the ends of the next feature at that many knots: of few knots
// the lower end is then the one that is higher. Of a single spline it looks for a second one, and
// fails for what is below; for what is above it writes into the feature before, which only matters
// where that is missing.
base::Result<std::vector<Spline::Feature>> read_features(const Object& object,
                                                         const std::vector<Value>& splines,
                                                         const Spline::Shape& shape) {
  std::vector<Spline::Feature> features;
  std::size_t degree = shape.degree;
  for (const Value spline : splines) {
    TRY_ASSIGN(auto knots, read_knots(object, spline, shape));
    const std::size_t place = degree;
    if (shape.outside == Spline::Outside::Linear && degree <= 1) ++degree;
    const bool short_of = degree > shape.splines && shape.missing_as_zeros;
    if (short_of || place >= knots.size()) {
      return object.unexpected("bsplines_", fmt::format("at least {} splines", degree),
                               std::to_string(shape.splines));
    }
    features.push_back(make_feature(shape, std::move(knots), place, degree));
  }
  return features;
}

Made read_spline_transformer(const Object& object, Reader&) {
  Spline::Shape shape;
  TRY_ASSIGN(shape.outside, read_outside(object));
  TRY_ASSIGN(shape.last, object.flag_or("include_bias", true));
  TRY_ASSIGN(const std::string missing, object.text_or("handle_missing", "error"));
  shape.missing_as_zeros = missing == "zeros";
  TRY_ASSIGN(const auto degree, object.integer("degree"));
  TRY_ASSIGN(const auto splines, object.list("bsplines_"));
  if (splines.empty()) return object.unexpected("bsplines_", "at least one", "none");
  const auto c = of_spline(splines.front(), "c");
  const pickle::Array* array = c ? c->array() : nullptr;
  if (array == nullptr || array->shape.size() != 2 || array->shape[1] == 0 || degree < 0 ||
      degree > static_cast<std::int64_t>(array->shape[1])) {
    return object.unexpected("degree", "0 to the number of splines", std::to_string(degree));
  }
  shape.degree = static_cast<std::size_t>(degree);
  shape.splines = array->shape[1];
  TRY_ASSIGN(auto features, read_features(object, splines, shape));
  return std::make_unique<SplineTransformer>(shape, std::move(features));
}

constexpr Entry kSplineTransformer[] = {
    {"sklearn.preprocessing", "SplineTransformer", read_spline_transformer},
};

}  // namespace

std::span<const Entry> spline_transformer_entries() { return kSplineTransformer; }

}  // namespace sklearn
