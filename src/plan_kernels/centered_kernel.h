#pragma once

#include <memory>
#include <vector>

#include "plan_kernels/row_kernel.h"

namespace plan {

// A kernel as if its rows were centred where it is a product
// (sklearn.preprocessing.KernelCenterer): less the means of the stored rows' kernels, less the mean
// of the row's own, and the mean of all.
std::shared_ptr<const RowKernel> make_centered_kernel(std::shared_ptr<const RowKernel> kernel,
                                                      std::vector<double> row_means, double mean);

}  // namespace plan
