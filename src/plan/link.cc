#include "plan/link.h"

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

constexpr std::array<std::string_view, 12> kNames = {"identity",
                                                     "expit, two classes",
                                                     "softmax, two classes",
                                                     "expit",
                                                     "expit, divided by the sum",
                                                     "softmax",
                                                     "sigmoid, two classes",
                                                     "exp",
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
                              kind_ != LinkKind::AboveZero && kind_ != LinkKind::First;
  return 5 + static_cast<double>(inputs_) * (transcendental ? 8 : 1);
}

std::size_t Link::outputs() const {
  switch (kind_) {
    case LinkKind::ExpitPair:
    case LinkKind::SoftmaxPair:
    case LinkKind::SigmoidPair:
    case LinkKind::Pair: return 2;
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
    case LinkKind::Softmax: softmax(from, to, inputs_); break;
    case LinkKind::SigmoidPair: pair(lightgbm_sigmoid(parameter_, from[0])); break;
    case LinkKind::Exp:
      for (std::size_t k = 0; k < inputs_; ++k) to[k] = std::exp(from[k]);
      break;
    case LinkKind::Pair: pair(from[0]); break;
    case LinkKind::ArgMax:
      to[0] = static_cast<double>(std::max_element(from, from + inputs_) - from);
      break;
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
