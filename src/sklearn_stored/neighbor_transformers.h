#pragma once

#include "sklearn_values/words.h"

namespace sklearn {

// KNeighborsTransformer and RadiusNeighborsTransformer: a sparse column for each row of the fit.
Made read_neighbors_transformer(const Object& object, Reader& reader);
Made read_radius_transformer(const Object& object, Reader& reader);

// NeighborhoodComponentsAnalysis: a product with its components.
Made read_neighborhood_components(const Object& object, Reader& reader);

}  // namespace sklearn
