#include <cstddef>
#include <optional>
#include <vector>

#include "plan_cells/expression.h"

namespace plan {
namespace {

using TypedNode = Expression::Node;
using TypedOp = Expression::Op;
using TypedFunction = Expression::Function;
using CellType = std::optional<data::ColumnType>;

bool is_arithmetic(TypedOp op) { return op >= TypedOp::Subtract && op <= TypedOp::Negate; }
bool gives_text(TypedFunction function) {
  return function == TypedFunction::ToText || function == TypedFunction::Lower ||
         function == TypedFunction::Strip;
}
bool takes_number(TypedFunction function) {
  return function != TypedFunction::ToText && function != TypedFunction::ToBool &&
         function != TypedFunction::ToInt && function != TypedFunction::ToFloat &&
         !Expression::takes_text(function);
}

// What each part of an expression is, in passes from its parts to the whole and back.
class Inference {
 public:
  Inference(const Expression& expression, std::vector<CellType>& columns)
      : nodes_(expression.nodes), locals_(expression.locals), columns_(columns) {}

  CellType type_of(std::size_t at) const { return types_[at]; }
  // Whether two branches differ.
  bool is_mixed(std::size_t at) const { return mixed_[at]; }

  // Says what columns must be for what is done with them; whether anything was new.
  bool pass() {
    note_types();
    wants_.assign(nodes_.size(), {});
    for (std::size_t i = 0; i < nodes_.size(); ++i) want_parts(i);
    return spread();
  }

  // The same for what the whole makes, or else should.
  void pass_from(std::size_t root, CellType wanted) {
    note_types();
    wants_.assign(nodes_.size(), {});
    want(root, {either(types_[root], wanted), 0});
    spread();
    note_types();
  }

 private:
  // By the first part that says so: a row in which it is something else is refused.
  struct Want {
    CellType type;
    std::size_t by = 0;
  };

  static CellType either(CellType a, CellType b) { return a ? a : b; }

  void note_types() {
    types_.clear();
    mixed_.clear();
    for (const TypedNode& node : nodes_) {
      types_.push_back(type_from_parts(node));
      mixed_.push_back(mixed_from_parts(node));
    }
  }

  bool spread() {
    // What is wanted of a whole is wanted of its parts.
    std::vector<Want> columns(columns_.size());
    for (std::size_t i = nodes_.size(); i-- > 0;) {
      if (wants_[i].type) pass_on(i, columns);
    }
    bool changed = false;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (columns_[c] || !columns[c].type) continue;
      columns_[c] = columns[c].type;
      changed = true;
    }
    return changed;
  }

  CellType type_from_parts(const TypedNode& node) const {
    switch (node.op) {
      case TypedOp::Constant:
        if (node.kind == Expression::Kind::None) return std::nullopt;
        return node.kind == Expression::Kind::Text ? data::ColumnType::Text
                                                   : data::ColumnType::Number;
      case TypedOp::Column: return columns_[node.column];
      case TypedOp::Local: return types_[locals_[node.column]];
      case TypedOp::Bind: return types_[node.a];
      case TypedOp::If:
      case TypedOp::Where: return either(types_[node.b], types_[node.c]);
      case TypedOp::And:
      case TypedOp::Or:
      case TypedOp::Add: return either(types_[node.a], types_[node.b]);
      case TypedOp::Function:
        return gives_text(node.function) ? data::ColumnType::Text : data::ColumnType::Number;
      default: return data::ColumnType::Number;
    }
  }

  bool mixed_from_parts(const TypedNode& node) const {
    if (node.op == TypedOp::Local) return mixed_[locals_[node.column]];
    if (node.op == TypedOp::Bind) return mixed_[node.a];
    const bool branches = node.op == TypedOp::If || node.op == TypedOp::Where;
    if (!branches && node.op != TypedOp::And && node.op != TypedOp::Or) return false;
    const std::size_t first = branches ? node.b : node.a;
    const std::size_t second = branches ? node.c : node.b;
    const CellType a = types_[first];
    const CellType b = types_[second];
    return (a && b && *a != *b) || mixed_[first] || mixed_[second];
  }

  void want(std::size_t at, Want wanted) {
    Want& known = wants_[at];
    if (wanted.type && (!known.type || wanted.by < known.by)) known = wanted;
  }

  void want_parts(std::size_t at) {
    const TypedNode& node = nodes_[at];
    if (Expression::is_comparison(node.op) || node.op == TypedOp::Add) {
      const CellType type = either(types_[node.a], types_[node.b]);
      want(node.a, {type, at});
      want(node.b, {type, at});
    } else if (node.op == TypedOp::In && node.b < node.c) {
      want(node.a, {types_[node.b], at});
    } else if (is_arithmetic(node.op)) {
      want(node.a, {data::ColumnType::Number, at});
      if (node.op != TypedOp::Negate) want(node.b, {data::ColumnType::Number, at});
    } else if (node.op == TypedOp::Function && Expression::takes_text(node.function)) {
      want(node.a, {data::ColumnType::Text, at});
    } else if (node.op == TypedOp::Function && takes_number(node.function)) {
      want(node.a, {data::ColumnType::Number, at});
    }
  }

  void pass_on(std::size_t at, std::vector<Want>& columns) {
    const TypedNode& node = nodes_[at];
    const Want wanted = wants_[at];
    switch (node.op) {
      case TypedOp::Column: {
        Want& column = columns[node.column];
        if (!column.type || wanted.by < column.by) column = wanted;
        return;
      }
      case TypedOp::Local: return want(locals_[node.column], wanted);
      case TypedOp::Bind: return want(node.a, wanted);
      case TypedOp::If: want(node.b, wanted); return want(node.c, wanted);
      case TypedOp::And:
      case TypedOp::Or:
      case TypedOp::Add: want(node.a, wanted); return want(node.b, wanted);
      default: return;
    }
  }

  const std::vector<TypedNode>& nodes_;
  const std::vector<std::size_t>& locals_;
  std::vector<CellType>& columns_;
  std::vector<CellType> types_;
  std::vector<bool> mixed_;
  std::vector<Want> wants_;
};

}  // namespace

std::optional<data::ColumnType> Expression::infer(std::vector<CellType>& columns,
                                                  CellType wanted) const {
  Inference inference(*this, columns);
  // Each pass but the last says what one more column is. Few need the one before, and a chain of
  // thousands is nobody's model.
  constexpr int kPassesMax = 100;
  for (int passes = 0; passes < kPassesMax && inference.pass(); ++passes) {
  }
  inference.pass_from(root, wanted);
  if (inference.is_mixed(root)) return std::nullopt;
  return inference.type_of(root);
}

}  // namespace plan
