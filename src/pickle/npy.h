#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "pickle/heap.h"

namespace pickle {

// A file of numpy.save, format versions 1 to 3:
//   "\x93NUMPY", major, minor, size of the header (2 bytes, from version 2 on 4), the header, the
//   elements. The header is a Python literal:
//   {'descr': '<f8' or [('x', '<f8'), ('y', '<i4', (2,))], 'fortran_order': False, 'shape': (3,)}
bool is_npy(base::Bytes bytes);

struct Npy {
  DTypeNode dtype;
  std::span<const std::uint64_t> shape;
  bool fortran = false;
  base::Bytes data;  // the rest of the file: elements, or a pickle where dtype is 'O'
};
// The header. Refuses keys and literals that NumPy does not write.
base::Result<Npy> open_npy(Heap& heap, base::Bytes bytes);
// The array; refuses arrays of objects, which are a pickle inside.
base::Result<Node*> read_npy(Heap& heap, base::Bytes bytes);

}  // namespace pickle
