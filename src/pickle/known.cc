#include "pickle/known.h"

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

#include "base/text.h"
#include "pickle/numpy.h"

namespace pickle {
namespace {

using base::Code;
using base::Error;
using base::Result;

struct Known {
  std::string_view module;
  std::string_view name;
  Constructor constructor;
};

// By module, then name. Python 2 says __builtin__ for builtins; NumPy 2 moved core to _core.
constexpr auto kKnown = std::to_array<Known>({
    {"__builtin__", "bytearray", Constructor::ByteArray},
    {"__builtin__", "bytes", Constructor::Bytes},
    {"__builtin__", "complex", Constructor::Complex},
    {"__builtin__", "dict", Constructor::Dict},
    {"__builtin__", "frozenset", Constructor::FrozenSet},
    {"__builtin__", "list", Constructor::List},
    {"__builtin__", "set", Constructor::Set},
    {"__builtin__", "tuple", Constructor::Tuple},
    {"_codecs", "encode", Constructor::Encode},
    {"builtins", "bytearray", Constructor::ByteArray},
    {"builtins", "bytes", Constructor::Bytes},
    {"builtins", "complex", Constructor::Complex},
    {"builtins", "dict", Constructor::Dict},
    {"builtins", "frozenset", Constructor::FrozenSet},
    {"builtins", "list", Constructor::List},
    {"builtins", "set", Constructor::Set},
    {"builtins", "tuple", Constructor::Tuple},
    {"collections", "OrderedDict", Constructor::Dict},
    {"collections", "defaultdict", Constructor::DefaultDict},
    {"dill._dill", "_create_array", Constructor::DillArray},
    {"dill.dill", "_create_array", Constructor::DillArray},
    {"numpy", "dtype", Constructor::DType},
    {"numpy._core._multiarray_umath", "_reconstruct", Constructor::Reconstruct},
    {"numpy._core._multiarray_umath", "scalar", Constructor::Scalar},
    {"numpy._core.multiarray", "_reconstruct", Constructor::Reconstruct},
    {"numpy._core.multiarray", "scalar", Constructor::Scalar},
    {"numpy._core.numeric", "_frombuffer", Constructor::FromBuffer},
    {"numpy.core._multiarray_umath", "_reconstruct", Constructor::Reconstruct},
    {"numpy.core._multiarray_umath", "scalar", Constructor::Scalar},
    {"numpy.core.multiarray", "_reconstruct", Constructor::Reconstruct},
    {"numpy.core.multiarray", "scalar", Constructor::Scalar},
    {"numpy.core.numeric", "_frombuffer", Constructor::FromBuffer},
});

constexpr bool before(const Known& known, std::string_view module, std::string_view name) {
  return known.module != module ? known.module < module : known.name < name;
}
static_assert(std::is_sorted(kKnown.begin(), kKnown.end(), [](const Known& a, const Known& b) {
  return before(a, b.module, b.name);
}));

Error misfit(std::string_view expected, std::span<const Value> args) {
  std::string got;
  for (const Value arg : args.first(std::min<std::size_t>(args.size(), 6))) {
    got += got.empty() ? "" : ", ";
    got += kind_name(arg.kind());
  }
  return {Code::Corrupt, fmt::format("expected {}, got ({})", expected, got)};
}

bool says_latin1(Value encoding) {
  const auto name = encoding.as_string();
  return name == "latin1" || name == "latin-1" || name == "iso-8859-1";
}

// Text that Python would have encoded as Latin-1: how protocols 0 to 2 write bytes.
Result<std::string_view> latin1_bytes(Heap& heap, std::string_view text) {
  TRY(heap.work(text.size()));
  const bool ascii = std::all_of(text.begin(), text.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (ascii) return text;
  TRY_ASSIGN(char* out, heap.room<char>(text.size()));
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t point = base::next_point(text, at);
    if (point > 0xff) return Error(Code::Corrupt, "expected text of Latin-1 characters");
    out[count++] = static_cast<char>(static_cast<unsigned char>(point));
  }
  return std::string_view(out, count);
}

Result<Node*> make_encode(Heap& heap, std::span<const Value> args, std::uint64_t offset) {
  const auto text = args.empty() ? std::nullopt : args[0].as_string();
  if (args.size() != 2 || !text || !says_latin1(args[1])) {
    return misfit("(string, \"latin1\")", args);
  }
  TRY_ASSIGN(const auto bytes, latin1_bytes(heap, *text));
  return &heap.text(Kind::Bytes, bytes, offset);
}

Result<Node*> make_bytes(Heap& heap, std::uint8_t flags, std::span<const Value> args,
                         std::uint64_t offset) {
  std::string_view bytes;
  if (args.size() == 2 && args[0].as_string() && says_latin1(args[1])) {
    TRY_ASSIGN(bytes, latin1_bytes(heap, *args[0].as_string()));
  } else if (args.size() == 1 && args[0].as_bytes() &&
             (args[0].is(Kind::Bytes) || args[0].is(Kind::String))) {
    bytes = base::as_text(*args[0].as_bytes());
  } else if (!args.empty()) {
    return misfit("(), (bytes) or (string, \"latin-1\")", args);
  }
  Node& node = heap.text(Kind::Bytes, bytes, offset);
  node.flags = flags;
  return &node;
}

bool is_sequence(Value value) { return value.is(Kind::List) || value.is(Kind::Tuple); }

Result<Node*> make_sequence(Heap& heap, Kind kind, std::span<const Value> args,
                            std::uint64_t offset) {
  if (args.size() > 1 || (args.size() == 1 && !is_sequence(args[0]))) {
    return misfit("() or (list)", args);
  }
  // The items are shared with the argument: neither sees what is appended to the other.
  return &heap.sequence(kind, args.empty() ? std::span<const Value>() : args[0].items(), offset);
}

Result<Node*> make_set(Heap& heap, std::uint8_t flags, std::span<const Value> args,
                       std::uint64_t offset) {
  const bool fits =
      args.empty() || (args.size() == 1 && (is_sequence(args[0]) || args[0].is(Kind::Set)));
  if (!fits) return misfit("() or (list)", args);
  Node& node = heap.make(Kind::Set, offset);
  node.flags = flags;
  if (args.empty()) return &node;
  for (const Value item : args[0].items()) TRY(heap.insert(*node.set, item));
  return &node;
}

Result<Node*> make_dict(Heap& heap, std::span<const Value> args, std::uint64_t offset) {
  if (args.size() > 1 || (args.size() == 1 && !is_sequence(args[0]) && !args[0].is(Kind::Dict))) {
    return misfit("() or (list of pairs)", args);
  }
  Node& node = heap.make(Kind::Dict, offset);
  if (args.empty()) return &node;
  for (const Entry& entry : args[0].entries()) TRY(heap.insert(*node.dict, entry));
  for (const Value pair : args[0].items()) {
    if (!is_sequence(pair) || pair.items().size() != 2)
      return misfit("() or (list of pairs)", args);
    TRY(heap.insert(*node.dict, {.key = pair.items()[0], .value = pair.items()[1]}));
  }
  return &node;
}

// The factory makes values for keys that are missing; nothing here asks for one.
Result<Node*> make_default_dict(Heap& heap, std::span<const Value> args, std::uint64_t offset) {
  const bool fits =
      args.empty() || args[0].is_none() || args[0].is(Kind::Global) || args[0].is(Kind::Record);
  if (!fits) return misfit("() or (factory)", args);
  return make_dict(heap, args.empty() ? args : args.subspan(1), offset);
}

Result<Node*> make_complex(Heap& heap, std::span<const Value> args, std::uint64_t offset) {
  if (args.size() != 2 || !args[0].as_float() || !args[1].as_float()) {
    return misfit("(float, float)", args);
  }
  Node& node = heap.make(Kind::Complex, offset);
  node.complex[0] = *args[0].as_float();
  node.complex[1] = *args[1].as_float();
  return &node;
}

}  // namespace

Constructor find_constructor(std::string_view module, std::string_view name) {
  const auto* const found =
      std::partition_point(kKnown.begin(), kKnown.end(),
                           [&](const Known& known) { return before(known, module, name); });
  if (found == kKnown.end() || found->module != module || found->name != name) {
    return Constructor::None;
  }
  return found->constructor;
}

Result<Node*> construct(Heap& heap, const Node& callable, std::span<const Value> args,
                        std::uint64_t offset) {
  switch (callable.name->constructor) {
    case Constructor::Reconstruct: return make_reconstruct(heap, callable, args, offset);
    case Constructor::DillArray: return make_dill_array(heap, args, offset);
    case Constructor::FromBuffer: return make_from_buffer(heap, args, offset);
    case Constructor::Scalar: return make_scalar(heap, args, offset);
    case Constructor::DType: return make_dtype(heap, callable, args, offset);
    case Constructor::Encode: return make_encode(heap, args, offset);
    case Constructor::Set: return make_set(heap, 0, args, offset);
    case Constructor::FrozenSet: return make_set(heap, Node::kFrozen, args, offset);
    case Constructor::List: return make_sequence(heap, Kind::List, args, offset);
    case Constructor::Tuple: return make_sequence(heap, Kind::Tuple, args, offset);
    case Constructor::Dict: return make_dict(heap, args, offset);
    case Constructor::DefaultDict: return make_default_dict(heap, args, offset);
    case Constructor::Bytes: return make_bytes(heap, 0, args, offset);
    case Constructor::ByteArray: return make_bytes(heap, Node::kMutable, args, offset);
    case Constructor::Complex: return make_complex(heap, args, offset);
    case Constructor::None: break;
  }
  return &heap.record(Value(callable), args, offset);
}

}  // namespace pickle
