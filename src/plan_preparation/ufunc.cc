#include "plan_preparation/ufunc.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include <fmt/format.h>

#include "plan_dense/product.h"

namespace plan {
namespace {

double absolute(double x) { return std::abs(x); }
double sign_of(double x) {
  if (std::isnan(x)) return x;
  return x > 0 ? 1.0 : x < 0 ? -1.0 : 0.0;
}
double expit_of(double x) { return 1.0 / (1.0 + std::exp(-x)); }
double logit_of(double x) { return std::log(x / (1 - x)); }
double zeros_of(double x) {
  constexpr double kMost = std::numeric_limits<double>::max();
  if (std::isnan(x)) return 0;
  return std::clamp(x, -kMost, kMost);
}
double logical_not(double x) { return x == 0 ? 1 : 0; }
double to_degrees(double x) { return x * (180.0 / std::numbers::pi); }
double to_radians(double x) { return x * (std::numbers::pi / 180.0); }
double is_nan(double x) { return std::isnan(x) ? 1 : 0; }
double is_finite(double x) { return std::isfinite(x) ? 1 : 0; }
double is_infinite(double x) { return std::isinf(x) ? 1 : 0; }
double itself(double x) { return x; }
double sinc_of(double x) {
  const double y = std::numbers::pi * (x == 0 ? 1.0e-20 : x);
  return std::sin(y) / y;
}
double spacing_of(double x) {
  if (x == 0) return std::numeric_limits<double>::denorm_min();
  if (!std::isfinite(x)) return std::numeric_limits<double>::quiet_NaN();
  const double size = std::abs(x);
  return std::copysign(std::nextafter(size, std::numeric_limits<double>::infinity()) - size, x);
}

// Ascending by name.
constexpr auto kUfuncs = std::to_array<Ufunc>({
    {"abs", absolute, true},
    {"absolute", absolute, true},
    {"acos", [](double x) { return std::acos(x); }, false},
    {"acosh", [](double x) { return std::acosh(x); }, false},
    {"angle", [](double x) { return std::atan2(0.0, x); }, false},
    {"arccos", [](double x) { return std::acos(x); }, false},
    {"arccosh", [](double x) { return std::acosh(x); }, false},
    {"arcsin", [](double x) { return std::asin(x); }, true},
    {"arcsinh", [](double x) { return std::asinh(x); }, true},
    {"arctan", [](double x) { return std::atan(x); }, true},
    {"arctanh", [](double x) { return std::atanh(x); }, true},
    {"array", itself, false},
    {"asanyarray", itself, false},
    {"asarray", itself, false},
    {"ascontiguousarray", itself, false},
    {"asfortranarray", itself, false},
    {"asin", [](double x) { return std::asin(x); }, true},
    {"asinh", [](double x) { return std::asinh(x); }, true},
    {"atan", [](double x) { return std::atan(x); }, true},
    {"atanh", [](double x) { return std::atanh(x); }, true},
    {"cbrt", [](double x) { return std::cbrt(x); }, false},
    {"ceil", [](double x) { return std::ceil(x); }, true},
    {"conj", [](double x) { return x; }, true},
    {"conjugate", [](double x) { return x; }, true},
    {"copy", itself, false},
    {"cos", [](double x) { return std::cos(x); }, false, cosine_each},
    {"cosh", [](double x) { return std::cosh(x); }, false},
    {"deg2rad", to_radians, true},
    {"degrees", to_degrees, false},
    {"erf", [](double x) { return std::erf(x); }, false},
    {"erfc", [](double x) { return std::erfc(x); }, false},
    {"exp", [](double x) { return std::exp(x); }, false, exp_each},
    {"exp10", [](double x) { return std::pow(10.0, x); }, false},
    {"exp2", [](double x) { return std::exp2(x); }, false},
    {"expit", expit_of, false, expit_each},
    {"expm1", [](double x) { return std::expm1(x); }, true, expm1_each},
    {"fabs", absolute, false},
    {"floor", [](double x) { return std::floor(x); }, true},
    {"imag", [](double) { return 0.0; }, false},
    {"isfinite", is_finite, false},
    {"isinf", is_infinite, false},
    {"isnan", is_nan, false},
    {"isneginf", [](double x) { return std::isinf(x) && x < 0 ? 1.0 : 0.0; }, false},
    {"isposinf", [](double x) { return std::isinf(x) && x > 0 ? 1.0 : 0.0; }, false},
    {"log", [](double x) { return std::log(x); }, false, log_each},
    {"log10", [](double x) { return std::log10(x); }, false},
    {"log1p", [](double x) { return std::log1p(x); }, true, log1p_each},
    {"log2", [](double x) { return std::log2(x); }, false},
    {"logical_not", logical_not, false},
    {"logit", logit_of, false},
    {"nan_to_num", zeros_of, false},
    {"negative", [](double x) { return -x; }, true},
    {"positive", [](double x) { return x; }, false},
    {"rad2deg", to_degrees, true},
    {"radians", to_radians, false},
    {"real", itself, false},
    {"reciprocal", [](double x) { return 1.0 / x; }, false},
    {"rint", [](double x) { return std::nearbyint(x); }, true},
    {"sign", sign_of, true},
    {"signbit", [](double x) { return std::signbit(x) ? 1.0 : 0.0; }, false},
    {"sin", [](double x) { return std::sin(x); }, true, sine_each},
    {"sinc", sinc_of, false},
    {"sinh", [](double x) { return std::sinh(x); }, true},
    {"spacing", spacing_of, false},
    {"sqrt", [](double x) { return std::sqrt(x); }, true},
    {"square", [](double x) { return x * x; }, false},
    {"tan", [](double x) { return std::tan(x); }, true},
    {"tanh", [](double x) { return std::tanh(x); }, true, tanh_each},
    {"trunc", [](double x) { return std::trunc(x); }, true},
});

}  // namespace

const Ufunc* find_ufunc(std::string_view name) {
  const auto at = std::lower_bound(
      kUfuncs.begin(), kUfuncs.end(), name,
      [](const Ufunc& each, std::string_view wanted) { return each.name < wanted; });
  return at != kUfuncs.end() && at->name == name ? &*at : nullptr;
}

std::string ApplyUfunc::describe() const {
  return fmt::format("{} of {} columns", function_.name, width_);
}

bool ApplyUfunc::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const ApplyUfunc*>(&other);
  return as != nullptr && as->form_ == form_ && as->width_ == width_ &&
         as->function_.of == function_.of;
}

base::Result<void> ApplyUfunc::run(const Inputs& in, Buffer& out, State*) const {
  if (form_ == Form::Dense) {
    out.dense.resize(in.rows(), width_);
    apply(in[0].dense.values, out.dense.values);
    return {};
  }
  const SparseMatrix& from = in[0].sparse;
  SparseMatrix& to = out.sparse;
  to.rows = from.rows;
  to.columns = from.columns;
  to.starts = from.starts;
  to.indices = from.indices;
  to.values.resize(from.values.size());
  apply(from.values, to.values);
  return {};
}

void ApplyUfunc::apply(const std::vector<double>& from, std::vector<double>& to) const {
  if (function_.of_each == nullptr) {
    std::transform(from.begin(), from.end(), to.begin(), function_.of);
    return;
  }
  std::copy(from.begin(), from.end(), to.begin());
  function_.of_each(to.data(), to.size());
}

}  // namespace plan
