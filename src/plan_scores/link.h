#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "plan/step.h"

namespace plan {

// From scores to answers, row by row; each in the words of the scikit-learn or LightGBM function
// whose rounding it keeps.
enum class LinkKind : std::uint8_t {
  Identity,
  // One score d: [1 - expit(d), expit(d)] (LogisticRegression, two classes).
  ExpitPair,
  // One score d: softmax([-d, d]) (LogisticRegression, multinomial with two classes).
  SoftmaxPair,
  // expit of each score (LightGBM's multiclassova; OneVsRest).
  Expit,
  // expit of each score, then divided by their sum (LogisticRegression, one against the rest).
  ExpitNormalized,
  // The same, and alike for all where the sum is zero (as it is from 1.9 on).
  ExpitNormalizedOrEven,
  // One score d: [1 - p, p] of p = (clip(d, -1, 1) + 1) / 2 (SGDClassifier, modified_huber).
  HuberPair,
  // That of each score, divided by their sum, or alike for all where that is zero.
  HuberNormalized,
  // exp(x - max) / sum.
  Softmax,
  // (x - max) - log(sum of exp(x - max)) (QuadraticDiscriminantAnalysis, from 1.6 on).
  LogSoftmax,
  // x - logsumexp(x) (naive_bayes), and exp of it.
  LogNormalized,
  ExpNormalized,
  // logsumexp(x) itself.
  LogSumExp,
  // Two scores: the second less the first.
  Difference,
  // One score: [1 - p, p] of p = 1 / (1 + exp(-sigmoid * d)) (LightGBM's binary).
  SigmoidPair,
  // exp(x) (Poisson, Gamma, Tweedie).
  Exp,
  // sign(x) x^2 (LightGBM's regression with reg_sqrt), and log1p(exp(x)) (cross_entropy_lambda).
  SignedSquare,
  Softplus,
  // [1 - p, p] of one column p.
  Pair,
  // Index of the largest, the first of equals; of NaN if there is one (numpy.argmax).
  ArgMax,
  // One score: 1 where it is above zero, else 0.
  AboveZero,
  // The first column alone.
  First,
};

class Link final : public Step {
 public:
  // `parameter`: the sigmoid of SigmoidPair and Expit.
  Link(LinkKind kind, std::size_t inputs, double parameter = 1)
      : kind_(kind), inputs_(inputs), parameter_(parameter) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override;

  // How many columns come out.
  std::size_t outputs() const;

  LinkKind kind() const { return kind_; }
  double parameter() const { return parameter_; }

 private:
  void run_row(const double* from, double* to) const;

  LinkKind kind_;
  std::size_t inputs_;
  double parameter_;
};

// LightGBM's ConvertOutput of binary objectives: 1 / (1 + exp(-sigmoid * x)).
double lightgbm_sigmoid(double sigmoid, double x);

// Each column divided by a constant (mean over the trees of a forest).
class Divide final : public Step {
 public:
  Divide(std::size_t width, double by) : width_(width), by_(by) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 5; }
  bool same_as(const Step& other) const override;

 private:
  std::size_t width_;
  double by_;
};

}  // namespace plan
