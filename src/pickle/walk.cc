#include "pickle/walk.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace pickle {
namespace {

void append(std::span<const Entry> entries, std::vector<Value>& out) {
  for (const Entry& entry : entries) {
    out.push_back(entry.key);
    out.push_back(entry.value);
  }
}

void append(std::span<const Value> items, std::vector<Value>& out) {
  out.insert(out.end(), items.begin(), items.end());
}

void append_parts(Value value, std::vector<Value>& out) {
  append(value.items(), out);
  append(value.entries(), out);
  if (const Array* array = value.array()) append(array->objects, out);
  const Record* record = value.record();
  if (record == nullptr) return;
  out.push_back(record->callable);
  append(record->args, out);
  if (record->kwargs) out.push_back(*record->kwargs);
  if (record->state) out.push_back(*record->state);
  append(record->items, out);
  append(record->entries, out);
}

}  // namespace

void walk(Value root, const std::function<bool(Value)>& visit) {
  std::unordered_set<const Node*> seen;
  std::vector<Value> open{root};
  while (!open.empty()) {
    const Value value = open.back();
    open.pop_back();
    if (!seen.insert(value.id()).second) continue;
    if (visit(value)) append_parts(value, open);
  }
}

bool is_tree_within(Value root, unsigned depth_max) {
  // Height of what is finished; zero while it is open, so meeting one again is a cycle.
  std::unordered_map<const Node*, unsigned> heights;
  struct Frame {
    Value value;
    std::vector<Value> parts;
    std::size_t next = 0;
    unsigned height = 0;
  };
  std::vector<Frame> path;
  const auto enter = [&](Value value) {
    heights.emplace(value.id(), 0);
    path.push_back({.value = value, .parts = {}});
    append_parts(value, path.back().parts);
  };
  enter(root);
  while (!path.empty()) {
    Frame& frame = path.back();
    if (path.size() > depth_max) return false;
    if (frame.next == frame.parts.size()) {
      const unsigned height = frame.height + 1;
      heights[frame.value.id()] = height;
      path.pop_back();
      if (height + path.size() > depth_max) return false;
      if (!path.empty()) path.back().height = std::max(path.back().height, height);
      continue;
    }
    const Value part = frame.parts[frame.next++];
    const auto known = heights.find(part.id());
    if (known == heights.end()) {
      enter(part);
    } else if (known->second == 0 || known->second + path.size() > depth_max) {
      return false;
    } else {
      frame.height = std::max(frame.height, known->second);
    }
  }
  return true;
}

}  // namespace pickle
