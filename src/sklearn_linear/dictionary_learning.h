#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// DictionaryLearning, MiniBatchDictionaryLearning and SparseCoder (sklearn.decomposition), of all
// five algorithms. What scikit-learn itself refuses at transform is refused when it is read.
std::span<const Entry> dictionary_learning_entries();

}  // namespace sklearn
