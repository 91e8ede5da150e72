#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "companions/python_function.h"
#include "plan_cells/expression.h"

// What the parser of expressions and that of calls share.
namespace companions::python {

using plan::Expression;
using Op = Expression::Op;
using Node = Expression::Node;
template <typename T>
using Result = base::Result<T>;

constexpr unsigned kDepthMax = 300;  // Three for each parenthesis.
constexpr std::size_t kPartsMax = 1000;

// What a name of a function stands for: a value that was computed before, or the row.
struct Local {
  std::string name;
  std::optional<std::size_t> slot;  // Nothing: the row.
};

struct Scope {
  std::vector<Local> locals;
  bool has_row = true;  // X is the row; within a function it is a name like others.

  const Local* find(std::string_view name) const {
    for (auto local = locals.rbegin(); local != locals.rend(); ++local) {
      if (local->name == name) return &*local;
    }
    return nullptr;
  }
};

// What all pieces of an expression are written into.
struct Written {
  std::span<const PythonFunction> functions = {};
  Expression expression = {};
  std::size_t parts_max = kPartsMax;
  unsigned depth = 0;

  std::size_t add(Node node) {
    expression.nodes.push_back(std::move(node));
    return expression.nodes.size() - 1;
  }
  std::size_t add(Op op, std::size_t a, std::size_t b = 0, std::size_t c = 0) {
    Node node;
    node.op = op;
    node.a = a;
    node.b = b;
    node.c = c;
    return add(std::move(node));
  }
  std::size_t new_slot(std::size_t value) {
    expression.locals.push_back(value);
    return expression.locals.size() - 1;
  }
  std::size_t add_bind(std::size_t slot, std::size_t body) {
    Node node;
    node.op = Op::Bind;
    node.column = slot;
    node.a = body;
    return add(std::move(node));
  }
};

// Counts how deep it is for as long as it lives.
class Deeper {
 public:
  explicit Deeper(unsigned& depth) : depth_(++depth) {}
  Deeper(const Deeper&) = delete;
  Deeper& operator=(const Deeper&) = delete;
  ~Deeper() { --depth_; }

 private:
  unsigned& depth_;
};

// Writes a piece of Python, or the body of a function whose arguments are nodes already, and gives
// the node of its value.
Result<std::size_t> write_expression(std::string_view text, Written& written, const Scope& scope);
Result<std::size_t> write_call(const PythonFunction& function,
                               std::span<const std::size_t> arguments, Written& written);

}  // namespace companions::python
