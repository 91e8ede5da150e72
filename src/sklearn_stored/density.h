#pragma once

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.neighbors.KernelDensity: its tree, searched as scikit-learn does.
Made read_kernel_density(const Object& object, Reader& reader);

// sklearn.neighbors.LocalOutlierFactor with novelty=True: only then is it asked about new rows.
Made read_local_outlier_factor(const Object& object, Reader& reader);

}  // namespace sklearn
