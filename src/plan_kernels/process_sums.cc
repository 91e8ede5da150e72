#include "plan_kernels/process_sums.h"

#include <cstddef>
#include <utility>

namespace plan {
namespace {

// A kernel in parts.
struct Parts {
  std::vector<LinearKernel> linear;
  ProcessKernelPtr rest;  // Null where there is none.
};

// NOLINTNEXTLINE(misc-no-recursion): as deep as its maker let it be.
void take_apart(const ProcessKernelPtr& kernel, Parts& parts) {
  if (const auto linear = kernel->linear()) {
    parts.linear.push_back(*linear);
  } else if (const auto two = kernel->summands()) {
    take_apart(two->first, parts);
    take_apart(two->second, parts);
  } else {
    parts.rest = parts.rest == nullptr ? kernel : make_kernel_sum(parts.rest, kernel);
  }
}

// To the linear function of each output.
struct LinearSums {
  std::size_t rows;
  const std::vector<double>& weights;  // outputs x rows
  std::vector<long double> slopes;     // outputs x features
  std::vector<long double> biases;

  void add(const LinearKernel& kernel) {
    for (std::size_t k = 0; k < biases.size(); ++k) {
      const double* of_rows = weights.data() + k * rows;
      for (std::size_t i = 0; i < rows; ++i) {
        biases[k] += static_cast<long double>(of_rows[i]) * kernel.added;
      }
      if (kernel.rows == nullptr) continue;
      const std::size_t features = kernel.rows->features();
      slopes.resize(biases.size() * features);
      for (std::size_t f = 0; f < features; ++f) {
        long double sum = 0;
        for (std::size_t i = 0; i < rows; ++i) {
          sum += static_cast<long double>(of_rows[i]) * kernel.rows->value(i, f);
        }
        slopes[k * features + f] += sum * kernel.factor;
      }
    }
  }
};

std::vector<double> rounded(const std::vector<long double>& values) {
  std::vector<double> made;
  made.reserve(values.size());
  for (const long double each : values) made.push_back(static_cast<double>(each));
  return made;
}

}  // namespace

std::shared_ptr<const KernelSums> make_process_sums(const ProcessKernelPtr& kernel,
                                                    std::vector<double> weights,
                                                    std::vector<double> biases) {
  // Of more, the sums here would take longer than reading the model does.
  constexpr std::size_t kOutputsMax = 16;
  Parts parts;
  if (biases.size() <= kOutputsMax) take_apart(kernel, parts);
  if (parts.linear.empty() || parts.rest == nullptr) {
    return KernelSums::over_all(kernel, std::move(weights), std::move(biases));
  }
  LinearSums linear{.rows = kernel->rows(),
                    .weights = weights,
                    .slopes = {},
                    .biases = {biases.begin(), biases.end()}};
  for (const LinearKernel& each : parts.linear) linear.add(each);
  auto slopes = rounded(linear.slopes);
  auto all_biases = rounded(linear.biases);
  return KernelSums::over_all(std::move(parts.rest), std::move(weights), std::move(all_biases),
                              std::move(slopes));
}

}  // namespace plan
