#include "plan_kernels/kernel_sums.h"

#include <algorithm>

#include <fmt/format.h>

#include "plan_dense/product.h"

namespace plan {
namespace {

struct KernelState final : State {
  explicit KernelState(const RowKernel& kernel)
      : scratch(kernel.scratch()), values(kernel.room()) {}
  // Room for so many rows at once; it stays.
  double* of_rows(const RowKernel& kernel, std::size_t count) {
    if (values.size() < count * kernel.room()) values.resize(count * kernel.room());
    return values.data();
  }
  std::vector<double> scratch;
  std::vector<double> values;
};

}  // namespace

std::shared_ptr<const KernelSums> KernelSums::over_all(std::shared_ptr<const RowKernel> kernel,
                                                       std::vector<double> weights,
                                                       std::vector<double> biases,
                                                       std::vector<double> slopes) {
  std::vector<Term> terms;
  const std::size_t rows = kernel->rows();
  for (std::size_t k = 0; k < biases.size(); ++k) {
    terms.push_back({.output = k, .first = 0, .count = rows, .weight = k * rows});
  }
  return std::make_shared<KernelSums>(std::move(kernel), std::move(terms), std::move(weights),
                                      std::move(biases), std::move(slopes));
}

std::string KernelSums::describe() const {
  return fmt::format("{} sums of {}", biases_.size(), kernel_->describe());
}

double KernelSums::row_ns() const {
  double sums = 0;
  for (const Term& term : terms_) sums += 5 + static_cast<double>(term.count) / 8;
  return kernel_->row_ns() + sums;
}

bool KernelSums::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const KernelSums*>(&other);
  return as != nullptr && as->kernel_ == kernel_ && as->weights_ == weights_ &&
         as->biases_ == biases_ && as->slopes_ == slopes_ && as->terms_.size() == terms_.size();
}

std::unique_ptr<State> KernelSums::make_state() const {
  return std::make_unique<KernelState>(*kernel_);
}

base::Result<void> KernelSums::run(const Inputs& in, Buffer& out, State* state) const {
  auto& memory = static_cast<KernelState&>(*state);
  out.dense.resize(in.rows(), biases_.size());
  for (std::size_t first = 0; first < in.rows(); first += kRowsTogether) {
    const std::size_t count = std::min(kRowsTogether, in.rows() - first);
    double* const values = memory.of_rows(*kernel_, count);
    kernel_->values_of_rows(in[0], {first, count}, memory.scratch.data(), values);
    for (std::size_t r = 0; r < count; ++r) {
      add_up(values + r * kernel_->room(), out.dense.row(first + r));
      if (!slopes_.empty()) add_slopes(in[0].dense.row(first + r), out.dense.row(first + r));
    }
  }
  return {};
}

void KernelSums::add_up(const double* values, double* sums) const {
  std::fill_n(sums, biases_.size(), 0.0);
  for (const Term& term : terms_) {
    sums[term.output] += dot(weights_.data() + term.weight, values + term.first, term.count);
  }
  for (std::size_t k = 0; k < biases_.size(); ++k) sums[k] += biases_[k];
}

void KernelSums::add_slopes(const double* row, double* sums) const {
  const std::size_t features = slopes_.size() / biases_.size();
  for (std::size_t k = 0; k < biases_.size(); ++k) {
    sums[k] += dot(slopes_.data() + k * features, row, features);
  }
}

std::string KernelValues::describe() const { return kernel_->describe(); }

std::unique_ptr<State> KernelValues::make_state() const {
  return std::make_unique<KernelState>(*kernel_);
}

base::Result<void> KernelValues::run(const Inputs& in, Buffer& out, State* state) const {
  auto& memory = static_cast<KernelState&>(*state);
  out.dense.resize(in.rows(), kernel_->rows());
  for (std::size_t first = 0; first < in.rows(); first += kRowsTogether) {
    const std::size_t count = std::min(kRowsTogether, in.rows() - first);
    const double* const values = memory.of_rows(*kernel_, count);
    kernel_->values_of_rows(in[0], {first, count}, memory.scratch.data(), memory.values.data());
    for (std::size_t r = 0; r < count; ++r) {
      std::copy_n(values + r * kernel_->room(), kernel_->rows(), out.dense.row(first + r));
    }
  }
  return {};
}

}  // namespace plan
