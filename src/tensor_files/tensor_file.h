#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "engine/named_tensor.h"

namespace tensor_files {

struct TensorLimits {
  std::uint64_t bytes = std::uint64_t{1} << 30U;  // Of all arrays together, unpacked.
  std::size_t arrays = 1024;
};

// The tensors of one request or answer, told apart by what the file holds: an .npz of
// numpy.savez(file, name=array, ...), a single .npy, whose name is empty, or JSON of the Open
// Inference Protocol. `place` stands in messages:
//   "example.npz": array "x": expected numbers or texts, got Python objects; ...
base::Result<std::vector<engine::NamedTensor>> parse_tensors(const std::string& place,
                                                             base::Bytes bytes,
                                                             const TensorLimits& limits = {});

// An .npz of the tensors by their names.
base::Result<std::string> make_npz(const std::vector<engine::NamedTensor>& tensors);

}  // namespace tensor_files
