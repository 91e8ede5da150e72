#pragma once

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.neighbors.NearestCentroid
Made read_nearest_centroid(const Object& object, Reader& reader);

}  // namespace sklearn
