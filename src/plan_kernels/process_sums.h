#pragma once

#include <memory>
#include <vector>

#include "plan_kernels/kernel_sums.h"
#include "plan_kernels/process_kernel.h"

namespace plan {

// KernelSums::over_all of a process kernel. Where that is a sum, what of it is linear in the row (x
// . y and constants) is summed over the stored rows here, once, and no stored row is read for it
// later. It loses nothing: the sum is made with more digits than the values of a kernel have.
std::shared_ptr<const KernelSums> make_process_sums(const ProcessKernelPtr& kernel,
                                                    std::vector<double> weights,
                                                    std::vector<double> biases);

}  // namespace plan
