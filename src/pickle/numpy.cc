#include "pickle/numpy.h"

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

#include "base/text.h"
#include "pickle/scalar.h"

namespace pickle {
namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr std::size_t kRankMax = 64;
// Elements that take no bytes are not paid for by the file.
constexpr std::uint64_t kEmptyElementsMax = 65536;

// Classes whose instances are the array and nothing else.
struct ClassName {
  std::string_view module;
  std::string_view name;
};
constexpr auto kPlainClasses = std::to_array<ClassName>({
    {"numpy", "ndarray"},
    {"numpy", "matrix"},
    {"numpy", "memmap"},
    {"numpy", "recarray"},
    {"numpy._core.memmap", "memmap"},
    {"numpy._core.multiarray", "ndarray"},
    {"numpy._core.records", "recarray"},
    {"numpy.core.defmatrix", "matrix"},
    {"numpy.core.memmap", "memmap"},
    {"numpy.core.multiarray", "ndarray"},
    {"numpy.core.records", "recarray"},
    {"numpy.matrixlib.defmatrix", "matrix"},
    {"numpy.rec", "recarray"},
});

bool is_plain_class(Value value) {
  return std::any_of(kPlainClasses.begin(), kPlainClasses.end(), [&](const ClassName& plain) {
    return plain.module == value.module() && plain.name == value.name();
  });
}

Error bad_state(std::string_view expected) {
  return {Code::Corrupt, fmt::format("array state: expected {}", expected)};
}

// The text of a scalar of kind U or S, so that it can be asked for as text.
Result<void> keep_text(Heap& heap, ArrayNode& node) {
  const Array& array = node.array;
  if (array.dtype.kind == 'U') {
    std::string text;
    if (!append_element_text(array.dtype, array.data.data(), text)) {
      return Error(Code::Corrupt, "expected Unicode text in a scalar of kind U");
    }
    TRY_ASSIGN(node.text, heap.copy(text));
    node.has_text = true;
  } else if (array.dtype.kind == 'S') {
    node.text = base::as_text(trimmed_bytes(array.data));
    TRY(heap.work(node.text.size()));
    node.has_text = !base::find_invalid_utf8(node.text);
  }
  return {};
}

std::optional<bool> truth(Value value) {
  if (const auto plain = value.as_bool()) return plain;
  const auto number = value.as_int();
  if (number == 0 || number == 1) return *number == 1;
  return std::nullopt;
}

// Bytes, or the str of Python 2 that stands for them.
std::optional<base::Bytes> buffer_of(Value value) {
  if (!value.is(Kind::Bytes) && !value.is(Kind::String)) return std::nullopt;
  return value.as_bytes();
}

// NumPy lists the objects in C order, whatever the order in memory was.
Result<Array> object_array(Heap& heap, const DTypeNode& dtype, std::span<const std::uint64_t> shape,
                           Value data) {
  TRY_ASSIGN(const Extent extent, extent_of(heap.limits(), shape, dtype.type));
  if (!data.is(Kind::List) || data.items().size() != extent.elements) {
    return bad_state(fmt::format("a list of {} objects", extent.elements));
  }
  Array array;
  array.dtype = dtype.type;
  array.shape = shape;
  array.objects = data.items();
  return array;
}

// What an axis order makes of memory in C order: itself, or its transpose.
Result<bool> reverses_axes(Value axes, std::size_t rank) {
  const auto order = axes.items();
  bool same = order.size() == rank;
  bool reversed = same;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto axis = order[i].as_int();
    same = same && axis == static_cast<std::int64_t>(i);
    reversed = reversed && axis == static_cast<std::int64_t>(rank - 1 - i);
  }
  if (!same && !reversed) {
    return Error(Code::Unsupported, "array whose axes are in neither C nor Fortran order");
  }
  return !same;
}

}  // namespace

Result<std::span<const std::uint64_t>> read_shape(Heap& heap, Value shape) {
  const auto items = shape.items();
  if ((!shape.is(Kind::Tuple) && !shape.is(Kind::List)) || items.size() > kRankMax) {
    return Error(Code::Corrupt, fmt::format("expected a shape of at most {} extents", kRankMax));
  }
  TRY_ASSIGN(std::uint64_t * extents, heap.room<std::uint64_t>(items.size()));
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto extent = items[i].as_int();
    if (!extent || *extent < 0)
      return Error(Code::Corrupt, "expected extents that are not negative");
    extents[i] = static_cast<std::uint64_t>(*extent);
  }
  return std::span<const std::uint64_t>(extents, items.size());
}

Result<Extent> extent_of(const Limits& limits, std::span<const std::uint64_t> shape,
                         const DType& dtype) {
  std::uint64_t product = 1;
  bool empty = false;
  for (const std::uint64_t extent : shape) {
    empty = empty || extent == 0;
    // Beside a zero the other extents count as well: nobody may size anything by them.
    if (extent != 0 && __builtin_mul_overflow(product, extent, &product)) {
      return Error(Code::Corrupt, "array: expected extents whose product fits in 64 bits");
    }
  }
  std::uint64_t bytes = 0;
  if (__builtin_mul_overflow(product, std::uint64_t{std::max(dtype.size, 1U)}, &bytes) ||
      bytes > limits.array_bytes) {
    return Error(Code::Exhausted, fmt::format("array: expected at most {}, got more",
                                              base::human_bytes(limits.array_bytes)));
  }
  if (dtype.size == 0 && !empty && product > kEmptyElementsMax) {
    return Error(Code::Exhausted, fmt::format("array: expected at most {} empty elements, got {}",
                                              kEmptyElementsMax, product));
  }
  if (empty) return Extent{};
  return Extent{.elements = product, .bytes = product * dtype.size};
}

