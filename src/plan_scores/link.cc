#include "plan_scores/link.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

namespace plan {
namespace {

double expit(double x) { return 1.0 / (1.0 + std::exp(-x)); }

void softmax(const double* from, double* to, std::size_t count) {
  const double most = *std::max_element(from, from + count);
  double sum = 0;
  for (std::size_t k = 0; k < count; ++k) {
    to[k] = std::exp(from[k] - most);
    sum += to[k];
  }
  for (std::size_t k = 0; k < count; ++k) to[k] /= sum;
}

// numpy.argmax.
std::size_t arg_max(const double* from, std::size_t count) {
  std::size_t at = 0;
  for (std::size_t k = 1; k < count && !std::isnan(from[at]); ++k) {
    if (!(from[k] <= from[at])) at = k;
  }
  return at;
}

// scipy.special.logsumexp, which takes the largest out of the sum.
double log_sum_exp(const double* from, std::size_t count) {
  const double most = *std::max_element(from, from + count);
  const double shift = std::isfinite(most) ? most : 0;
  double sum = 0;
  double times = 0;
  for (std::size_t k = 0; k < count; ++k) {
    if (from[k] == most) {
      times += 1;
    } else {
      sum += std::exp(from[k] - shift);
    }
  }
  return std::log1p(sum == 0 ? 0 : sum / times) + std::log(times) + most;
}

// Each divided by their sum; alike for all where that is zero.
void share_out(double* shares, std::size_t count) {
  double sum = 0;
  for (std::size_t k = 0; k < count; ++k) sum += shares[k];
  if (sum == 0) {
    std::fill_n(shares, count, 1.0);
    sum = static_cast<double>(count);
  }
  for (std::size_t k = 0; k < count; ++k) shares[k] /= sum;
}

double huber_share(double score) { return (std::min(std::max(score, -1.0), 1.0) + 1) / 2; }

void log_softmax(const double* from, double* to, std::size_t count) {
  const double most = *std::max_element(from, from + count);
  double sum = 0;
  for (std::size_t k = 0; k < count; ++k) sum += std::exp(from[k] - most);
  for (std::size_t k = 0; k < count; ++k) to[k] = (from[k] - most) - std::log(sum);
}

constexpr std::array<std::string_view, 22> kNames = {"identity",
                                                     "expit, two classes",
                                                     "softmax, two classes",
                                                     "expit",
                                                     "expit, divided by the sum",
                                                     "expit, divided by the sum, of",
                                                     "modified huber, two classes",
                                                     "modified huber, divided by the sum",
                                                     "softmax",
                                                     "log of softmax",
                                                     "less the log of the sum of exp",
                                                     "exp, divided by the sum",
                                                     "log of the sum of exp of",
                                                     "difference of",
                                                     "sigmoid, two classes",
                                                     "exp",
                                                     "signed square of",
                                                     "log1p of exp of",
                                                     "two classes",
                                                     "largest of",
                                                     "above zero",
                                                     "first column of"};

}  // namespace

double lightgbm_sigmoid(double sigmoid, double x) { return 1.0 / (1.0 + std::exp(-sigmoid * x)); }

std::string Link::describe() const {
  return fmt::format("{} {} columns", kNames.at(static_cast<std::size_t>(kind_)), inputs_);
}

double Link::row_ns() const {
  const bool transcendental = kind_ != LinkKind::Identity && kind_ != LinkKind::ArgMax &&
                              kind_ != LinkKind::AboveZero && kind_ != LinkKind::First &&
                              kind_ != LinkKind::Difference;
  return 5 + static_cast<double>(inputs_) * (transcendental ? 8 : 1);
}

std::size_t Link::outputs() const {
  switch (kind_) {
    case LinkKind::ExpitPair:
    case LinkKind::SoftmaxPair:
    case LinkKind::HuberPair:
    case LinkKind::SigmoidPair:
    case LinkKind::Pair: return 2;
    case LinkKind::LogSumExp:
    case LinkKind::Difference:
    case LinkKind::ArgMax:
    case LinkKind::AboveZero:
    case LinkKind::First: return 1;
    default: return inputs_;
  }
}

base::Result<void> Link::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), outputs());
  for (std::size_t i = 0; i < in.rows(); ++i) run_row(in[0].dense.row(i), out.dense.row(i));
  return {};
}

