#include "plan_preparation/number_function.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include <fmt/format.h>

namespace plan {
namespace {

using Fixed = NumberFunction::Fixed;

// NumPy's: NaN if one of them is.
double greater_of(double a, double b) { return a >= b || std::isnan(a) ? a : b; }
double lesser_of(double a, double b) { return a <= b || std::isnan(a) ? a : b; }

double clipped(double x, const Fixed& limits) {
  return lesser_of(greater_of(x, limits[0]), limits[1]);
}

double rounded_up_front(double x, const Fixed& factor) {
  return std::nearbyint(x * factor[0]) / factor[0];
}

double rounded_before(double x, const Fixed& factor) {
  return std::nearbyint(x / factor[0]) * factor[0];
}

double replaced(double x, const Fixed& with) {
  if (std::isnan(x)) return with[0];
  if (std::isinf(x)) return x > 0 ? with[1] : with[2];
  return x;
}

// In steps, as NumPy's power_of_ten does.
double power_of_ten(int n) {
  static constexpr std::array<double, 9> kFirst = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8};
  if (n < static_cast<int>(kFirst.size())) return kFirst[static_cast<std::size_t>(n)];
  double power = 1e9;
  for (int i = 9; i < n; ++i) power *= 10;
  return power;
}

constexpr auto kWithArguments = std::to_array<NumberFunction>({
    {"add", [](double x, const Fixed& a) { return a[0] + x; }},
    {"arctan2", [](double x, const Fixed& a) { return std::atan2(a[0], x); }},
    {"copysign", [](double x, const Fixed& a) { return std::copysign(a[0], x); }},
    {"divide", [](double x, const Fixed& a) { return a[0] / x; }},
    {"float_power", [](double x, const Fixed& a) { return std::pow(a[0], x); }},
    {"fmax", [](double x, const Fixed& a) { return std::fmax(a[0], x); }},
    {"fmin", [](double x, const Fixed& a) { return std::fmin(a[0], x); }},
    {"hypot", [](double x, const Fixed& a) { return std::hypot(a[0], x); }},
    {"maximum", [](double x, const Fixed& a) { return greater_of(a[0], x); }},
    {"minimum", [](double x, const Fixed& a) { return lesser_of(a[0], x); }},
    {"multiply", [](double x, const Fixed& a) { return a[0] * x; }},
    {"power", [](double x, const Fixed& a) { return std::pow(a[0], x); }},
    {"subtract", [](double x, const Fixed& a) { return a[0] - x; }},
    {"true_divide", [](double x, const Fixed& a) { return a[0] / x; }},
});

}  // namespace

NumberFunction NumberFunction::clip(double least, double most) {
  return {.name = "clip", .of = clipped, .fixed = {least, most, 0}};
}

NumberFunction NumberFunction::round(int decimals) {
  // Beyond it all powers are infinite or all numbers whole.
  const int places = std::clamp(decimals, -400, 400);
  return {.name = "round",
          .of = places < 0 ? rounded_before : rounded_up_front,
          .fixed = {power_of_ten(std::abs(places)), 0, 0}};
}

NumberFunction NumberFunction::replace(double nan, double positive, double negative) {
  return {.name = "nan_to_num", .of = replaced, .fixed = {nan, positive, negative}};
}

NumberFunction NumberFunction::bound(std::string_view name, double first) {
  for (const NumberFunction& each : kWithArguments) {
    if (each.name != name) continue;
    NumberFunction function = each;
    function.fixed[0] = first;
    return function;
  }
  return {};
}

std::string ApplyNumberFunction::describe() const {
  return fmt::format("{} of {} columns", function_.name, width_);
}

bool ApplyNumberFunction::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const ApplyNumberFunction*>(&other);
  if (as == nullptr || as->width_ != width_ || as->function_.of != function_.of) return false;
  const auto bits = [](double x) { return std::bit_cast<std::uint64_t>(x); };
  return std::ranges::equal(as->function_.fixed, function_.fixed, {}, bits, bits);
}

base::Result<void> ApplyNumberFunction::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), width_);
  const std::vector<double>& from = in[0].dense.values;
  std::transform(from.begin(), from.end(), out.dense.values.begin(),
                 [this](double x) { return function_.of(x, function_.fixed); });
  return {};
}

}  // namespace plan
