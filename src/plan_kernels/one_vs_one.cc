#include "plan_kernels/one_vs_one.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace plan {
namespace {

struct PairState final : State {
  std::vector<double> memory;
};

// libsvm's sigmoid_predict, kept off 0 and 1 as its svm_predict_probability does.
double platt(double decision, double slope, double offset) {
  constexpr double kLeast = 1e-7;
  const double at = decision * slope + offset;
  const double p = at >= 0 ? std::exp(-at) / (1.0 + std::exp(-at)) : 1.0 / (1 + std::exp(at));
  return std::min(std::max(p, kLeast), 1 - kLeast);
}

// The iteration of libsvm's multiclass_probability: q, classes x classes, products, classes.
void iterate_coupling(const double* q, double* products, std::size_t classes, double* p) {
  const std::size_t rounds = std::max<std::size_t>(100, classes);
  const double enough = 0.005 / static_cast<double>(classes);
  for (std::size_t round = 0; round < rounds; ++round) {
    double total = 0;
    for (std::size_t t = 0; t < classes; ++t) {
      products[t] = 0;
      for (std::size_t j = 0; j < classes; ++j) products[t] += q[t * classes + j] * p[j];
      total += p[t] * products[t];
    }
    double error = 0;
    for (std::size_t t = 0; t < classes; ++t) {
      error = std::max(error, std::abs(products[t] - total));
    }
    if (error < enough) return;
    for (std::size_t t = 0; t < classes; ++t) {
      const double own = q[t * classes + t];
      const double change = (-products[t] + total) / own;
      p[t] += change;
      total = (total + change * (change * own + 2 * products[t])) / (1 + change) / (1 + change);
      for (std::size_t j = 0; j < classes; ++j) {
        products[j] = (products[j] + change * q[t * classes + j]) / (1 + change);
        p[j] /= 1 + change;
      }
    }
  }
}

}  // namespace

std::string OneVsOne::describe() const {
  constexpr std::string_view kWhat[] = {"votes", "scores", "probabilities"};
  return fmt::format("{} of {} classes from their pairs", kWhat[static_cast<std::size_t>(answer_)],
                     classes_);
}

double OneVsOne::row_ns() const {
  const auto pairs = static_cast<double>(classes_ * (classes_ - 1) / 2);
  return 5 + pairs * (answer_ == PairAnswer::Probabilities ? 60 : 2);
}

std::unique_ptr<State> OneVsOne::make_state() const { return std::make_unique<PairState>(); }

base::Result<void> OneVsOne::run(const Inputs& in, Buffer& out, State* state) const {
  std::vector<double>& memory = static_cast<PairState&>(*state).memory;
  out.dense.resize(in.rows(), outputs());
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const double* decisions = in[0].dense.row(i);
    double* to = out.dense.row(i);
    switch (answer_) {
      case PairAnswer::Vote: vote(decisions, memory, to); break;
      case PairAnswer::OneVsRest: one_vs_rest(decisions, memory, to); break;
      case PairAnswer::Probabilities: couple(decisions, memory, to); break;
    }
  }
  return {};
}

void OneVsOne::vote(const double* decisions, std::vector<double>& votes, double* out) const {
  votes.assign(classes_, 0);
  for (std::size_t i = 0; i < classes_; ++i) {
    for (std::size_t j = i + 1; j < classes_; ++j) votes[*decisions++ > 0 ? i : j] += 1;
  }
  *out = static_cast<double>(std::max_element(votes.begin(), votes.end()) - votes.begin());
}

void OneVsOne::one_vs_rest(const double* decisions, std::vector<double>& sums, double* out) const {
  sums.assign(classes_, 0);
  std::fill_n(out, classes_, 0.0);
  for (std::size_t i = 0; i < classes_; ++i) {
    for (std::size_t j = i + 1; j < classes_; ++j) {
      const double decision = *decisions++;
      sums[i] += decision;
      sums[j] -= decision;
      out[decision < 0 ? j : i] += 1;
    }
  }
  for (std::size_t k = 0; k < classes_; ++k) out[k] += sums[k] / (3 * (std::abs(sums[k]) + 1));
}

void OneVsOne::couple(const double* decisions, std::vector<double>& memory, double* out) const {
  memory.resize((2 * classes_ + 1) * classes_);
  double* r = memory.data();
  double* q = r + classes_ * classes_;
  std::size_t pair = 0;
  for (std::size_t i = 0; i < classes_; ++i) {
    for (std::size_t j = i + 1; j < classes_; ++j, ++pair) {
      const double p = platt(decisions[pair], slopes_[pair], offsets_[pair]);
      r[i * classes_ + j] = p;
      r[j * classes_ + i] = 1 - p;
    }
  }
  for (std::size_t t = 0; t < classes_; ++t) {
    double own = 0;
    for (std::size_t j = 0; j < classes_; ++j) {
      if (j == t) continue;
      const double against = r[j * classes_ + t];
      own += against * against;
      q[t * classes_ + j] = -against * r[t * classes_ + j];
    }
    q[t * classes_ + t] = own;
    out[t] = 1.0 / static_cast<double>(classes_);
  }
  iterate_coupling(q, q + classes_ * classes_, classes_, out);
}

}  // namespace plan
