#pragma once

#include "sklearn/words.h"

namespace sklearn {

// sklearn.neighbors.KernelDensity: summed over all rows, also where atol or rtol would let
// scikit-learn stop earlier.
Made read_kernel_density(const Object& object, Reader& reader);

// sklearn.neighbors.LocalOutlierFactor with novelty=True: only then is it asked about new rows.
Made read_local_outlier_factor(const Object& object, Reader& reader);

}  // namespace sklearn
