#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.svm: the estimators of libsvm. A kernel that is a function of the user's, or computed by
// the caller, is refused.
std::span<const Entry> svm_entries();

}  // namespace sklearn
