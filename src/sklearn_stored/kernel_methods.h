#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "plan/buffer.h"
#include "sklearn_values/words.h"

namespace sklearn {

// Estimators that are sums of a named kernel over the rows of their fit: KernelRidge
// (sklearn.kernel_ridge) and KernelPCA (sklearn.decomposition).
std::span<const Entry> kernel_ridge_entries();
std::span<const Entry> kernel_pca_entries();

// What a KernelPCA of so many rows makes of a kernel: it is centred, and then multiplied by
// vectors, which are scaled already.
struct KernelProjection {
  std::vector<double> row_means;
  double mean = 0;
  plan::Matrix vectors;  // rows x outputs, of which there may be none
};
base::Result<KernelProjection> read_kernel_projection(const Object& object, std::size_t rows,
                                                      Reader& reader);

}  // namespace sklearn
