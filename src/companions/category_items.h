#pragma once

#include "companions/words.h"

// The encoders that keep no table of categories.
namespace companions {

// HashingEncoder: texts of all its columns counted by their hash.
Made read_hashing_encoder(const Object& object, Reader& reader);

// MultiHotEncoder: a text holds several items, each with a column of its own.
Made read_multi_hot_encoder(const Object& object, Reader& reader);

}  // namespace companions
