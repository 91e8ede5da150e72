#pragma once

#include "plan/buffer.h"
#include "plan_scores/coefficients.h"

namespace plan {

// Linear (plan_scores/linear.h) for few outputs, some rows at a time: a sum waits for the product
// before, and others fill the time. Every sum is in the order of the features, each product and
// each sum rounded, so its bits do not depend on how many rows there are.

inline constexpr std::size_t kFewOutputsMax = 8;
// From so many rows on it is worth spreading out the coefficients of several outputs.
inline constexpr std::size_t kFewRowsMin = 8;

// scores, rows x outputs = rows x coefficients. Precondition: coefficients.is_by_feature(), and its
// outputs are at most kFewOutputsMax.
void sum_few_outputs(const Matrix& rows, const Coefficients& coefficients, Matrix& scores);

}  // namespace plan
