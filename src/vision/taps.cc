#include "vision/taps.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace vision {
namespace {

// A filter's weight at a distance from its centre, in pixels of the smaller side, and how far from
// there it is not zero.
struct Shape {
  double (*weight)(double distance);
  double reach;
};

double triangle(double x) {
  x = std::fabs(x);
  return x < 1.0 ? 1.0 - x : 0.0;
}

// Keys' cubic with a = -1/2.
double cubic(double x) {
  constexpr double kA = -0.5;
  x = std::fabs(x);
  if (x < 1.0) return ((kA + 2.0) * x - (kA + 3.0)) * x * x + 1;
  if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * kA;
  return 0.0;
}

double sinc(double x) {
  if (x == 0.0) return 1.0;
  x *= std::numbers::pi;
  return std::sin(x) / x;
}

double lanczos(double x) { return -3.0 <= x && x < 3.0 ? sinc(x) * sinc(x / 3) : 0.0; }

Shape shape_of(Filter filter) {
  switch (filter) {
    case Filter::Nearest: break;
    case Filter::Bilinear: return {triangle, 1.0};
    case Filter::Bicubic: return {cubic, 2.0};
    case Filter::Lanczos: return {lanczos, 3.0};
  }
  return {triangle, 1.0};
}

double scale_of(const Axis& axis) {
  // The difference is one of floats, as in Pillow.
  return static_cast<double>(axis.end - axis.begin) / static_cast<double>(axis.out);
}

// Rounds half away from zero.
std::int32_t fixed(double weight) {
  const double scaled = weight * (1U << kWeightBits);
  return static_cast<std::int32_t>(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
}

// The first pixel whose middle lies past there, as Pillow has it: truncated, not rounded.
std::int64_t pixel_past(double at) {
  return static_cast<std::int64_t>(at + 0.5);  // NOLINT(bugprone-incorrect-roundings)
}

}  // namespace

Taps make_taps(const Axis& axis, Filter filter) {
  const Shape shape = shape_of(filter);
  const double scale = scale_of(axis);
  const double filter_scale = std::max(scale, 1.0);
  const double reach = shape.reach * filter_scale;
  const double inverse = 1.0 / filter_scale;
  Taps taps;
  taps.stride = std::min<std::size_t>(static_cast<std::size_t>(std::ceil(reach)) * 2 + 1, axis.in);
  taps.runs.resize(axis.count);
  taps.weights.resize(axis.count * taps.stride);
  std::vector<double> exact(taps.stride);
  for (std::size_t i = 0; i < axis.count; ++i) {
    const double centre = axis.begin + (static_cast<double>(axis.first + i) + 0.5) * scale;
    const std::int64_t first = std::max<std::int64_t>(pixel_past(centre - reach), 0);
    const std::int64_t end = std::min<std::int64_t>(pixel_past(centre + reach), axis.in);
    const auto count = static_cast<std::size_t>(std::max<std::int64_t>(end - first, 0));
    double sum = 0.0;
    for (std::size_t k = 0; k < count; ++k) {
      const auto at = static_cast<double>(first + static_cast<std::int64_t>(k));
      exact[k] = shape.weight((at - centre + 0.5) * inverse);
      sum += exact[k];
    }
    for (std::size_t k = 0; k < count; ++k) {
      taps.weights[i * taps.stride + k] = fixed(sum != 0.0 ? exact[k] / sum : exact[k]);
    }
    taps.runs[i] = {static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(count)};
  }
  return taps;
}

std::vector<std::uint32_t> nearest_of(const Axis& axis) {
  // The step is added for each pixel, as Pillow does it: the errors of rounding add up too.
  const double step = scale_of(axis);
  double at = axis.begin + step * 0.5;
  for (std::uint64_t i = 0; i < axis.first; ++i) at += step;
  std::vector<std::uint32_t> found(axis.count);
  for (std::uint32_t& each : found) {
    each = at >= 0.0 && at < axis.in ? static_cast<std::uint32_t>(at) : axis.in;
    at += step;
  }
  return found;
}

bool is_cut(const Axis& axis) {
  return axis.begin == std::floor(axis.begin) &&
         axis.end - axis.begin == static_cast<float>(axis.out) &&
         axis.end <= static_cast<float>(axis.in) && axis.out <= axis.in;
}

}  // namespace vision
