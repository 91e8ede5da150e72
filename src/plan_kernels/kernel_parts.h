#pragma once

#include <cstddef>
#include <string>

#include "plan_dense/product.h"
#include "plan_kernels/row_kernel.h"

// What kernels of dense and of sparse rows share.
namespace plan {

std::string describe_kernel(const KernelOptions& options, std::size_t rows, std::size_t features);
// What one value costs besides its sum.
double kernel_value_ns(KernelKind kind);
// What the kernel makes of the sum over the features.
SumFunction kernel_function(const KernelOptions& options);
// That, for each of them.
void finish_kernel(const KernelOptions& options, std::size_t count, double* out);

}  // namespace plan
