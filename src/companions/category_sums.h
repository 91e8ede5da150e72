#pragma once

#include "companions/words.h"

namespace companions {

// CatBoostEncoder and LeaveOneOutEncoder keep the sum and count of the target by category.
Made read_by_sum(const Object& object, Reader& reader);

// CountEncoder: how many rows of the fit had the category.
Made read_count_encoder(const Object& object, Reader& reader);

}  // namespace companions
