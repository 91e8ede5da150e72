#include "plan_scores/whitened.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "plan_dense/product.h"

namespace plan {
namespace {

struct Rotated final : State {
  std::vector<double> differences;
  std::vector<double> rotated;
};

constexpr std::size_t kRowsOfWhitened = 64;

}  // namespace

Whitened::Whitened(std::vector<Part> parts)
    : parts_(std::move(parts)), features_(parts_.front().center.size()) {}

std::string Whitened::describe() const {
  return fmt::format("log likelihoods of {} features under {} distributions", features_,
                     parts_.size());
}

double Whitened::row_ns() const {
  double products = 0;
  for (const Part& part : parts_) products += static_cast<double>(part.matrix.size());
  return 10 + products / 2;
}

std::unique_ptr<State> Whitened::make_state() const { return std::make_unique<Rotated>(); }

// Some rows at a time, so that what is left of them stays near.
base::Result<void> Whitened::run(const Inputs& in, Buffer& out, State* state) const {
  std::vector<double>& differences = static_cast<Rotated*>(state)->differences;
  std::vector<double>& rotated = static_cast<Rotated*>(state)->rotated;
  out.dense.resize(in.rows(), parts_.size());
  for (std::size_t first = 0; first < in.rows(); first += kRowsOfWhitened) {
    const std::size_t rows = std::min(kRowsOfWhitened, in.rows() - first);
    const double* from = in[0].dense.row(first);
    for (std::size_t k = 0; k < parts_.size(); ++k) {
      const Part& part = parts_[k];
      differences.resize(rows * features_);
      rotated.resize(rows * part.columns);
      for (std::size_t i = 0; i < rows; ++i) {
        const double* x = from + i * features_;
        double* difference = differences.data() + i * features_;
        for (std::size_t f = 0; f < features_; ++f) difference[f] = x[f] - part.center[f];
      }
      product({differences.data(), rows, features_}, {part.matrix.data(), features_, part.columns},
              rotated.data());
      for (std::size_t i = 0; i < rows; ++i) {
        const double* row = rotated.data() + i * part.columns;
        const double* difference = differences.data() + i * features_;
        const double away =
            part.distance ? dot(row, difference, features_) : 0.5 * dot(row, row, part.columns);
        out.dense.row(first + i)[k] = part.constant - away;
      }
    }
  }
  return {};
}

std::string ThresholdRoot::describe() const {
  return fmt::format("{} ^ 0.33 less the distance ^ 0.33", threshold_);
}

base::Result<void> ThresholdRoot::run(const Inputs& in, Buffer& out, State*) const {
  constexpr double kPower = 0.33;
  out.dense.resize(in.rows(), 1);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    out.dense.row(i)[0] = std::pow(threshold_, kPower) - std::pow(-in[0].dense.row(i)[0], kPower);
  }
  return {};
}

}  // namespace plan
