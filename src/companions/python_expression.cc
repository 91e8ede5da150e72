#include "companions/python_expression.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "companions/python_text.h"
#include "companions/python_writing.h"

namespace companions {
namespace python {
namespace {

using Kind = Expression::Kind;
using Function = Expression::Function;

constexpr std::size_t kCharactersMax = 10'000;

struct Called {
  std::string_view name;
  Function function;
};

// Of numpy and of math alike, but that math refuses what numpy makes NaN of.
constexpr std::array<Called, 18> kReal = {{{"abs", Function::Abs},
                                           {"absolute", Function::Abs},
                                           {"ceil", Function::Ceil},
                                           {"cos", Function::Cos},
                                           {"exp", Function::Exp},
                                           {"expm1", Function::Expm1},
                                           {"fabs", Function::Abs},
                                           {"floor", Function::Floor},
                                           {"log", Function::Log},
                                           {"log10", Function::Log10},
                                           {"log1p", Function::Log1p},
                                           {"log2", Function::Log2},
                                           {"rint", Function::Rint},
                                           {"sign", Function::Sign},
                                           {"sin", Function::Sin},
                                           {"sqrt", Function::Sqrt},
                                           {"tan", Function::Tan},
                                           {"tanh", Function::Tanh}}};
constexpr std::array<Called, 6> kBuiltins = {{{"abs", Function::Abs},
                                              {"bool", Function::ToBool},
                                              {"float", Function::ToFloat},
                                              {"int", Function::ToInt},
                                              {"len", Function::Length},
                                              {"str", Function::ToText}}};
constexpr std::array<Called, 2> kMethods = {
    {{"lower", Function::Lower}, {"strip", Function::Strip}}};

template <std::size_t N>
Function find_function(const std::array<Called, N>& table, std::string_view name) {
  for (const Called& called : table) {
    if (called.name == name) return called.function;
  }
  return Function::None;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

class PythonParser {
 public:
  PythonParser(std::string_view text, Written& written, const Scope& scope)
      : text_(text), written_(written), scope_(scope) {}

  // The whole text as one expression.
  // NOLINTNEXTLINE(misc-no-recursion): kDepthMax bounds it.
  Result<std::size_t> parse() {
    if (text_.whole().size() > kCharactersMax) return error("at most 10000 characters");
    TRY_ASSIGN(const std::size_t root, conditional());
    if (!text_.at_end()) return error("its end");
    return root;
  }

 private:
  base::Error error(std::string_view expected) const { return text_.error(expected); }

  Result<std::size_t> conditional() {
    const Deeper deeper(written_.depth);
    if (written_.depth > kDepthMax) return error("less nesting");
    TRY_ASSIGN(const std::size_t then, disjunction());
    if (!text_.takes_word("if")) return then;
    TRY_ASSIGN(const std::size_t condition, disjunction());
    if (!text_.takes_word("else")) return error("else");
    TRY_ASSIGN(const std::size_t otherwise, conditional());
    return written_.add(Op::If, condition, then, otherwise);
  }

  Result<std::size_t> disjunction() {
    TRY_ASSIGN(std::size_t left, conjunction());
    while (text_.takes_word("or")) {
      TRY_ASSIGN(const std::size_t right, conjunction());
      left = written_.add(Op::Or, left, right);
    }
    return left;
  }

  Result<std::size_t> conjunction() {
    TRY_ASSIGN(std::size_t left, negation());
    while (text_.takes_word("and")) {
      TRY_ASSIGN(const std::size_t right, negation());
      left = written_.add(Op::And, left, right);
    }
    return left;
  }

  Result<std::size_t> negation() {
    const Deeper deeper(written_.depth);
    if (written_.depth > kDepthMax) return error("less nesting");
    if (!text_.takes_word("not")) return comparison();
    TRY_ASSIGN(const std::size_t of, negation());
    return written_.add(Op::Not, of);
  }

  std::optional<Op> comparison_sign() {
    static constexpr std::array<std::pair<std::string_view, Op>, 6> kSigns = {
        {{"==", Op::Equal},
         {"!=", Op::Unequal},
         {"<=", Op::LessEqual},
         {">=", Op::GreaterEqual},
         {"<", Op::Less},
         {">", Op::Greater}}};
    for (const auto& [sign, op] : kSigns) {
      if (text_.takes(sign)) return op;
    }
    return std::nullopt;
  }

  // a < b < c is a < b and b < c.
  Result<std::size_t> comparison() {
    TRY_ASSIGN(std::size_t left, sum());
    std::optional<std::size_t> all;
    while (true) {
      std::size_t one = 0;
      const std::size_t before_word = text_.mark();
      const bool again =
          text_.takes_word("is") || text_.takes_word("in") || text_.takes_word("not");
      text_.return_to(before_word);
      if (again && all && !is_plain(left)) return error(kPlainBetween);
      if (text_.takes_word("is")) {
        const bool negated = text_.takes_word("not");
        if (!text_.takes_word("None")) return error("None");
        one = written_.add(Op::IsNone, left);
        if (negated) one = written_.add(Op::Not, one);
        return all ? written_.add(Op::And, *all, one) : one;
      }
      const std::size_t before = text_.mark();
      const bool negated = text_.takes_word("not");
      if (text_.takes_word("in")) {
        TRY_ASSIGN(one, among(left));
        if (negated) one = written_.add(Op::Not, one);
        return all ? written_.add(Op::And, *all, one) : one;
      }
      text_.return_to(before);
      const auto op = comparison_sign();
      if (!op) return all.value_or(left);
      // Both comparisons evaluate it.
      if (all && !is_plain(left)) return error(kPlainBetween);
      TRY_ASSIGN(const std::size_t right, sum());
      one = written_.add(*op, left, right);
      all = all ? written_.add(Op::And, *all, one) : one;
      left = right;
    }
  }

  static constexpr std::string_view kPlainBetween = "a plain value between two comparisons";
  bool is_plain(std::size_t at) const {
    const Op op = written_.expression.nodes[at].op;
    return op == Op::Column || op == Op::Constant || op == Op::Local;
  }

  // The literals of a list, tuple or set, side by side.
  Result<std::size_t> among(std::size_t of) {
    const bool round = text_.takes("(");
    const bool curly = !round && text_.takes("{");
    if (!round && !curly && !text_.takes("[")) return error("a list of literals");
    const std::string_view close = round ? ")" : curly ? "}" : "]";
    std::vector<Node> literals;
    bool comma = false;
    while (!text_.takes(close)) {
      TRY_ASSIGN(const std::size_t item, factor());
      if (item + 1 != written_.expression.nodes.size() ||
          written_.expression.nodes.back().op != Op::Constant) {
        return error("a literal");
      }
      literals.push_back(std::move(written_.expression.nodes.back()));
      written_.expression.nodes.pop_back();
      comma = text_.takes(",");
      if (comma) continue;
      if (!text_.takes(close)) return error("the end of the list");
      break;
    }
    // In parentheses it is a value by itself: a text, of which parts are looked for.
    if (round && literals.size() == 1 && !comma) return error("a comma behind the one literal");
    const std::size_t begin = written_.expression.nodes.size();
    for (Node& literal : literals) written_.add(std::move(literal));
    return written_.add(Op::In, of, begin, begin + literals.size());
  }

  Result<std::size_t> sum() {
    TRY_ASSIGN(std::size_t left, product());
    while (true) {
      const bool plus = text_.takes("+");
      if (!plus && !text_.takes("-")) return left;
      TRY_ASSIGN(const std::size_t right, product());
      left = written_.add(plus ? Op::Add : Op::Subtract, left, right);
    }
  }

  Result<std::size_t> product() {
    TRY_ASSIGN(std::size_t left, factor());
    while (true) {
      if (text_.sees("**")) return left;
      Op op = Op::Multiply;
      if (text_.takes("//")) {
        op = Op::FloorDivide;
      } else if (text_.takes("/")) {
        op = Op::Divide;
      } else if (text_.takes("%")) {
        op = Op::Modulo;
      } else if (!text_.takes("*")) {
        return left;
      }
      TRY_ASSIGN(const std::size_t right, factor());
      left = written_.add(op, left, right);
    }
  }

  // -x ** 2 is -(x ** 2), and a ** b ** c is a ** (b ** c).
  Result<std::size_t> factor() {
    const Deeper deeper(written_.depth);
    if (written_.depth > kDepthMax) return error("less nesting");
    if (written_.expression.nodes.size() > written_.parts_max) return error("fewer parts");
    if (text_.takes("+")) return factor();
    if (text_.takes("-")) {
      TRY_ASSIGN(const std::size_t of, factor());
      Node& node = written_.expression.nodes[of];
      if (node.op != Op::Constant || node.kind == Kind::Text || node.kind == Kind::None ||
          of + 1 != written_.expression.nodes.size()) {
        return written_.add(Op::Negate, of);
      }
      node.number = node.kind == Kind::Float ? -node.number : 0 - node.number;
      if (node.kind == Kind::Bool) node.kind = Kind::Int;
      return of;
    }
    TRY_ASSIGN(const std::size_t base, atom());
    if (!text_.takes("**")) return base;
    TRY_ASSIGN(const std::size_t exponent, factor());
    return written_.add(Op::Power, base, exponent);
  }

  Result<std::size_t> atom() {
    TRY_ASSIGN(std::size_t made, primary());
    while (text_.takes(".")) {
      const std::string_view method = text_.name();
      Node node;
      node.op = Op::Function;
      node.function = find_function(kMethods, method);
      node.a = made;
      if (node.function == Function::None || !text_.takes("(") || !text_.takes(")")) {
        return error(fmt::format("a method that can be run instead of {}", base::quote(method)));
      }
      made = written_.add(std::move(node));
    }
    return made;
  }

  Result<std::size_t> primary() {
    if (text_.at_end()) return error("a value");
    const char c = text_.next();
    if (text_.takes("(")) {
      TRY_ASSIGN(const std::size_t inner, conditional());
      if (!text_.takes(")")) return error(")");
      return inner;
    }
    if (c == '"' || c == '\'') return text_literal();
    if (is_digit(c) || c == '.') return number_literal();
    if (starts_python_name(c)) return named();
    return error("a value");
  }

  Result<std::size_t> text_literal() {
    Node node;
    node.kind = Kind::Text;
    TRY_ASSIGN(node.text, text_.quoted());
    return written_.add(std::move(node));
  }

  Result<std::size_t> number_literal() {
    TRY_ASSIGN(const PythonText::Number number, text_.number());
    Node node;
    node.kind = number.whole ? Kind::Int : Kind::Float;
    node.number = number.value;
    return written_.add(std::move(node));
  }

  Result<std::size_t> named() {
    const std::size_t begin = text_.mark();
    const std::string_view word = text_.name();
    if (word == "True" || word == "False" || word == "None") {
      Node node;
      node.kind = word == "None" ? Kind::None : Kind::Bool;
      node.number = word == "True" ? 1 : 0;
      return written_.add(std::move(node));
    }
    if (const Local* local = scope_.find(word)) {
      if (!local->slot) return column();
      Node node;
      node.op = Op::Local;
      node.column = *local->slot;
      return written_.add(std::move(node));
    }
    if (word == "X" && scope_.has_row) return column();
    if (word == "numpy" || word == "np" || word == "math" || word == "pandas" || word == "pd") {
      if (!text_.takes(".")) return error("a function");
      return module_function(word, text_.name());
    }
    for (const PythonFunction& function : written_.functions) {
      if (function.name == word) return call(function);
    }
    Node node;
    node.function = find_function(kBuiltins, word);
    if (node.function != Function::None) return call(std::move(node));
    text_.return_to(begin);
    return error(
        fmt::format("a value or function that can be run instead of {}", base::quote(word)));
  }

  Result<std::size_t> column() {
    Node node;
    node.op = Op::Column;
    if (!text_.takes("[")) {
      node.bare = true;
      return written_.add(std::move(node));
    }
    const char c = text_.next();
    if (c == '"' || c == '\'') {
      TRY_ASSIGN(node.text, text_.quoted());
    } else {
      // All rows at once, which early releases of sklearn2pmml evaluate.
      if (text_.takes(":")) {
        if (!text_.takes(",")) return error("a column of all rows");
        written_.expression.of_arrays = true;
      }
      TRY_ASSIGN(node.column, text_.position());
    }
    if (!text_.takes("]")) return error("]");
    return written_.add(std::move(node));
  }

  Result<std::size_t> module_function(std::string_view module, std::string_view function) {
    Node node;
    if (module == "pandas" || module == "pd") {
      const bool is = function == "isnull" || function == "isna";
      if (!is && function != "notnull" && function != "notna") return unknown(module, function);
      node.op = Op::IsNull;
      TRY_ASSIGN(const std::size_t made, call(std::move(node)));
      return is ? made : written_.add(Op::Not, made);
    }
    if (function == "where" && module != "math") return where();
    node.function = find_function(kReal, function);
    node.raises = module != "math";
    const bool of_math =
        function != "rint" && function != "sign" && function != "abs" && function != "absolute";
    if (node.function == Function::None || (module == "math" && !of_math)) {
      return unknown(module, function);
    }
    return call(std::move(node));
  }

  // numpy.where(condition, then, else), which computes both.
  Result<std::size_t> where() {
    if (!text_.takes("(")) return error("(");
    TRY_ASSIGN(const std::size_t condition, conditional());
    if (!text_.takes(",")) return error("a value where it holds");
    TRY_ASSIGN(const std::size_t then, conditional());
    if (!text_.takes(",")) return error("a value where it does not");
    TRY_ASSIGN(const std::size_t otherwise, conditional());
    if (!text_.takes(")")) return error(")");
    return written_.add(Op::Where, condition, then, otherwise);
  }

  base::Error unknown(std::string_view module, std::string_view function) const {
    return error(fmt::format("a function that can be run instead of {}.{}", module, function));
  }

  // A function of one argument, whose name was read.
  Result<std::size_t> call(Node node) {
    if (node.op != Op::IsNull) node.op = Op::Function;
    if (!text_.takes("(")) return error("(");
    TRY_ASSIGN(node.a, conditional());
    if (!text_.takes(")")) return error("one argument");
    return written_.add(std::move(node));
  }

  // A function of the model's own.
  Result<std::size_t> call(const PythonFunction& function) {
    if (!text_.takes("(")) return error("(");
    std::vector<std::size_t> arguments;
    while (!text_.takes(")")) {
      if (arguments.size() == function.parameters.size()) return error("fewer arguments");
      TRY_ASSIGN(const std::size_t argument, conditional());
      arguments.push_back(argument);
      if (!text_.takes(",") && !text_.sees(")")) return error(")");
    }
    if (arguments.size() < function.parameters.size()) return error("more arguments");
    return write_call(function, arguments, written_);
  }

  PythonText text_;
  Written& written_;
  const Scope& scope_;
};

}  // namespace

Result<std::size_t> write_expression(std::string_view text, Written& written, const Scope& scope) {
  return PythonParser(text, written, scope).parse();
}

}  // namespace python

base::Result<plan::Expression> parse_python_expression(const PythonCode& code) {
  python::Written written{.functions = code.functions};
  const python::Scope scope;
  TRY_ASSIGN(written.expression.root, python::write_expression(code.text, written, scope));
  return std::move(written.expression);
}

base::Result<plan::Expression> parse_python_choice(std::span<const PythonCode> predicates) {
  constexpr std::size_t kAllPartsMax = 100'000;
  python::Written written;
  const python::Scope scope;
  std::vector<std::size_t> holds;
  for (const PythonCode& code : predicates) {
    written.functions = code.functions;
    const std::size_t parts = written.expression.nodes.size();
    written.parts_max = std::min(parts + python::kPartsMax, kAllPartsMax);
    TRY_ASSIGN(const std::size_t root, python::write_expression(code.text, written, scope));
    holds.push_back(root);
  }
  const auto position = [&](std::size_t at) {
    python::Node node;
    node.kind = plan::Expression::Kind::Int;
    node.number = static_cast<double>(at);
    return written.add(std::move(node));
  };
  std::size_t made = position(holds.size());
  for (std::size_t i = holds.size(); i-- > 0;) {
    made = written.add(python::Op::If, holds[i], position(i), made);
  }
  written.expression.root = made;
  return std::move(written.expression);
}

}  // namespace companions
