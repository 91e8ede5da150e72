#pragma once

#include <cstdint>
#include <string_view>

#include "pickle/value.h"

namespace pickle {

// How values lie in memory. Only the reader sees this; everybody else has Value.

// The values of a list, a tuple, or of a record's APPENDs.
struct Sequence {
  Value* data = nullptr;
  std::uint32_t size = 0;
  std::uint32_t capacity = 0;

  std::span<const Value> span() const { return {data, size}; }
};

struct Slot {
  std::uint32_t hash = 0;
  std::uint32_t position = 0;  // one more than the item's, 0 is free
};

// Items with distinct keys in the order they came, and a hash index once there are more than a
// few. Item is Entry (a dictionary) or Value (a set).
template <typename Item>
struct Table {
  Item* data = nullptr;
  std::uint32_t size = 0;
  std::uint32_t capacity = 0;
  Slot* slots = nullptr;
  std::uint32_t slot_mask = 0;

  std::span<const Item> span() const { return {data, size}; }
};

// The few names that make values rather than records (known.h).
enum class Constructor : std::uint8_t {
  None,
  Reconstruct,
  DillArray,
  FromBuffer,
  Scalar,
  DType,
  Encode,
  Set,
  FrozenSet,
  List,
  Tuple,
  Dict,
  DefaultDict,
  Bytes,
  ByteArray,
  Complex,
};

struct Name {
  std::string_view module;
  std::string_view name;
  Constructor constructor = Constructor::None;
};

// A numpy.dtype, once its text and state were understood.
struct DTypeNode {
  DType type;
  std::uint32_t count = 1;  // elements, if it is a sub-array type
  std::uint32_t depth = 0;  // of structured types within structured types
  bool objects = false;     // holds Python objects somewhere
};

struct ArrayNode {
  Array array;
  std::string_view text;  // of a scalar of kind U or S
  bool has_text = false;
};

struct RecordNode {
  Record record;
  std::uint32_t items_capacity = 0;
  std::uint32_t entries_capacity = 0;
  const DTypeNode* dtype = nullptr;  // of a record of numpy.dtype
};

struct Text {
  const char* data = nullptr;
  std::size_t size = 0;

  std::string_view view() const { return {data, size}; }
};

struct Node {
  // String: a Python 2 str, whose bytes are also asked for. Bytes: a bytearray. Set: frozen.
  static constexpr std::uint8_t kRaw = 1;
  static constexpr std::uint8_t kMutable = 2;
  static constexpr std::uint8_t kFrozen = 4;

  Kind kind = Kind::None;
  std::uint8_t flags = 0;
  std::uint16_t offset_high = 0;
  std::uint32_t offset_low = 0;
  union {
    bool boolean;
    std::int64_t integer;
    double real;
    double complex[2];
    Text text;  // String, Bytes, BigInt
    Sequence sequence;
    Table<Entry>* dict;
    Table<Value>* set;
    const Name* name;
    ArrayNode* array;
    RecordNode* record;
  };

  Node() : integer(0) {}

  bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
};
static_assert(sizeof(Node) == 24);

}  // namespace pickle
