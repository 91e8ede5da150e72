#pragma once

#include "plan/buffer.h"
#include "plan_scores/coefficients.h"

namespace plan {

// scores += rows x coefficients, the sum of each score in the order of the features, for
// coefficients where a file has them: several rows share one reading of these, so it is for rows
// that are few and come together. rows: n x features, scores: n x outputs.
// Precondition: !coefficients.is_by_feature().
void add_row_major(const Matrix& rows, const Coefficients& coefficients, Matrix& scores);

}  // namespace plan
