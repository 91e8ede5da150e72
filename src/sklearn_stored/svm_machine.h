#pragma once

#include <cstddef>
#include <memory>

#include "plan/step.h"
#include "sklearn_values/words.h"

namespace sklearn {

// The sums over support vectors that every estimator of libsvm decides by.
struct SvmMachine {
  // Leaves one column for each pair of classes, or the one of a regression.
  std::shared_ptr<const plan::Step> sums;
  plan::Form form = plan::Form::Dense;  // Of the rows it reads.
  std::size_t features = 0;
  std::size_t outputs = 0;

  base::Result<plan::Port> emit(plan::Builder& builder, const plan::Port& input) const;
};

// `classes`: of a classifier; 0 for a regression or an outlier detector.
base::Result<SvmMachine> read_svm_machine(const Object& object, Reader& reader,
                                          std::size_t classes);

}  // namespace sklearn
