#include "plan_preparation/interpolate.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace plan {
namespace {

// numpy.interp within two points.
double interp_line(double x, double x0, double y0, double x1, double y1) {
  const double slope = (y1 - y0) / (x1 - x0);
  const double y = slope * (x - x0) + y0;
  if (!std::isnan(y)) return y;
  const double other = slope * (x - x1) + y1;
  return std::isnan(other) && y0 == y1 ? y0 : other;
}

}  // namespace

Interpolate::Interpolate(Points points) : points_(std::move(points)) {}

std::string Interpolate::describe() const {
  return fmt::format("interpolate between {} points", points_.x.size());
}

double Interpolate::between(double x) const {
  const std::vector<double>& xs = points_.x;
  const std::vector<double>& ys = points_.y;
  const std::size_t last = xs.size() - 1;
  if (points_.single) {
    // searchsorted, kept within 1 and the last.
    const auto found = std::lower_bound(xs.begin(), xs.end(), x) - xs.begin();
    const std::size_t high = std::clamp<std::size_t>(static_cast<std::size_t>(found), 1, last);
    const auto x0 = static_cast<float>(xs[high - 1]);
    const auto y0 = static_cast<float>(ys[high - 1]);
    const float slope = (static_cast<float>(ys[high]) - y0) / (static_cast<float>(xs[high]) - x0);
    return static_cast<double>(slope * (static_cast<float>(x) - x0) + y0);
  }
  const auto above = std::upper_bound(xs.begin(), xs.end(), x);
  const auto low = static_cast<std::size_t>(above - xs.begin()) - 1;
  if (low == last || xs[low] == x) return ys[low];
  return interp_line(x, xs[low], ys[low], xs[low + 1], ys[low + 1]);
}

double Interpolate::at(double x) const {
  if (points_.single) x = static_cast<double>(static_cast<float>(x));
  if (points_.outside == Outside::Clip) x = std::clamp(x, points_.least, points_.most);
  if (points_.x.size() == 1) return points_.y.front();
  if (!(x >= points_.x.front() && x <= points_.x.back())) return std::nan("");
  return between(x);
}

base::Result<void> Interpolate::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), 1);
  const bool refuses = points_.outside == Outside::Refuse && points_.x.size() > 1;
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const double x = in[0].dense.values[i];
    const double seen = points_.single ? static_cast<double>(static_cast<float>(x)) : x;
    if (refuses && (seen < points_.x.front() || seen > points_.x.back())) {
      return base::Error(base::Code::Invalid,
                         fmt::format("row {}: expected a number from {} to {}, got {}",
                                     in.row_of_request(i), points_.x.front(), points_.x.back(), x));
    }
    out.dense.values[i] = at(x);
  }
  return {};
}

}  // namespace plan
