#include "plan_kernels/laplace.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>

#include <fmt/format.h>

#include "plan_dense/product.h"

namespace plan {
namespace {

struct LaplaceState final : State {
  std::vector<double> scratch;
  std::vector<double> values;
  std::vector<double> solved;  // Stored rows x rows of a block, or stored rows.
  std::vector<double> means;
};

// Rows whose systems are solved together.
constexpr std::size_t kTogether = 64;

// The sigmoid under a normal distribution, as a weighted sum of five error functions.
double mean_sigmoid(double mean, double variance) {
  constexpr double kScales[] = {0.41, 0.4, 0.37, 0.44, 0.39};
  constexpr double kWeights[] = {-1854.8214151, 3516.89893646, 221.29346712, 128.12323805,
                                 -2010.49422654};
  const double alpha = 1 / (2 * variance);
  double sum = 0;
  double weights = 0;
  for (std::size_t k = 0; k < 5; ++k) {
    const double gamma = kScales[k] * mean;
    const double integral = std::sqrt(std::numbers::pi / alpha) *
                            std::erf(gamma * std::sqrt(alpha / (alpha + kScales[k] * kScales[k]))) /
                            (2 * std::sqrt(variance * 2 * std::numbers::pi));
    sum += kWeights[k] * integral;
    weights += kWeights[k];
  }
  return sum + 0.5 * weights;
}

}  // namespace

LaplaceProbabilities::LaplaceProbabilities(ProcessKernelPtr kernel, Parts parts)
    : kernel_(std::move(kernel)), parts_(std::move(parts)) {
  Matrix& square = parts_.cholesky;
  lower_.reserve(square.rows * (square.rows + 1) / 2);
  for (std::size_t k = 0; k < square.rows; ++k) {
    lower_.insert(lower_.end(), square.row(k), square.row(k) + k + 1);
  }
  square = Matrix();
}

std::string LaplaceProbabilities::describe() const {
  return fmt::format("probabilities by Laplace of {}", kernel_->describe());
}

double LaplaceProbabilities::row_ns() const {
  const auto rows = static_cast<double>(kernel_->rows());
  return kernel_->row_ns() + 0.1 * rows * rows + 5 * rows;
}

std::unique_ptr<State> LaplaceProbabilities::make_state() const {
  auto state = std::make_unique<LaplaceState>();
  state->scratch.resize(kernel_->scratch());
  state->values.resize(kernel_->room());
  return state;
}

base::Result<void> LaplaceProbabilities::run(const Inputs& in, Buffer& out, State* state) const {
  auto& memory = static_cast<LaplaceState&>(*state);
  const std::size_t rows = kernel_->rows();
  out.dense.resize(in.rows(), 2);
  memory.means.resize(kTogether);
  for (std::size_t first = 0; first < in.rows(); first += kTogether) {
    const std::size_t count = std::min(kTogether, in.rows() - first);
    memory.solved.resize(rows * count);
    double* solved = memory.solved.data();
    for (std::size_t i = 0; i < count; ++i) {
      double* values = memory.values.data();
      kernel_->values(in[0], first + i, memory.scratch.data(), values);
      memory.means[i] = dot(values, parts_.residuals.data(), rows);
      for (std::size_t k = 0; k < rows; ++k) solved[k * count + i] = parts_.root_w[k] * values[k];
    }
    solve_lower({lower_.data(), rows}, solved, count);
    std::array<double, kTogether> explained{};
    for (std::size_t k = 0; k < rows; ++k) {
      for (std::size_t i = 0; i < count; ++i) {
        explained[i] += solved[k * count + i] * solved[k * count + i];
      }
    }
    for (std::size_t i = 0; i < count; ++i) {
      const double variance = kernel_->own(in[0].dense.row(first + i)) - explained[i];
      const double p = mean_sigmoid(memory.means[i], variance);
      out.dense.row(first + i)[0] = 1 - p;
      out.dense.row(first + i)[1] = p;
    }
  }
  return {};
}

}  // namespace plan
