#pragma once

#include <cstddef>

#include "plan/buffer.h"
#include "plan_scores/coefficients.h"

namespace plan {

// Some features of some rows, one behind the other, and what they are multiplied by: kFewOutputsMax
// for each feature. The sums of a row are kFewOutputsMax numbers.
struct Few {
  const double* rows;
  std::size_t stride;
  const double* coefficients;
  std::size_t features;
  double* sums;
};

// Four rows, or one, of at most half of kFewOutputsMax outputs, or of all, as compiled for one kind
// of machine.
using AddFew = void (*)(const Few& few);
struct FewTarget {
  AddFew rows_of_half;
  AddFew row_of_half;
  AddFew rows;
  AddFew row;
};

// All that this machine can run, the best last. `count` is how many.
struct FewTargets {
  FewTarget list[3];
  std::size_t count;
};
FewTargets few_targets();

// sum_few_outputs (few_outputs.h) by those functions.
void sum_few_outputs(const FewTarget& target, const Matrix& rows, const Coefficients& coefficients,
                     Matrix& scores);

}  // namespace plan
