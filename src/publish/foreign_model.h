#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace publish {

// What other programs write and only they can read: "a Keras model (.keras)". By the bytes, since
// names say little; empty where it is none of them.
std::string_view find_foreign_format(base::Bytes bytes);

// Unsupported for the path of such a file, or of a SavedModel's folder, with the line of Python
// that registers it:
//   "m.keras": expected a model that is read here, got a Keras model (.keras); register it by
//   python -c 'import sooth; sooth.register("m.keras", "m")'
// Of arrays of NumPy, and of a file that is neither what its name says (.cbm, .json, .txt, .ubj)
// nor may be a pickle, it says so: it would be refused as a bad pickle. What cannot be read at all
// is for others to refuse.
base::Result<void> check_format(const std::string& path);
// Only the first of that, for who takes no such file anyway.
base::Result<void> check_foreign(const std::string& path);
// The same of the bytes of a model that somebody named.
base::Result<void> check_format(const std::string& path, base::Bytes bytes);

}  // namespace publish
