#include "pickle/value.h"

#include <array>

#include "base/text.h"
#include "pickle/keys.h"
#include "pickle/node.h"
#include "pickle/scalar.h"

namespace pickle {
namespace {

constexpr std::array<std::string_view, 15> kKindNames = {
    "none", "bool",  "int", "big int", "float",  "complex", "bytes", "string",
    "list", "tuple", "set", "dict",    "global", "record",  "array"};

const Array* scalar_of(const Node& node) {
  if (node.kind != Kind::Array || !node.array->array.shape.empty()) return nullptr;
  return &node.array->array;
}

std::optional<Value> find_in(const Table<Entry>& table, std::string_view key) {
  if (table.slots == nullptr) {
    for (const Entry& entry : table.span()) {
      if (key_text(entry.key) == key) return entry.value;
    }
    return std::nullopt;
  }
  const std::uint32_t hash = text_hash(key);
  for (std::uint32_t at = hash & table.slot_mask; table.slots[at].position != 0;
       at = (at + 1) & table.slot_mask) {
    const Slot slot = table.slots[at];
    if (slot.hash != hash) continue;
    const Entry& entry = table.data[slot.position - 1];
    if (key_text(entry.key) == key) return entry.value;
  }
  return std::nullopt;
}

std::optional<Value> find_in_state(Value state, std::string_view key) {
  if (state.is(Kind::Dict)) return find_in(*state.id()->dict, key);
  if (!state.is(Kind::Tuple) || state.items().size() != 2) return std::nullopt;
  for (const Value part : state.items()) {
    if (!part.is(Kind::Dict)) continue;
    if (const auto found = find_in(*part.id()->dict, key)) return found;
  }
  return std::nullopt;
}

// The class of an instance that copyreg rather than the class itself would have made.
const Name* class_of(const Record& record) {
  if (!record.callable.is(Kind::Global)) return nullptr;
  const Name* name = record.callable.id()->name;
  const bool copyreg = name->module == "copyreg" || name->module == "copy_reg";
  const bool maker =
      name->name == "_reconstructor" || name->name == "__newobj__" || name->name == "__newobj_ex__";
  if (copyreg && maker && !record.args.empty() && record.args[0].is(Kind::Global)) {
    return record.args[0].id()->name;
  }
  return name;
}

}  // namespace

std::string_view kind_name(Kind kind) { return kKindNames.at(static_cast<std::size_t>(kind)); }

Kind Value::kind() const { return node_->kind; }

std::optional<bool> Value::as_bool() const {
  if (node_->kind == Kind::Bool) return node_->boolean;
  const Array* scalar = scalar_of(*node_);
  if (scalar == nullptr || scalar->dtype.kind != 'b') return std::nullopt;
  return scalar->data[0] != std::byte{0};
}

std::optional<std::int64_t> Value::as_int() const {
  if (node_->kind == Kind::Int) return node_->integer;
  const Array* scalar = scalar_of(*node_);
  if (scalar == nullptr || (scalar->dtype.kind != 'i' && scalar->dtype.kind != 'u')) {
    return std::nullopt;
  }
  return element_int64(scalar->dtype, scalar->data.data());
}

std::optional<double> Value::as_float() const {
  switch (node_->kind) {
    case Kind::Float: return node_->real;
    case Kind::Int: return static_cast<double>(node_->integer);
    case Kind::Bool: return node_->boolean ? 1.0 : 0.0;
    default: break;
  }
  const Array* scalar = scalar_of(*node_);
  if (scalar == nullptr) return std::nullopt;
  return element_double(scalar->dtype, scalar->data.data());
}

std::optional<std::string_view> Value::as_string() const {
  if (node_->kind == Kind::String) return node_->text.view();
  if (scalar_of(*node_) == nullptr || !node_->array->has_text) return std::nullopt;
  return node_->array->text;
}

std::optional<base::Bytes> Value::as_bytes() const {
  const bool raw = node_->kind == Kind::String && node_->has(Node::kRaw);
  if (raw || node_->kind == Kind::Bytes || node_->kind == Kind::BigInt) {
    return base::as_bytes(node_->text.view());
  }
  const Array* scalar = scalar_of(*node_);
  if (scalar == nullptr || scalar->dtype.kind != 'S') return std::nullopt;
  return trimmed_bytes(scalar->data);
}

std::optional<std::pair<double, double>> Value::as_complex() const {
  if (node_->kind != Kind::Complex) return std::nullopt;
  return std::pair(node_->complex[0], node_->complex[1]);
}

std::span<const Value> Value::items() const {
  switch (node_->kind) {
    case Kind::List:
    case Kind::Tuple: return node_->sequence.span();
    case Kind::Set: return node_->set->span();
    default: return {};
  }
}

std::span<const Entry> Value::entries() const {
  if (node_->kind != Kind::Dict) return {};
  return node_->dict->span();
}

std::optional<Value> Value::find(std::string_view key) const {
  if (node_->kind == Kind::Dict) return find_in(*node_->dict, key);
  if (node_->kind != Kind::Record || !node_->record->record.state) return std::nullopt;
  return find_in_state(*node_->record->record.state, key);
}

const Array* Value::array() const {
  return node_->kind == Kind::Array ? &node_->array->array : nullptr;
}

const Record* Value::record() const {
  return node_->kind == Kind::Record ? &node_->record->record : nullptr;
}

const DType* Value::dtype() const {
  if (node_->kind != Kind::Record || node_->record->dtype == nullptr) return nullptr;
  return &node_->record->dtype->type;
}

std::string_view Value::module() const {
  return node_->kind == Kind::Global ? node_->name->module : std::string_view();
}

std::string_view Value::name() const {
  return node_->kind == Kind::Global ? node_->name->name : std::string_view();
}

std::uint64_t Value::offset() const {
  return std::uint64_t{node_->offset_high} << 32U | node_->offset_low;
}

std::string_view Record::module() const {
  const Name* name = class_of(*this);
  return name == nullptr ? std::string_view() : name->module;
}

std::string_view Record::name() const {
  const Name* name = class_of(*this);
  return name == nullptr ? std::string_view() : name->name;
}

}  // namespace pickle
