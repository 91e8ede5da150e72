#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"
#include "pickle/heap.h"

namespace pickle {

// NumPy's part of the allow-list. What NumPy writes is its methods.c and descriptor.c:
//   array   _reconstruct(class, (0,), b'b'), then the state (1, shape, dtype, is_fortran, data);
//           version 0 has no leading number. `data` is bytes, or a list for dtype 'O'
//   dtype   dtype('f8', False, True), then the state (3, '<', subdtype, names, fields, size,
//           alignment, flags[, metadata])
//   scalar  scalar(dtype, bytes)
//   dill    _create_array(_reconstruct, (class, (0,), b'b'), state, attributes), of dill
//   buffer  _frombuffer(buffer, dtype, shape, 'C' | 'F' | 'K'[, axes]), protocol 5
base::Result<Node*> make_dtype(Heap& heap, const Node& callable, std::span<const Value> args,
                               std::uint64_t offset);
base::Result<Node*> make_scalar(Heap& heap, std::span<const Value> args, std::uint64_t offset);
base::Result<Node*> make_from_buffer(Heap& heap, std::span<const Value> args, std::uint64_t offset);
base::Result<Node*> make_reconstruct(Heap& heap, const Node& callable, std::span<const Value> args,
                                     std::uint64_t offset);
base::Result<Node*> make_dill_array(Heap& heap, std::span<const Value> args, std::uint64_t offset);

// Whether `node` is a Record of _reconstruct for a class whose instances are plain arrays.
bool awaits_array_state(const Node& node);
base::Result<void> set_array_state(Heap& heap, Node& node, Value state);
base::Result<void> set_dtype_state(Heap& heap, Node& node, Value state);

// "<f8", "|O", "<U12", "M8[ns]": the letters of NumPy's array protocol and of dtype.str.
base::Result<DTypeNode> parse_type(std::string_view text);
// (3, 4) or [3, 4], of values that are sizes.
base::Result<std::span<const std::uint64_t>> read_shape(Heap& heap, Value shape);
// Product of the extents, and with the element size; Corrupt where 64 bits do not hold it,
// Exhausted past Limits::array_bytes. Extents beside a zero are bounded too.
struct Extent {
  std::uint64_t elements = 0;
  std::uint64_t bytes = 0;
};
base::Result<Extent> extent_of(const Limits& limits, std::span<const std::uint64_t> shape,
                               const DType& dtype);

// An array whose bytes are `data`: their number is checked.
base::Result<Array> array_of_bytes(const Limits& limits, const DTypeNode& dtype,
                                   std::span<const std::uint64_t> shape, bool fortran,
                                   base::Bytes data);
// The element type of a Record of numpy.dtype.
base::Result<const DTypeNode*> dtype_of(Value value);

}  // namespace pickle
