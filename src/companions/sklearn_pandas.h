#pragma once

#include <span>

#include "companions/words.h"

namespace companions {

// sklearn-pandas: DataFrameMapper and what stands in its lists.
std::span<const Entry> sklearn_pandas_entries();

}  // namespace companions
