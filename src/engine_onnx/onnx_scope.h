#pragma once

#include <string_view>
#include <unordered_set>

namespace engine_onnx {

// The values that the nodes of a graph may name: its inputs, its initialisers, what its nodes give,
// and all that the graphs around it have. Keeps views of the file.
class OnnxScope {
 public:
  explicit OnnxScope(const OnnxScope* outer) : outer_(outer) {}

  // False where there is one of that name in this graph already.
  bool add(std::string_view name) { return names_.insert(name).second; }
  // As deep as graphs lie within each other, which is bounded.
  bool knows(std::string_view name) const {
    for (const OnnxScope* scope = this; scope != nullptr; scope = scope->outer_) {
      if (scope->names_.contains(name)) return true;
    }
    return false;
  }

 private:
  const OnnxScope* outer_;
  std::unordered_set<std::string_view> names_;
};

}  // namespace engine_onnx
