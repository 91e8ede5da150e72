#pragma once

#include <span>

#include "sklearn/words.h"

namespace sklearn {

// Estimators that are sums of a named kernel over the rows of their fit: KernelRidge
// (sklearn.kernel_ridge) and KernelPCA (sklearn.decomposition).
std::span<const Entry> kernel_ridge_entries();
std::span<const Entry> kernel_pca_entries();

}  // namespace sklearn
