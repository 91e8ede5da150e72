#pragma once

#include "fitted/registry.h"

namespace companions {

// A class of the user's own that picks columns of a data frame by name, as tutorials and the
// applications made from them write it: `key`, `keys`, `column` or `columns` holds a name or a
// list of names, and transform(X) is X[that]. What the class really does is not in the file; one
// that is named like this and does more is the user's to say.
fitted::Guess column_selector_guess();

}  // namespace companions
