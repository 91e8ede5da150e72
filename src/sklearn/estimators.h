#pragma once

#include "fitted/registry.h"

namespace sklearn {

// Every class that can be run, of this room and of those of other libraries: one list for each
// package, to which a new estimator adds its line.
const fitted::Registry& registry();

}  // namespace sklearn
