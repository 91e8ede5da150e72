#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

#include "base/number.h"
#include "base/text.h"
#include "pickle/numpy.h"

namespace pickle {
namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr std::uint32_t kDTypeDepthMax = 8;
constexpr std::int64_t kSizeMax = std::int64_t{1} << 30U;

struct Letter {
  char letter;
  char kind;
  std::uint32_t size;
};

// The one-letter codes of types that have no size in their name ('l' as Linux has it).
constexpr auto kLetters = std::to_array<Letter>({
    {'?', 'b', 1}, {'b', 'i', 1}, {'B', 'u', 1},  {'h', 'i', 2}, {'H', 'u', 2},  {'i', 'i', 4},
    {'I', 'u', 4}, {'l', 'i', 8}, {'L', 'u', 8},  {'q', 'i', 8}, {'Q', 'u', 8},  {'e', 'f', 2},
    {'f', 'f', 4}, {'d', 'f', 8}, {'g', 'f', 16}, {'F', 'c', 8}, {'D', 'c', 16}, {'O', 'O', 8},
    {'S', 'S', 0}, {'U', 'U', 0}, {'V', 'V', 0},
});

bool is_size_of(char kind, std::int64_t size) {
  switch (kind) {
    case 'b': return size == 1;
    case 'i':
    case 'u': return size == 1 || size == 2 || size == 4 || size == 8;
    case 'f': return size == 2 || size == 4 || size == 8 || size == 12 || size == 16;
    case 'c': return size == 8 || size == 16 || size == 24 || size == 32;
    case 'O': return size == 4 || size == 8;
    case 'M':
    case 'm': return size == 8;
    case 'S':
    case 'V': return size >= 0 && size <= kSizeMax;
    case 'U': return size >= 0 && size <= kSizeMax / 4;
    default: return false;
  }
}

bool is_order(char order) { return order == '<' || order == '>' || order == '|' || order == '='; }

Error not_a_type(std::string_view text) {
  return {Code::Corrupt, fmt::format("expected a NumPy element type, got {}", base::quote(text))};
}

DTypeNode plain(char kind, char order, std::int64_t size) {
  DTypeNode node;
  node.type.kind = kind;
  node.type.size = static_cast<std::uint32_t>(size);
  // '=' is the order of the machine that wrote; those of today are little-endian.
  node.type.order = order == '=' ? '<' : order;
  if (size == 1 || kind == 'S' || kind == 'V' || kind == 'O') node.type.order = '|';
  node.objects = kind == 'O';
  return node;
}

// A field's value in the state: (dtype, offset[, title]).
Result<DType::Field> read_field(std::string_view name, Value value, std::int64_t size,
                                DTypeNode& whole) {
  const auto parts = value.items();
  if (!value.is(Kind::Tuple) || parts.size() < 2 || !parts[1].as_int()) {
    return Error(Code::Corrupt,
                 fmt::format("field {}: expected (dtype, offset)", base::quote(name)));
  }
  TRY_ASSIGN(const DTypeNode* type, dtype_of(parts[0]));
  const std::int64_t offset = *parts[1].as_int();
  const std::int64_t bytes = std::int64_t{type->count} * type->type.size;
  if (offset < 0 || offset > size || bytes > size - offset) {
    return Error(Code::Corrupt, fmt::format("field {}: expected it within {} bytes, got {} at {}",
                                            base::quote(name), size, bytes, offset));
  }
  whole.objects = whole.objects || type->objects;
  whole.depth = std::max(whole.depth, type->depth + 1);
  return DType::Field{.name = name,
                      .type = type->type,
                      .offset = static_cast<std::uint32_t>(offset),
                      .count = type->count};
}

Result<void> read_fields(Heap& heap, Value names, Value fields, DTypeNode& whole) {
  if (!names.is(Kind::Tuple) || !fields.is(Kind::Dict)) {
    return Error(Code::Corrupt, "expected the names and fields of a structured dtype");
  }
  TRY_ASSIGN(DType::Field * out, heap.room<DType::Field>(names.items().size()));
  std::size_t count = 0;
  for (const Value name : names.items()) {
    const auto text = name.as_string();
    const auto found = text ? fields.find(*text) : std::nullopt;
    if (!found) return Error(Code::Corrupt, "expected a field for each name of a structured dtype");
    TRY_ASSIGN(const DType::Field field, read_field(*text, *found, whole.type.size, whole));
    std::construct_at(out + count++, field);
  }
  if (whole.depth > kDTypeDepthMax) {
    return Error(Code::Exhausted,
                 fmt::format("expected structured dtypes nested at most {} deep", kDTypeDepthMax));
  }
  whole.type.fields = {out, count};
  return {};
}

// (dtype, shape): elements that are small arrays themselves.
Result<void> read_subarray(Heap& heap, Value pair, DTypeNode& whole) {
  if (!pair.is(Kind::Tuple) || pair.items().size() != 2) {
    return Error(Code::Corrupt, "expected the (dtype, shape) of a sub-array dtype");
  }
  TRY_ASSIGN(const DTypeNode* element, dtype_of(pair.items()[0]));
  std::uint64_t count = element->count;
  if (const auto extent = pair.items()[1].as_int()) {
    if (*extent < 0 || *extent > kSizeMax)
      return Error(Code::Corrupt, "sub-array dtype: bad shape");
    count *= static_cast<std::uint64_t>(*extent);
  } else {
    TRY_ASSIGN(const auto shape, read_shape(heap, pair.items()[1]));
    TRY_ASSIGN(const Extent extents, extent_of(heap.limits(), shape, element->type));
    if (extents.elements > static_cast<std::uint64_t>(kSizeMax)) {
      return Error(Code::Corrupt, "sub-array dtype: bad shape");
    }
    count *= extents.elements;
  }
  if (count > static_cast<std::uint64_t>(kSizeMax) ||
      count * element->type.size != whole.type.size) {
    return Error(Code::Corrupt, fmt::format("sub-array dtype: expected {} bytes, got {} x {}",
                                            whole.type.size, count, element->type.size));
  }
  whole = *element;
  whole.count = static_cast<std::uint32_t>(count);
  return {};
}

}  // namespace

