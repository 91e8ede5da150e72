#pragma once

#include "fitted/registry.h"

// The words of `fitted` that every file of this room speaks.
namespace sklearn {

using fitted::Entry;
using fitted::Estimator;
using fitted::EstimatorPtr;
using fitted::Made;
using fitted::Object;
using fitted::Reader;
using fitted::ReadOptions;
using fitted::Release;
using fitted::Table;

using fitted::describe;
using fitted::doubles_of;
using fitted::labels_of;
using fitted::texts_of;
using fitted::values_of;

}  // namespace sklearn
