#pragma once

#include "plan_kernels/process_kernel.h"
#include "sklearn_values/words.h"

namespace sklearn {

// The attribute kernel_ of a Gaussian process that was fitted with `rows`.
base::Result<plan::ProcessKernelPtr> read_process_kernel(const Object& object,
                                                         const plan::Matrix& rows, Reader& reader);

}  // namespace sklearn
