#pragma once

#include <optional>
#include <string_view>

#include "plan_kernels/row_kernel.h"
#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.metrics.pairwise_kernels by name: `gamma` where it is none is the one that scikit-learn
// takes for that kernel and `features`.
struct KernelAttributes {
  std::string_view kernel = "kernel";
  std::optional<double> gamma;
  double degree = 3;
  double coef0 = 1;
};
base::Result<plan::KernelOptions> read_kernel_options(const Object& object,
                                                      const KernelAttributes& attributes,
                                                      std::size_t features);

// The attributes kernel, gamma (or `gamma`), degree and coef0.
base::Result<plan::KernelOptions> read_kernel_options(const Object& object, std::size_t features,
                                                      std::string_view gamma = "gamma");

}  // namespace sklearn
