#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "base/bytes.h"

namespace pickle {

// What a pickle says, as data. Nothing here was executed: a class is its name, an instance is a
// Record of how it would have been made. Values are cheap views into the Document that was read
// (document.h) and live as long as it does; a value may be shared and, through records, lists and
// dictionaries, may contain itself. A file of a few bytes can share one list so often that the walk
// along every path never ends: whoever walks visits each node once (walk.h) or bounds depth and
// steps.
enum class Kind : std::uint8_t {
  None,
  Bool,
  Int,     // fits int64
  BigInt,  // does not: little-endian two's complement bytes
  Float,
  Complex,
  Bytes,   // bytes and bytearray
  String,  // str, valid UTF-8
  List,
  Tuple,
  Set,     // set and frozenset
  Dict,    // dict, OrderedDict, defaultdict
  Global,  // a name: module and qualified name
  Record,  // an instance of something that is not on the list of known constructors
  Array,   // numpy.ndarray, also the array of one NumPy scalar (rank 0)
};

std::string_view kind_name(Kind kind);

struct Node;
struct Entry;
struct Array;
struct DType;
struct Record;

class Value {
 public:
  explicit Value(const Node& node) : node_(&node) {}

  Kind kind() const;
  bool is(Kind kind) const { return this->kind() == kind; }
  bool is_none() const { return is(Kind::None); }

  // Each is something only for its own kind. A NumPy scalar (rank 0 array of one) counts as the
  // Bool, Int, Float or String that it holds; as_float also takes Int and Bool.
  std::optional<bool> as_bool() const;
  std::optional<std::int64_t> as_int() const;
  std::optional<double> as_float() const;
  std::optional<std::string_view> as_string() const;
  // Bytes, BigInt, and a String that is a Python 2 str: the reader takes a str that is valid
  // UTF-8 for text, since attribute names are str there, and any other for Bytes. A NumPy
  // scalar of kind S gives both too.
  std::optional<base::Bytes> as_bytes() const;

  // List, Tuple, Set: the elements. Else empty.
  std::span<const Value> items() const;
  // Dict: the entries in the order they were set, later values of a key winning. Else empty.
  std::span<const Entry> entries() const;
  // The value of a string key of a Dict, or of an attribute of a Record (its state's dictionary,
  // for a (dict, slots) state both). Else nothing.
  std::optional<Value> find(std::string_view key) const;

  const Array* array() const;    // Array, else null
  const Record* record() const;  // Record, else null
  // The element type that a Record of numpy.dtype stands for, else null.
  const DType* dtype() const;
  // Complex: real and imaginary part.
  std::optional<std::pair<double, double>> as_complex() const;
  // Global: "module" and "qualified.name". Else empty.
  std::string_view module() const;
  std::string_view name() const;

  // Byte offset in the (uncompressed) pickle stream of the opcode that made it.
  std::uint64_t offset() const;

  // Whether both are the same node; what a walk that may meet a cycle remembers.
  bool same(Value other) const { return node_ == other.node_; }
  const Node* id() const { return node_; }

 private:
  const Node* node_;
};

struct Entry {
  Value key;
  Value value;
};

// How NumPy names an element type.
struct DType {
  char kind = 'f';         // b i u f c S U O V M m, as in dtype.kind
  char order = '<';        // '<', '>' or '|'
  std::uint32_t size = 8;  // bytes per element
  // Structured types (kind 'V' with fields): offset-addressed, never assumed packed.
  struct Field;
  std::span<const Field> fields;
};
struct DType::Field {
  std::string_view name;
  DType type;
  std::uint32_t offset = 0;
  std::uint32_t count = 1;  // sub-array elements, row-major
};

// numpy.ndarray. `data` holds exactly product(shape) * dtype.size bytes, checked; for dtype 'O'
// it is empty and `objects` holds product(shape) values, row-major whatever `fortran` was.
struct Array {
  DType dtype;
  std::span<const std::uint64_t> shape;
  bool fortran = false;  // column-major
  base::Bytes data;      // alignment is not promised
  std::span<const Value> objects;

  std::uint64_t elements() const {
    std::uint64_t product = 1;
    for (const std::uint64_t extent : shape) product *= extent;
    return product;
  }
};

// An instance: the name that would have been called, what with, and the state it would have got.
struct Record {
  Value callable;                  // usually a Global
  std::span<const Value> args;     // positional arguments of REDUCE / NEWOBJ / INST / OBJ
  std::optional<Value> kwargs;     // NEWOBJ_EX
  std::optional<Value> state;      // BUILD
  std::span<const Value> items;    // appended by APPEND(S)
  std::span<const Entry> entries;  // set by SETITEM(S)

  // Module and qualified name of the class; for copyreg._reconstructor and
  // copyreg.__newobj__ that of their first argument.
  std::string_view module() const;
  std::string_view name() const;
};

}  // namespace pickle