Result<DTypeNode> parse_type(std::string_view text) {
  std::string_view rest = text;
  char order = '<';
  if (!rest.empty() && is_order(rest[0])) {
    order = rest[0];
    rest.remove_prefix(1);
  }
  if (rest.empty()) return not_a_type(text);
  if (rest.size() == 1) {
    const auto* const found =
        std::find_if(kLetters.begin(), kLetters.end(),
                     [&](const Letter& letter) { return letter.letter == rest[0]; });
    if (found == kLetters.end()) return not_a_type(text);
    return plain(found->kind, order, found->size);
  }
  const char kind = rest[0];
  std::string_view digits = rest.substr(1);
  // Dates carry their unit: M8[ns]. The numbers are read as they are.
  if ((kind == 'M' || kind == 'm') && digits.ends_with(']')) {
    digits = digits.substr(0, digits.find('['));
  }
  const auto size = base::parse_int(digits);
  if (!size || digits[0] == '-' || !is_size_of(kind, *size)) return not_a_type(text);
  return plain(kind, order, kind == 'U' ? *size * 4 : *size);
}

Result<const DTypeNode*> dtype_of(Value value) {
  const Node& node = *value.id();
  if (node.kind != Kind::Record || node.record->dtype == nullptr) {
    return Error(Code::Corrupt,
                 fmt::format("expected a numpy.dtype, got {}", kind_name(value.kind())));
  }
  return node.record->dtype;
}

Result<Node*> make_dtype(Heap& heap, const Node& callable, std::span<const Value> args,
                         std::uint64_t offset) {
  if (args.empty() || args.size() > 3) {
    return Error(Code::Corrupt,
                 fmt::format("expected (type, align, copy), got {} arguments", args.size()));
  }
  Node& node = heap.record(Value(callable), args, offset);
  if (const auto text = args[0].as_string()) {
    TRY_ASSIGN(const DTypeNode type, parse_type(*text));
    node.record->dtype = &heap.one(type);
  } else if (args[0].module() == "numpy" &&
             (args[0].name() == "void" || args[0].name() == "record")) {
    node.record->dtype = &heap.one(plain('V', '|', 0));
  } else if (!args[0].is(Kind::Global)) {
    return Error(Code::Corrupt, fmt::format("expected the name of an element type, got {}",
                                            kind_name(args[0].kind())));
  }
  return &node;
}

Result<void> set_dtype_state(Heap& heap, Node& node, Value state) {
  const auto parts = state.items();
  const auto version = parts.empty() ? std::nullopt : parts[0].as_int();
  if (!state.is(Kind::Tuple) || parts.size() < 8 || (version != 3 && version != 4)) {
    return Error(Code::Unsupported, "expected the state of a numpy.dtype, version 3 or 4");
  }
  const auto order = parts[1].as_string();
  const auto size = parts[5].as_int();
  if (!order || order->size() != 1 || !is_order((*order)[0]) || !size || *size < -1 ||
      *size > kSizeMax) {
    return Error(Code::Corrupt, "expected byte order and size in the state of a numpy.dtype");
  }
  const char kind = node.record->dtype->type.kind;
  // Only types of no fixed size say it in their state; -1 stands for the size of the type.
  const bool sized = kind == 'S' || kind == 'U' || kind == 'V';
  const std::int64_t bytes = sized && *size >= 0 ? *size : node.record->dtype->type.size;
  if (kind == 'U' && bytes % 4 != 0) {
    return Error(Code::Corrupt, fmt::format("expected a size of 4-byte characters, got {}", bytes));
  }
  DTypeNode fresh = plain(kind, (*order)[0], bytes);
  if (kind == 'V' && !parts[4].is_none()) TRY(read_fields(heap, parts[3], parts[4], fresh));
  if (kind == 'V' && !parts[2].is_none()) TRY(read_subarray(heap, parts[2], fresh));
  node.record->dtype = &heap.one(fresh);
  node.record->record.state = state;
  return {};
}

}  // namespace pickle
