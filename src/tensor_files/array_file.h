#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "engine/tensor.h"

namespace tensor_files {

// A file of numpy.save as a tensor: numbers of NumPy's types that have a datatype (of either byte
// order), booleans, texts ('U', as UTF-8) and bytes ('S') as BYTES; ml_dtypes' bfloat16, which
// NumPy saves as 'V2', as BF16. An array in Fortran's order is turned. Refuses arrays of Python
// objects, which are a pickle inside: nothing is executed.
base::Result<engine::Tensor> parse_array(base::Bytes bytes);

// The same the other way; texts that are not UTF-8, or hold or end with a NUL, are written as
// bytes.
std::string array_bytes(const engine::Tensor& tensor);

}  // namespace tensor_files