Result<Array> array_of_bytes(const Limits& limits, const DTypeNode& dtype,
                             std::span<const std::uint64_t> shape, bool fortran, base::Bytes data) {
  if (dtype.objects || dtype.count != 1) {
    return Error(Code::Unsupported, "array: elements that hold objects or are arrays themselves");
  }
  TRY_ASSIGN(const Extent extent, extent_of(limits, shape, dtype.type));
  if (extent.bytes != data.size()) {
    return Error(Code::Corrupt, fmt::format("array: expected {} elements of {} bytes, got {} bytes",
                                            extent.elements, dtype.type.size, data.size()));
  }
  Array array;
  array.dtype = dtype.type;
  array.shape = shape;
  array.fortran = fortran && shape.size() > 1;
  array.data = data;
  return array;
}

Result<Node*> make_scalar(Heap& heap, std::span<const Value> args, std::uint64_t offset) {
  if (args.size() != 2) {
    return Error(Code::Corrupt,
                 fmt::format("expected (dtype, bytes), got {} arguments", args.size()));
  }
  TRY_ASSIGN(const DTypeNode* dtype, dtype_of(args[0]));
  // An object scalar is the object.
  if (dtype->type.kind == 'O') return const_cast<Node*>(args[1].id());
  const auto data = buffer_of(args[1]);
  if (!data) {
    return Error(Code::Corrupt,
                 fmt::format("expected (dtype, bytes), got {}", kind_name(args[1].kind())));
  }
  TRY_ASSIGN(const Array array, array_of_bytes(heap.limits(), *dtype, {}, false, *data));
  Node& node = heap.array(array, offset);
  TRY(keep_text(heap, *node.array));
  return &node;
}

Result<Node*> make_from_buffer(Heap& heap, std::span<const Value> args, std::uint64_t offset) {
  const auto order = args.size() < 4 ? std::nullopt : args[3].as_string();
  const auto data = args.empty() ? std::nullopt : buffer_of(args[0]);
  if (!data || !order || args.size() > 5 || (*order != "C" && *order != "F" && *order != "K")) {
    return Error(Code::Corrupt, "expected (buffer, dtype, shape, order)");
  }
  TRY_ASSIGN(const DTypeNode* dtype, dtype_of(args[1]));
  TRY_ASSIGN(auto shape, read_shape(heap, args[2]));
  bool fortran = *order == "F";
  if (args.size() == 5 && !args[4].is_none()) {
    TRY_ASSIGN(fortran, reverses_axes(args[4], shape.size()));
    if (fortran) {
      TRY_ASSIGN(std::uint64_t * reversed, heap.room<std::uint64_t>(shape.size()));
      std::reverse_copy(shape.begin(), shape.end(), reversed);
      shape = {reversed, shape.size()};
    }
  }
  TRY_ASSIGN(const Array array, array_of_bytes(heap.limits(), *dtype, shape, fortran, *data));
  return &heap.array(array, offset);
}

Result<Node*> make_reconstruct(Heap& heap, const Node& callable, std::span<const Value> args,
                               std::uint64_t offset) {
  if (args.size() != 3 || !args[0].is(Kind::Global)) {
    return Error(Code::Corrupt, "expected (class, shape, type)");
  }
  return &heap.record(Value(callable), args, offset);
}

bool awaits_array_state(const Node& node) {
  if (node.kind != Kind::Record) return false;
  const Record& record = node.record->record;
  return record.args.size() == 3 && record.callable.is(Kind::Global) &&
         record.callable.id()->name->constructor == Constructor::Reconstruct &&
         is_plain_class(record.args[0]);
}

Result<void> set_array_state(Heap& heap, Node& node, Value state) {
  auto parts = state.items();
  if (!state.is(Kind::Tuple) || parts.size() < 4 || parts.size() > 5) {
    return bad_state("(version, shape, dtype, is_fortran, data)");
  }
  if (parts.size() == 5) {
    if (parts[0].as_int() != 1) return bad_state("version 1");
    parts = parts.subspan(1);
  }
  TRY_ASSIGN(const auto shape, read_shape(heap, parts[0]));
  TRY_ASSIGN(const DTypeNode* dtype, dtype_of(parts[1]));
  const auto fortran = truth(parts[2]);
  if (!fortran) return bad_state("is_fortran as a bool");
  Array array;
  if (dtype->type.kind == 'O' && dtype->count == 1) {
    TRY_ASSIGN(array, object_array(heap, *dtype, shape, parts[3]));
  } else {
    const auto data = buffer_of(parts[3]);
    if (!data) return bad_state(fmt::format("bytes, got {}", kind_name(parts[3].kind())));
    TRY_ASSIGN(array, array_of_bytes(heap.limits(), *dtype, shape, *fortran, *data));
  }
  ArrayNode& made = heap.one(ArrayNode{.array = array, .text = {}});
  if (shape.empty()) TRY(keep_text(heap, made));
  node.kind = Kind::Array;
  node.array = &made;
  return {};
}

// The attributes are those of a subclass, which a plain array has none of.
Result<Node*> make_dill_array(Heap& heap, std::span<const Value> args, std::uint64_t offset) {
  const bool fits = args.size() >= 3 && args[0].is(Kind::Global) && args[1].is(Kind::Tuple) &&
                    args[0].id()->name->constructor == Constructor::Reconstruct;
  if (!fits) return Error(Code::Corrupt, "expected (_reconstruct, arguments, state)");
  TRY_ASSIGN(Node * node, make_reconstruct(heap, *args[0].id(), args[1].items(), offset));
  if (awaits_array_state(*node)) TRY(set_array_state(heap, *node, args[2]));
  return node;
}

}  // namespace pickle
