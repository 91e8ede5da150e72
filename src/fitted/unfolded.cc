#include "fitted/unfolded.h"

#include <cstdint>
#include <limits>
#include <span>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>

namespace fitted {
namespace {

using pickle::Value;

// What sharing may add: honest models share little more than their settings.
constexpr std::uint64_t kFreeBytes = std::uint64_t{64} << 20U;
constexpr std::uint64_t kTimesMax = 16;
// What a value costs beside its bytes, and how many bytes a value may have that is not worth
// remembering.
constexpr std::uint64_t kValueBytes = 32;
constexpr std::uint64_t kSmallBytes = 64;

std::uint64_t sum_of(std::uint64_t a, std::uint64_t b) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  return a > kMost - b ? kMost : a + b;
}

std::uint64_t own_bytes(Value value) {
  std::uint64_t bytes = kValueBytes;
  if (const pickle::Array* array = value.array()) return bytes + array->data.size();
  if (const auto text = value.as_string()) return bytes + text->size();
  if (const auto raw = value.as_bytes()) return bytes + raw->size();
  return bytes;
}

void append_parts(Value value, std::vector<Value>& out) {
  const auto append_items = [&](std::span<const Value> items) {
    out.insert(out.end(), items.begin(), items.end());
  };
  const auto append_entries = [&](std::span<const pickle::Entry> entries) {
    for (const pickle::Entry& entry : entries) {
      out.push_back(entry.key);
      out.push_back(entry.value);
    }
  };
  append_items(value.items());
  append_entries(value.entries());
  if (const pickle::Array* array = value.array()) append_items(array->objects);
  const pickle::Record* record = value.record();
  if (record == nullptr) return;
  append_items(record->args);
  if (record->kwargs) out.push_back(*record->kwargs);
  if (record->state) out.push_back(*record->state);
  append_items(record->items);
  append_entries(record->entries);
}

// Bytes of a value with everything below it, parts that are shared counted each time.
class Unfolded {
 public:
  std::uint64_t count(Value root) {
    enter(root);
    while (!path_.empty()) {
      Frame& frame = path_.back();
      if (frame.next == frame.parts.size()) {
        leave();
      } else {
        visit(frame, frame.parts[frame.next++]);
      }
    }
    return bytes_[root.id()];
  }
  // The same with shared parts counted once.
  std::uint64_t unique() const { return unique_; }

 private:
  struct Frame {
    Value value;
    std::vector<Value> parts;
    std::size_t next = 0;
    std::uint64_t bytes = 0;
  };

  void enter(Value value) {
    const std::uint64_t own = own_bytes(value);
    unique_ = sum_of(unique_, own);
    bytes_.emplace(value.id(), 0);
    path_.push_back({.value = value, .parts = {}, .next = 0, .bytes = own});
    append_parts(value, path_.back().parts);
  }

  void leave() {
    const Frame& done = path_.back();
    const std::uint64_t bytes = done.bytes;
    bytes_[done.value.id()] = bytes;
    path_.pop_back();
    if (!path_.empty()) path_.back().bytes = sum_of(path_.back().bytes, bytes);
  }

  void visit(Frame& frame, Value part) {
    if (const auto known = bytes_.find(part.id()); known != bytes_.end()) {
      frame.bytes = sum_of(frame.bytes, known->second);  // Zero while it is open.
    } else if (is_small(part)) {
      frame.bytes = sum_of(frame.bytes, own_bytes(part));
      unique_ = sum_of(unique_, own_bytes(part));
    } else {
      enter(part);
    }
  }

  static bool is_small(Value value) {
    using pickle::Kind;
    switch (value.kind()) {
      case Kind::List:
      case Kind::Tuple:
      case Kind::Set:
      case Kind::Dict:
      case Kind::Record:
      case Kind::Array: return false;
      default: return own_bytes(value) <= kSmallBytes;
    }
  }

  std::unordered_map<const pickle::Node*, std::uint64_t> bytes_;
  std::vector<Frame> path_;
  std::uint64_t unique_ = 0;
};

}  // namespace

base::Result<void> check_unfolded(Value root) {
  Unfolded unfolded;
  const std::uint64_t bytes = unfolded.count(root);
  if (bytes <= kFreeBytes || bytes / kTimesMax <= unfolded.unique()) return {};
  return base::Error(base::Code::Unsupported,
                     fmt::format("model: expected shared parts that unfold to at most {} times the "
                                 "{} bytes of all parts, got {} bytes",
                                 kTimesMax, unfolded.unique(), bytes));
}

}  // namespace fitted
