#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plan/builder.h"
#include "plan_cells/cell_map.h"
#include "text/unicode.h"

namespace plan {

// A formula over the cells of one row, with Python's meaning of its operators.
struct Expression {
  enum class Op : std::uint8_t {
    Constant,  // `constant`
    Column,    // `column`, or the one called `text`
    If,        // a: condition, b: then, c: else
    Where,     // the same, of which all are computed
    And,
    Or,
    Not,
    Equal,
    Unequal,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    IsNone,
    In,  // a among the constants at b .. c, ends excluded
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Modulo,
    Power,
    Negate,
    IsNull,
    Function,  // `function` of a
    Bind,      // a, after the value of local `column` was computed
    Local,     // that value
  };
  enum class Function : std::uint8_t {
    None,
    Abs,
    Ceil,
    Cos,
    Exp,
    Expm1,
    Floor,
    Log,
    Log10,
    Log1p,
    Log2,
    Rint,
    Sign,
    Sin,
    Sqrt,
    Tan,
    Tanh,
    ToBool,
    ToFloat,
    ToInt,
    ToText,
    Length,
    Lower,
    Strip,
  };
  static bool is_comparison(Op op) { return op >= Op::Equal && op <= Op::GreaterEqual; }
  static bool takes_text(Function function) {
    return function == Function::Length || function == Function::Lower ||
           function == Function::Strip;
  }

  enum class Kind : std::uint8_t { None, Bool, Int, Float, Text };
  struct Node {
    Op op = Op::Constant;
    Function function = Function::None;
    Kind kind = Kind::None;  // Of a constant.
    bool bare = false;       // A column called X, of the one there is.
    bool raises = false;     // A function of numpy, for which a pole is an error.
    double number = 0;
    std::string text;
    std::size_t column = 0;
    std::size_t a = 0;
    std::size_t b = 0;
    std::size_t c = 0;
  };
  std::vector<Node> nodes;          // The parts of each before itself.
  std::vector<std::size_t> locals;  // The nodes whose values are kept while a row is computed.
  std::size_t root = 0;
  // Of NumPy's arrays, whose division by zero is no error.
  bool of_arrays = false;

  // What columns must be for it, where `columns` does not say: numbers or texts. Gives what it
  // makes, which is what is `wanted` where it could be either; nothing where it makes None alone,
  // or where numbers and texts are mixed.
  std::optional<data::ColumnType> infer(std::vector<std::optional<data::ColumnType>>& columns,
                                        std::optional<data::ColumnType> wanted = {}) const;
};

// What an expression makes of one row (sklearn2pmml's ExpressionTransformer).
class Evaluate final : public CellFunction {
 public:
  struct Cell {
    Expression::Kind kind = Expression::Kind::None;
    double number = 0;
    std::string text;
  };
  struct Rules {
    Expression expression;          // Its columns are numbered.
    std::vector<NumberKind> kinds;  // Of the columns.
    data::ColumnType type = data::ColumnType::Number;
    std::optional<Cell> missing;      // The answer where a cell is missing,
    std::optional<Cell> absent;       // and where the answer would be.
    bool errors_are_missing = false;  // Of arithmetic; else they refuse the row.
    text::PythonVersion python;
  };
  explicit Evaluate(Rules rules) : rules_(std::move(rules)) {}
  data::ColumnType type() const override { return rules_.type; }
  std::string describe() const override;
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const CellSource& from, CellTarget& to, State* state) const override;
  double row_ns() const override {
    return 20 + 10 * static_cast<double>(rules_.expression.nodes.size());
  }

 private:
  struct Result;
  struct Evaluating;
  class Row;
  base::Result<Result> of_row(Row& row) const;
  Rules rules_;
};

}  // namespace plan
