#pragma once

#include "companions/words.h"

namespace companions {

// Each column's categories have codes of their own, 1, 2, ..., which `ordinal_encoder.mapping`
// keeps; -1 is what it has not seen, -2 what is missing. `mapping` has the numbers of a code.

// OrdinalEncoder: the codes themselves.
Made read_ordinal_encoder(const Object& object, Reader& reader);

// Encoders by digits, indicators, contrasts and means: what `mapping` has for a code.
Made read_by_code(const Object& object, Reader& reader);

// RankHotEncoder: the same, but for what is unknown or missing.
Made read_rank_hot_encoder(const Object& object, Reader& reader);

// SummaryEncoder: what several quantile encoders make of a column.
Made read_summary_encoder(const Object& object, Reader& reader);

}  // namespace companions
