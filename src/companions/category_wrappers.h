#pragma once

#include "companions/words.h"

namespace companions {

// NestedCVWrapper: answers as the encoder that it holds.
Made read_nested_encoder(const Object& object, Reader& reader);

// PolynomialWrapper: an encoder by target for each class but the first, their columns side by side
// behind those that are not encoded.
Made read_class_encoders(const Object& object, Reader& reader);

}  // namespace companions
