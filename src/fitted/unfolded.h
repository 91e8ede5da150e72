#pragma once

#include "base/result.h"
#include "pickle/value.h"

namespace fitted {

// Whether reading the model along every path costs little more than the file itself. Pickles share
// parts: an array that a thousand estimators hold lies in the file once and would be read a
// thousand times. Refuses a model whose shared parts, each counted where it is used, are far more
// than what the file holds. Where a value contains itself that part is not followed.
base::Result<void> check_unfolded(pickle::Value root);

}  // namespace fitted
