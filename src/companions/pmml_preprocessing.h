#pragma once

#include <span>

#include "companions/words.h"

namespace companions {

// sklearn2pmml.preprocessing, and the wrappers of sklearn2pmml that hold a transformer.
std::span<const Entry> pmml_preprocessing_entries();
std::span<const Entry> pmml_text_entries();
std::span<const Entry> pmml_wrappers_entries();
// sklearn2pmml's ensembles that choose among others by predicates, and its cross references.
std::span<const Entry> pmml_ensemble_entries();

}  // namespace companions
