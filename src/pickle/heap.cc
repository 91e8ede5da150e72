#include "pickle/heap.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include <fmt/format.h>

#include "base/text.h"
#include "pickle/keys.h"
#include "pickle/known.h"

namespace pickle {
namespace {

using base::Code;
using base::Error;
using base::Result;

// Up to here a table is searched from end to end.
constexpr std::uint32_t kLinearMax = 8;
// Longest run of occupied slots. A table at most half full does not come near it by chance.
constexpr std::uint32_t kProbesMax = 512;

Value key_of(const Entry& entry) { return entry.key; }
Value key_of(Value item) { return item; }

Entry fresh_item(Value key, const Entry* /*type*/) { return {.key = key, .value = key}; }
Value fresh_item(Value key, const Value* /*type*/) { return key; }

Error too_large(std::uint64_t memory_max) {
  return {Code::Exhausted,
          fmt::format("expected values that fit in {}, got more", base::human_bytes(memory_max))};
}

Error unhashable(Value key) {
  return {Code::Corrupt,
          fmt::format("expected a key that can be hashed, got {}", kind_name(key.kind()))};
}

}  // namespace

Heap::Heap(const Limits& limits, std::uint64_t stream_bytes)
    : limits_(limits), memory_max_(std::min(limits.memory_free_bytes, limits.memory_bytes)) {
  allow_for(stream_bytes);
}

void Heap::allow_for(std::uint64_t stream_bytes) {
  const std::uint64_t left = limits_.memory_bytes - memory_max_;
  const bool all = limits_.memory_per_byte != 0 && stream_bytes > left / limits_.memory_per_byte;
  memory_max_ += all ? left : stream_bytes * limits_.memory_per_byte;
}

Result<void> Heap::afford(std::uint64_t count, std::size_t size) const {
  const std::uint64_t left = memory_max_ - std::min(memory_max_, arena_.spent());
  if (count <= left / size) return {};
  return too_large(memory_max_);
}

Result<void> Heap::check() const {
  if (nodes_ > limits_.nodes) {
    return Error(Code::Exhausted,
                 fmt::format("expected at most {} values, got more", limits_.nodes));
  }
  if (arena_.spent() > memory_max_) return too_large(memory_max_);
  return {};
}

Result<void> Heap::work(std::uint64_t bytes) {
  steps_ += 1 + bytes / 64;
  if (steps_ <= limits_.steps) return {};
  return Error(Code::Exhausted, "shared values cost too much to read again");
}

Node& Heap::make(Kind kind, std::uint64_t offset) {
  ++nodes_;
  Node node;
  node.kind = kind;
  node.offset_high = static_cast<std::uint16_t>(offset >> 32U);
  node.offset_low = static_cast<std::uint32_t>(offset);
  if (kind == Kind::Dict) node.dict = &one(Table<Entry>{});
  if (kind == Kind::Set) node.set = &one(Table<Value>{});
  if (kind == Kind::List || kind == Kind::Tuple) node.sequence = {};
  return one(node);
}

Node& Heap::integer(std::int64_t value, std::uint64_t offset) {
  Node& node = make(Kind::Int, offset);
  node.integer = value;
  return node;
}

Node& Heap::text(Kind kind, std::string_view bytes, std::uint64_t offset) {
  Node& node = make(kind, offset);
  node.text = {bytes.data(), bytes.size()};
  return node;
}

Node& Heap::sequence(Kind kind, std::span<const Value> items, std::uint64_t offset) {
  Node& node = make(kind, offset);
  // Full, so that whatever is appended later goes elsewhere and `items` stay as they are.
  const auto size = static_cast<std::uint32_t>(items.size());
  node.sequence = {const_cast<Value*>(items.data()), size, size};
  return node;
}

Node& Heap::global(std::string_view module, std::string_view name, std::uint64_t offset) {
  Node& node = make(Kind::Global, offset);
  node.name = &one(Name{module, name, find_constructor(module, name)});
  return node;
}

Node& Heap::record(Value callable, std::span<const Value> args, std::uint64_t offset) {
  Node& node = make(Kind::Record, offset);
  node.record = &one(RecordNode{.record = {.callable = callable,
                                           .args = args,
                                           .kwargs = std::nullopt,
                                           .state = std::nullopt,
                                           .items = {},
                                           .entries = {}}});
  return node;
}

Node& Heap::array(const Array& array, std::uint64_t offset) {
  Node& node = make(Kind::Array, offset);
  node.array = &one(ArrayNode{.array = array, .text = {}});
  return node;
}

Result<std::string_view> Heap::copy(std::string_view text) {
  TRY_ASSIGN(char* data, room<char>(text.size()));
  if (!text.empty()) std::memcpy(data, text.data(), text.size());
  return std::string_view(data, text.size());
}

Result<std::span<const Value>> Heap::copy(std::span<const Value> values) {
  TRY_ASSIGN(Value * data, room<Value>(values.size()));
  std::uninitialized_copy(values.begin(), values.end(), data);
  return std::span<const Value>(data, values.size());
}

template <typename T>
Result<void> Heap::grow(T*& data, std::uint32_t size, std::uint32_t& capacity, std::uint64_t more) {
  const std::uint64_t needed = size + more;
  if (needed <= capacity) return {};
  if (needed > std::numeric_limits<std::uint32_t>::max() / 2) {
    return Error(Code::Exhausted,
                 fmt::format("expected a container of fewer items than {}", needed));
  }
  const std::uint64_t larger = std::max<std::uint64_t>(needed, std::uint64_t{capacity} * 2);
  TRY_ASSIGN(T * fresh, room<T>(larger));
  std::uninitialized_copy(data, data + size, fresh);
  data = fresh;
  capacity = static_cast<std::uint32_t>(larger);
  return {};
}

Result<void> Heap::append(Sequence& to, std::span<const Value> items) {
  TRY(grow(to.data, to.size, to.capacity, items.size()));
  std::uninitialized_copy(items.begin(), items.end(), to.data + to.size);
  to.size += static_cast<std::uint32_t>(items.size());
  return {};
}

Result<void> Heap::append(RecordNode& to, std::span<const Value> items) {
  const auto have = to.record.items;
  Sequence all{const_cast<Value*>(have.data()), static_cast<std::uint32_t>(have.size()),
               to.items_capacity};
  TRY(append(all, items));
  to.record.items = all.span();
  to.items_capacity = all.capacity;
  return {};
}

Result<void> Heap::append(RecordNode& to, const Entry& entry) {
  auto* data = const_cast<Entry*>(to.record.entries.data());
  const auto size = static_cast<std::uint32_t>(to.record.entries.size());
  TRY(grow(data, size, to.entries_capacity, 1));
  std::construct_at(data + size, entry);
  to.record.entries = {data, size + 1};
  return {};
}

template <typename Item>
Result<Item*> Heap::push(Table<Item>& table, Value key) {
  TRY(grow(table.data, table.size, table.capacity, 1));
  return std::construct_at(table.data + table.size++,
                           fresh_item(key, static_cast<const Item*>(nullptr)));
}

template <typename Item>
Result<void> Heap::index(Table<Item>& table) {
  const std::uint32_t count = table.slots == nullptr ? kLinearMax * 4 : (table.slot_mask + 1) * 2;
  TRY_ASSIGN(Slot * slots, room<Slot>(count));
  std::uninitialized_fill_n(slots, count, Slot{});
  const std::uint32_t mask = count - 1;
  const auto put = [&](std::uint32_t hash, std::uint32_t position) {
    std::uint32_t at = hash & mask;
    while (slots[at].position != 0) at = (at + 1) & mask;
    slots[at] = {hash, position};
  };
  if (table.slots == nullptr) {
    for (std::uint32_t i = 0; i < table.size; ++i) put(*key_hash(key_of(table.data[i])), i + 1);
  } else {
    for (std::uint32_t i = 0; i <= table.slot_mask; ++i) {
      if (table.slots[i].position != 0) put(table.slots[i].hash, table.slots[i].position);
    }
  }
  table.slots = slots;
  table.slot_mask = mask;
  return {};
}

// Where the item of `key` is, made if it is new.
template <typename Item>
Result<Item*> Heap::place(Table<Item>& table, Value key) {
  const auto hash = key_hash(key);
  if (!hash) return unhashable(key);
  if (table.slots == nullptr) {
    for (std::uint32_t i = 0; i < table.size; ++i) {
      TRY_ASSIGN(const bool same, same_key(key_of(table.data[i]), key, steps_, limits_.steps));
      if (same) return table.data + i;
    }
    if (table.size < kLinearMax) return push(table, key);
    TRY(index(table));
  }
  if (table.size + 1 > (table.slot_mask + 1) / 2) TRY(index(table));
  std::uint32_t at = *hash & table.slot_mask;
  for (std::uint32_t probes = 0; table.slots[at].position != 0; ++probes) {
    if (probes == kProbesMax) {
      return Error(Code::Exhausted, "expected keys that hash apart, got too many that collide");
    }
    if (table.slots[at].hash == *hash) {
      Item* item = table.data + table.slots[at].position - 1;
      TRY_ASSIGN(const bool same, same_key(key_of(*item), key, steps_, limits_.steps));
      if (same) return item;
    }
    at = (at + 1) & table.slot_mask;
  }
  table.slots[at] = {*hash, table.size + 1};
  return push(table, key);
}

Result<void> Heap::insert(Table<Entry>& table, const Entry& entry) {
  TRY_ASSIGN(Entry * place_of, place(table, entry.key));
  place_of->value = entry.value;
  return {};
}

Result<void> Heap::insert(Table<Value>& table, Value item) {
  TRY_ASSIGN(const Value* place_of, place(table, item));
  static_cast<void>(place_of);
  return {};
}

}  // namespace pickle
