#pragma once

#include <cstdint>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>

#include "base/result.h"
#include "pickle/arena.h"
#include "pickle/limits.h"
#include "pickle/node.h"

namespace pickle {

// Where the nodes of one document are made, under its Limits. A single node is always made and
// counted afterwards (`check`, once an opcode); what has a length is checked before.
class Heap {
 public:
  // `stream_bytes` is the size of what is read, of which the memory allowed is a multiple.
  Heap(const Limits& limits, std::uint64_t stream_bytes);

  const Limits& limits() const { return limits_; }
  std::uint64_t nodes() const { return nodes_; }
  std::uint64_t spent() const { return arena_.spent(); }
  base::Result<void> check() const;
  // Counts against Limits::steps.
  base::Result<void> work(std::uint64_t bytes);
  // More input than was known at the start: an array from a file beside the pickle.
  void allow_for(std::uint64_t stream_bytes);

  Node& make(Kind kind, std::uint64_t offset);
  Node& integer(std::int64_t value, std::uint64_t offset);
  Node& text(Kind kind, std::string_view bytes, std::uint64_t offset);
  Node& sequence(Kind kind, std::span<const Value> items, std::uint64_t offset);
  Node& global(std::string_view module, std::string_view name, std::uint64_t offset);
  Node& record(Value callable, std::span<const Value> args, std::uint64_t offset);
  Node& array(const Array& array, std::uint64_t offset);

  // Room for `count` of T, not initialised.
  template <typename T>
  base::Result<T*> room(std::uint64_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    TRY(afford(count, sizeof(T)));
    return static_cast<T*>(arena_.allocate(count * sizeof(T), alignof(T)));
  }
  template <typename T>
  T& one(const T& value) {
    static_assert(std::is_trivially_destructible_v<T>);
    return *new (arena_.allocate(sizeof(T), alignof(T))) T(value);
  }
  base::Result<std::string_view> copy(std::string_view text);
  base::Result<std::span<const Value>> copy(std::span<const Value> values);

  base::Result<void> append(Sequence& to, std::span<const Value> items);
  base::Result<void> append(RecordNode& to, std::span<const Value> items);
  base::Result<void> append(RecordNode& to, const Entry& entry);

  // The later value of a key takes the place of the earlier one, as in a dict.
  base::Result<void> insert(Table<Entry>& table, const Entry& entry);
  base::Result<void> insert(Table<Value>& table, Value item);

 private:
  base::Result<void> afford(std::uint64_t count, std::size_t size) const;
  template <typename T>
  base::Result<void> grow(T*& data, std::uint32_t size, std::uint32_t& capacity,
                          std::uint64_t more);
  template <typename Item>
  base::Result<Item*> place(Table<Item>& table, Value key);
  template <typename Item>
  base::Result<Item*> push(Table<Item>& table, Value key);
  template <typename Item>
  base::Result<void> index(Table<Item>& table);

  const Limits& limits_;
  Arena arena_;
  std::uint64_t memory_max_;
  std::uint64_t nodes_ = 0;
  std::uint64_t steps_ = 0;
};

}  // namespace pickle
