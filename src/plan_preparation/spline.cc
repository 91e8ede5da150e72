#include "plan_preparation/spline.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "plan/columns.h"

namespace plan {
namespace {

struct SplineState final : State {
  std::vector<double> work;
  std::vector<double> splines;
};

// Which of the intervals between knots has x: degree to count - degree - 2.
std::size_t interval_of(const std::vector<double>& knots, std::size_t degree, double x) {
  const auto first = knots.begin() + static_cast<std::ptrdiff_t>(degree + 1);
  const auto last = knots.end() - static_cast<std::ptrdiff_t>(degree + 1);
  return static_cast<std::size_t>(std::upper_bound(first, std::max(first, last), x) -
                                  knots.begin()) -
         1;
}

// The splines of `degree` that are not 0 in the interval, by de Boor's recurrence from those of
// degree 0; where `slopes`, the last step gives their derivatives.
void de_boor(const std::vector<double>& knots, std::size_t degree, double x, std::size_t interval,
             bool slopes, double* work) {
  double* now = work;
  double* before = work + degree + 1;
  now[0] = 1;
  if (slopes && degree == 0) now[0] = 0;
  for (std::size_t j = 1; j <= degree; ++j) {
    std::copy_n(now, j, before);
    now[0] = 0;
    for (std::size_t n = 1; n <= j; ++n) {
      const double right = knots[interval + n];
      const double left = knots[interval + n - j];
      if (right == left) {
        now[n] = 0;
      } else if (slopes && j == degree) {
        const double w = static_cast<double>(j) * before[n - 1] / (right - left);
        now[n - 1] -= w;
        now[n] = w;
      } else {
        const double w = before[n - 1] / (right - left);
        now[n - 1] += w * (right - x);
        now[n] = w * (x - left);
      }
    }
  }
}

// numpy.mod of a positive period.
double modulo(double x, double period) {
  const double rest = std::fmod(x, period);
  return rest < 0 ? rest + period : rest;
}

}  // namespace

void Spline::evaluate(const Shape& shape, const std::vector<double>& knots, double x, bool slopes,
                      double* work, double* out) {
  const std::size_t degree = shape.degree;
  const double low = knots[degree];
  const double high = knots[knots.size() - degree - 1];
  const bool continued = shape.outside == Outside::Continue || shape.outside == Outside::Periodic;
  if (std::isnan(x) || (!continued && (x < low || x > high))) {
    std::fill_n(out, shape.splines, std::nan(""));
    return;
  }
  const std::size_t interval = interval_of(knots, degree, x);
  de_boor(knots, degree, x, interval, slopes, work);
  std::fill_n(out, shape.splines, 0.0);
  for (std::size_t a = 0; a <= degree; ++a) {
    const std::size_t spline = interval + a - degree;
    out[spline < shape.splines ? spline : spline - shape.splines] += work[a];
  }
}

std::string Spline::describe() const {
  return fmt::format("{} splines of degree {} for each of {} features", shape_.outputs(),
                     shape_.degree, features_.size());
}

double Spline::row_ns() const {
  const auto degree = static_cast<double>(shape_.degree + 1);
  return 10 + static_cast<double>(features_.size()) *
                  (10 + 3 * degree * degree + static_cast<double>(shape_.splines) / 2);
}

std::unique_ptr<State> Spline::make_state() const {
  auto state = std::make_unique<SplineState>();
  state->work.resize(2 * (shape_.degree + 1));
  state->splines.resize(shape_.splines);
  return state;
}

// scikit-learn writes the splines of both ends in turn, of which the later stays: x is beyond both
// where the lower end is the higher one. False: refused.
bool Spline::extrapolate(const Feature& feature, double x, double* out) const {
  const std::size_t count = shape_.splines;
  const bool below = x < feature.low;
  const bool above = x > feature.high;
  const bool sloped = shape_.outside == Outside::Linear;
  // scikit-learn fails there, having none of several splines to put.
  if (shape_.degree == 0 && !sloped && count > 1 && above) return false;
  // And there, looking for one more than there are.
  if (below && feature.ends > count) return false;
  std::fill_n(out, count, 0.0);
  for (std::size_t j = 0; j < std::min(feature.ends, count); ++j) {
    const std::size_t k = count - 1 - j;
    if (below) out[j] = feature.at_low[j];
    if (below && sloped) out[j] += (x - feature.low) * feature.slope_low[j];
    if (above) out[k] = feature.at_high[k];
    if (above && sloped) out[k] += (x - feature.high) * feature.slope_high[k];
  }
  return true;
}

// False: x is outside and refused.
bool Spline::transform(const Feature& feature, double x, double* work, double* out) const {
  const std::size_t count = shape_.splines;
  if (std::isnan(x)) {
    std::fill_n(out, count, shape_.missing_as_zeros ? 0.0 : x);
    return true;
  }
  const bool straight = shape_.outside == Outside::Constant || shape_.outside == Outside::Linear;
  if (straight && (x < feature.low || x > feature.high)) return extrapolate(feature, x, out);
  if (shape_.outside == Outside::Periodic) {
    const double low = feature.knots[shape_.degree];
    const double period = feature.knots[feature.knots.size() - shape_.degree - 1] - low;
    x = period > 0 ? low + modulo(x - low, period) : 0;
  }
  evaluate(shape_, feature.knots, x, false, work, out);
  return shape_.outside != Outside::Refuse || !std::isnan(out[0]);
}

base::Result<void> Spline::run(const Inputs& in, Buffer& out, State* state) const {
  auto& [work, splines] = static_cast<SplineState&>(*state);
  const std::size_t each = shape_.outputs();
  out.dense.resize(in.rows(), features_.size() * each);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    double* to = out.dense.row(i);
    for (std::size_t c = 0; c < features_.size(); ++c, to += each) {
      const double x = in[0].dense.row(i)[c];
      if (!transform(features_[c], x, work.data(), splines.data())) {
        const bool too_low = features_[c].ends > shape_.splines;
        return base::Error(
            base::Code::Invalid,
            fmt::format("row {}, {}: expected a number {} the knots, got {}", in.row_of_request(i),
                        feature_label(names_, c), too_low ? "not below" : "within", x));
      }
      std::copy_n(splines.data(), each, to);
    }
  }
  return {};
}

}  // namespace plan
