#include "engine_onnx/onnx_functions.h"

#include <algorithm>

#include <fmt/format.h>

namespace engine_onnx {
namespace {

using base::Code;
using base::Error;
using base::Result;

class NodeCounter {
 public:
  NodeCounter(const std::vector<OnnxBody>& functions, const OnnxLimits& limits)
      : functions_(functions), limits_(limits), known_(functions.size()) {}

  struct Size {
    std::uint64_t nodes = 0;
    unsigned height = 0;
  };

  // A circle is as deep as one likes. Recursion is bounded by the limit.
  Result<Size> expand(const OnnxBody& body, unsigned depth) {
    Size size{.nodes = body.nodes, .height = 0};
    for (const std::uint32_t index : body.calls) {
      if (depth == limits_.depth) return too_deep();
      if (!known_[index]) {
        TRY_ASSIGN(known_[index], expand(functions_[index], depth + 1));
      }
      size.nodes += known_[index]->nodes;
      size.height = std::max(size.height, known_[index]->height + 1);
      if (size.nodes > limits_.nodes) return too_many();
      if (size.height + depth > limits_.depth) return too_deep();
    }
    if (size.nodes > limits_.nodes) return too_many();
    return size;
  }

 private:
  Error too_deep() const {
    return Error(Code::Exhausted,
                 fmt::format("expected functions that call others at most {} deep, got more",
                             limits_.depth));
  }
  Error too_many() const {
    return Error(Code::Exhausted,
                 fmt::format("expected at most {} nodes, got more", limits_.nodes));
  }

  const std::vector<OnnxBody>& functions_;
  const OnnxLimits& limits_;
  std::vector<std::optional<Size>> known_;
};

}  // namespace

Result<std::uint64_t> count_nodes(const OnnxBody& graph, const std::vector<OnnxBody>& functions,
                                  const OnnxLimits& limits) {
  NodeCounter counter(functions, limits);
  TRY_ASSIGN(const auto size, counter.expand(graph, 0));
  return size.nodes;
}

}  // namespace engine_onnx
