#include "plan_scores/mix.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

namespace plan {

std::string Mix::describe() const {
  return fmt::format("sum of {} inputs of {} columns, divided by {}", parts_.size(), width_,
                     divisor_);
}

double Mix::row_ns() const {
  double ns = 5;
  for (const Part& part : parts_) ns += 2 + 0.5 * static_cast<double>(part.width);
  return ns;
}

bool Mix::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const Mix*>(&other);
  return as != nullptr && as->width_ == width_ && as->divisor_ == divisor_ && as->parts_ == parts_;
}

base::Result<void> Mix::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), width_);
  std::fill(out.dense.values.begin(), out.dense.values.end(), 0.0);
  for (std::size_t p = 0; p < parts_.size(); ++p) {
    const Part& part = parts_[p];
    const Matrix& from = in[p].dense;
    for (std::size_t i = 0; i < in.rows(); ++i) {
      const double* row = from.row(i);
      double* to = out.dense.row(i);
      for (std::size_t c = 0; c < part.width; ++c) {
        to[part.targets.empty() ? c : part.targets[c]] += row[c] * part.weight;
      }
    }
  }
  if (divisor_ == 1) return {};
  for (double& each : out.dense.values) each /= divisor_;
  return {};
}

namespace {

double log_add_exp(double a, double b) {
  if (a == b) return a + std::log(2.0);
  const double apart = a - b;
  if (apart > 0) return a + std::log1p(std::exp(-apart));
  if (apart <= 0) return b + std::log1p(std::exp(apart));
  return apart;
}

}  // namespace

std::string LogMean::describe() const {
  return fmt::format("mean of {} inputs of {} logarithms", parts_.size(), width_);
}

base::Result<void> LogMean::run(const Inputs& in, Buffer& out, State*) const {
  constexpr double kNever = -std::numeric_limits<double>::infinity();
  out.dense.resize(in.rows(), width_);
  std::fill(out.dense.values.begin(), out.dense.values.end(), kNever);
  for (std::size_t p = 0; p < parts_.size(); ++p) {
    const Mix::Part& part = parts_[p];
    for (std::size_t i = 0; i < in.rows(); ++i) {
      const double* row = in[p].dense.row(i);
      for (std::size_t c = 0; c < part.width; ++c) {
        double& to = out.dense.row(i)[part.targets.empty() ? c : part.targets[c]];
        to = log_add_exp(to, row[c]);
      }
    }
  }
  const double count = std::log(static_cast<double>(parts_.size()));
  for (double& each : out.dense.values) each -= count;
  return {};
}

namespace {

struct MedianState final : State {
  std::vector<std::pair<double, double>> ordered;  // (prediction, weight)
};

// NumPy sorts NaN behind all numbers.
bool is_less(const std::pair<double, double>& a, const std::pair<double, double>& b) {
  return a.first < b.first || (std::isnan(b.first) && !std::isnan(a.first));
}

double median_of(const std::vector<std::pair<double, double>>& ordered) {
  double all = 0;
  for (const auto& each : ordered) all += each.second;
  double sum = 0;
  for (const auto& each : ordered) {
    sum += each.second;
    if (sum >= 0.5 * all) return each.first;
  }
  return ordered.front().first;
}

}  // namespace

std::string WeightedMedian::describe() const {
  return fmt::format("weighted median of {} predictions", weights_.size());
}

std::unique_ptr<State> WeightedMedian::make_state() const {
  return std::make_unique<MedianState>();
}

base::Result<void> WeightedMedian::run(const Inputs& in, Buffer& out, State* state) const {
  auto& ordered = static_cast<MedianState*>(state)->ordered;
  out.dense.resize(in.rows(), 1);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    ordered.clear();
    for (std::size_t p = 0; p < in.count(); ++p) {
      const Matrix& from = in[p].dense;
      for (std::size_t c = 0; c < from.columns; ++c) {
        ordered.emplace_back(from.row(i)[c], weights_[ordered.size()]);
      }
    }
    std::sort(ordered.begin(), ordered.end(), is_less);
    out.dense.row(i)[0] = median_of(ordered);
  }
  return {};
}

}  // namespace plan
