#pragma once

#include <span>

#include "plan_dense/pairwise_sum.h"
#include "plan_dense/product.h"

namespace plan {

// A row of a kernel as if what it is between were centred, where it is a product
// (sklearn.preprocessing.KernelCenterer): less the means of the stored rows, less the mean of its
// own, which NumPy sums, and the mean of all. `to` may be `from`.
inline void center_kernel_row(std::span<const double> means, double mean, const double* from,
                              double* to) {
  const double own = pairwise_sum(from, means.size()) / static_cast<double>(means.size());
  center_row({.means = means.data(), .count = means.size(), .own_mean = own, .mean = mean}, from,
             to);
}

}  // namespace plan
