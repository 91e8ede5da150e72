#pragma once

#include <memory>

#include "sklearn/estimators.h"

namespace sklearn {

// A class of the user's own that picks columns of a data frame by name, as tutorials and the
// applications made from them write it: `key`, `keys`, `column` or `columns` holds a name or a
// list of names, and transform(X) is X[that]. What the class really does is not in the file; one
// that is named like this and does more is the user's to say.
bool is_column_selector(const Object& object);
base::Result<std::unique_ptr<Estimator>> read_column_selector(const Object& object, Reader& reader);

}  // namespace sklearn