void Link::run_row(const double* from, double* to) const {
  const auto pair = [&](double p) {
    to[0] = 1 - p;
    to[1] = p;
  };
  switch (kind_) {
    case LinkKind::Identity: std::copy_n(from, inputs_, to); break;
    case LinkKind::ExpitPair: pair(expit(from[0])); break;
    case LinkKind::SoftmaxPair: {
      const double both[2] = {-from[0], from[0]};
      softmax(both, to, 2);
      break;
    }
    case LinkKind::Expit:
      for (std::size_t k = 0; k < inputs_; ++k) to[k] = lightgbm_sigmoid(parameter_, from[k]);
      break;
    case LinkKind::ExpitNormalized: {
      double sum = 0;
      for (std::size_t k = 0; k < inputs_; ++k) sum += to[k] = expit(from[k]);
      for (std::size_t k = 0; k < inputs_; ++k) to[k] /= sum;
      break;
    }
    case LinkKind::ExpitNormalizedOrEven:
      for (std::size_t k = 0; k < inputs_; ++k) to[k] = expit(from[k]);
      share_out(to, inputs_);
      break;
    case LinkKind::HuberPair: pair(huber_share(from[0])); break;
    case LinkKind::HuberNormalized:
      for (std::size_t k = 0; k < inputs_; ++k) to[k] = huber_share(from[k]);
      share_out(to, inputs_);
      break;
    case LinkKind::Softmax: softmax(from, to, inputs_); break;
    case LinkKind::LogSoftmax: log_softmax(from, to, inputs_); break;
    case LinkKind::LogNormalized:
    case LinkKind::ExpNormalized: {
      const double sum = log_sum_exp(from, inputs_);
      for (std::size_t k = 0; k < inputs_; ++k) to[k] = from[k] - sum;
      if (kind_ == LinkKind::LogNormalized) break;
      for (std::size_t k = 0; k < inputs_; ++k) to[k] = std::exp(to[k]);
      break;
    }
    case LinkKind::LogSumExp: to[0] = log_sum_exp(from, inputs_); break;
    case LinkKind::Difference: to[0] = from[1] - from[0]; break;
    case LinkKind::SigmoidPair: pair(lightgbm_sigmoid(parameter_, from[0])); break;
    case LinkKind::Exp:
      for (std::size_t k = 0; k < inputs_; ++k) to[k] = std::exp(from[k]);
      break;
    case LinkKind::SignedSquare:
      for (std::size_t k = 0; k < inputs_; ++k) to[k] = std::abs(from[k]) * from[k];
      break;
    case LinkKind::Softplus:
      for (std::size_t k = 0; k < inputs_; ++k) to[k] = std::log1p(std::exp(from[k]));
      break;
    case LinkKind::Pair: pair(from[0]); break;
    case LinkKind::ArgMax: to[0] = static_cast<double>(arg_max(from, inputs_)); break;
    case LinkKind::AboveZero: to[0] = from[0] > 0 ? 1 : 0; break;
    case LinkKind::First: to[0] = from[0]; break;
  }
}

std::string Divide::describe() const { return fmt::format("divide {} columns by {}", width_, by_); }

bool Divide::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const Divide*>(&other);
  return as != nullptr && as->width_ == width_ && as->by_ == by_;
}

base::Result<void> Divide::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), width_);
  const std::vector<double>& from = in[0].dense.values;
  for (std::size_t k = 0; k < from.size(); ++k) out.dense.values[k] = from[k] / by_;
  return {};
}

}  // namespace plan
