#include <cstddef>
#include <optional>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "companions/python_writing.h"

namespace companions::python {
namespace {

// Statements that are left when a block ends.
struct Rest {
  const PythonBlock& block;
  std::size_t from;
  const Rest* next;
};

base::Error too_large(std::string_view expected) {
  return {base::Code::Unsupported, fmt::format("expected {}", expected)};
}

class BodyWriter {
 public:
  explicit BodyWriter(Written& written) : written_(written) {}

  // Where a value is kept; nothing for the row itself, whose columns are read where they are named.
  std::optional<std::size_t> bound(std::size_t value) {
    auto& nodes = written_.expression.nodes;
    if (nodes[value].op != Op::Column || !nodes[value].bare) return written_.new_slot(value);
    nodes[value] = Node{};  // Else it would be a column called X.
    return std::nullopt;
  }

  // What the statements from there on return.
  // NOLINTNEXTLINE(misc-no-recursion): kDepthMax bounds it.
  Result<std::size_t> returned(const PythonBlock& block, std::size_t from, const Scope& scope,
                               const Rest* rest) {
    const Deeper deeper(written_.depth);
    if (written_.depth > kDepthMax) return too_large("less nesting");
    if (written_.expression.nodes.size() > written_.parts_max) return too_large("fewer parts");
    if (from == block.size()) {
      if (rest != nullptr) return returned(rest->block, rest->from, scope, rest->next);
      return written_.add(Node{});  // None
    }
    const PythonStatement& statement = block[from];
    if (!statement.branches.empty()) return branched(block, from, scope, rest);
    TRY_ASSIGN(const std::size_t value, write_expression(statement.value, written_, scope));
    if (statement.name.empty()) return value;
    Scope inner = scope;
    inner.locals.push_back({statement.name, bound(value)});
    const auto slot = inner.locals.back().slot;
    TRY_ASSIGN(const std::size_t body, returned(block, from + 1, inner, rest));
    return slot ? written_.add_bind(*slot, body) : body;
  }

 private:
  // The same of an if, whose branches go on with what stands behind it.
  // NOLINTNEXTLINE(misc-no-recursion)
  Result<std::size_t> branched(const PythonBlock& block, std::size_t at, const Scope& scope,
                               const Rest* rest) {
    const auto& branches = block[at].branches;
    const Rest after{block, at + 1, rest};
    const bool has_else = branches.back().condition.empty();
    auto made = has_else ? returned(branches.back().block, 0, scope, &after)
                         : returned(block, at + 1, scope, rest);
    for (std::size_t i = branches.size() - (has_else ? 1 : 0); made.ok() && i-- > 0;) {
      const PythonBranch& branch = branches[i];
      TRY_ASSIGN(const std::size_t then, returned(branch.block, 0, scope, &after));
      TRY_ASSIGN(const std::size_t condition, write_expression(branch.condition, written_, scope));
      made = written_.add(Op::If, condition, then, *made);
    }
    return made;
  }

  Written& written_;
};

}  // namespace

// NOLINTNEXTLINE(misc-no-recursion)
Result<std::size_t> write_call(const PythonFunction& function,
                               std::span<const std::size_t> arguments, Written& written) {
  BodyWriter writer(written);
  Scope scope{.locals = {}, .has_row = false};
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    scope.locals.push_back({function.parameters[i], writer.bound(arguments[i])});
  }
  auto body = writer.returned(function.body, 0, scope, nullptr);
  if (!body.ok()) return std::move(body).error().within(fmt::format("function {}", function.name));
  std::size_t made = *body;
  for (auto local = scope.locals.rbegin(); local != scope.locals.rend(); ++local) {
    if (local->slot) made = written.add_bind(*local->slot, made);
  }
  return made;
}

}  // namespace companions::python
