#include "companions/python_expression.h"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "base/text.h"

namespace companions {
namespace python {
namespace {

using plan::Expression;
using Op = Expression::Op;
using Kind = Expression::Kind;
using Function = Expression::Function;
using Node = Expression::Node;
template <typename T>
using Result = base::Result<T>;

constexpr std::size_t kCharactersMax = 10'000;
constexpr unsigned kDepthMax = 300;  // Three for each parenthesis.
constexpr std::size_t kPartsMax = 1000;

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

bool starts_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

class PythonParser {
 public:
  explicit PythonParser(std::string_view text) : text_(text) {}

  Result<Expression> parse() {
    if (text_.size() > kCharactersMax) return error("at most 10000 characters");
    TRY_ASSIGN(expression_.root, conditional());
    skip_space();
    if (at_ < text_.size()) return error("its end");
    return std::move(expression_);
  }

 private:
  base::Error error(std::string_view expected) const {
    return {base::Code::Unsupported, fmt::format("expression {}: expected {} at character {}",
                                                 base::quote(text_), expected, at_)};
  }

  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) {
      ++at_;
    }
  }
  bool takes(std::string_view symbol) {
    skip_space();
    if (!text_.substr(at_).starts_with(symbol)) return false;
    at_ += symbol.size();
    return true;
  }
  // A word by itself: "if", and not the start of "iffy".
  bool takes_word(std::string_view word) {
    skip_space();
    if (!text_.substr(at_).starts_with(word)) return false;
    const std::size_t end = at_ + word.size();
    if (end < text_.size() && (starts_name(text_[end]) || is_digit(text_[end]))) return false;
    at_ = end;
    return true;
  }
  std::string_view name() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && (starts_name(text_[at_]) || is_digit(text_[at_]))) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  std::size_t add(Node node) {
    expression_.nodes.push_back(std::move(node));
    return expression_.nodes.size() - 1;
  }
  std::size_t add(Op op, std::size_t a, std::size_t b = 0, std::size_t c = 0) {
    Node node;
    node.op = op;
    node.a = a;
    node.b = b;
    node.c = c;
    return add(std::move(node));
  }

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

  Result<std::size_t> conditional() {
    const Deeper deeper(depth_);
    if (depth_ > kDepthMax) return error("less nesting");
    TRY_ASSIGN(const std::size_t then, disjunction());
    if (!takes_word("if")) return then;
    TRY_ASSIGN(const std::size_t condition, disjunction());
    if (!takes_word("else")) return error("else");
    TRY_ASSIGN(const std::size_t otherwise, conditional());
    return add(Op::If, condition, then, otherwise);
  }

  Result<std::size_t> disjunction() {
    TRY_ASSIGN(std::size_t left, conjunction());
    while (takes_word("or")) {
      TRY_ASSIGN(const std::size_t right, conjunction());
      left = add(Op::Or, left, right);
    }
    return left;
  }

  Result<std::size_t> conjunction() {
    TRY_ASSIGN(std::size_t left, negation());
    while (takes_word("and")) {
      TRY_ASSIGN(const std::size_t right, negation());
      left = add(Op::And, left, right);
    }
    return left;
  }

  Result<std::size_t> negation() {
    const Deeper deeper(depth_);
    if (depth_ > kDepthMax) return error("less nesting");
    if (!takes_word("not")) return comparison();
    TRY_ASSIGN(const std::size_t of, negation());
    return add(Op::Not, of);
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
      if (takes(sign)) return op;
    }
    return std::nullopt;
  }

  // a < b < c is a < b and b < c.
  Result<std::size_t> comparison() {
    TRY_ASSIGN(std::size_t left, sum());
    std::optional<std::size_t> all;
    while (true) {
      std::size_t one = 0;
      if (takes_word("is")) {
        const bool negated = takes_word("not");
        if (!takes_word("None")) return error("None");
        one = add(Op::IsNone, left);
        if (negated) one = add(Op::Not, one);
        return all ? add(Op::And, *all, one) : one;
      }
      const std::size_t before = at_;
      const bool negated = takes_word("not");
      if (takes_word("in")) {
        TRY_ASSIGN(one, among(left));
        if (negated) one = add(Op::Not, one);
        return all ? add(Op::And, *all, one) : one;
      }
      at_ = before;
      const auto op = comparison_sign();
      if (!op) return all.value_or(left);
      // Both comparisons evaluate it.
      const Op middle = expression_.nodes[left].op;
      if (all && middle != Op::Column && middle != Op::Constant) {
        return error("a plain value between two comparisons");
      }
      TRY_ASSIGN(const std::size_t right, sum());
      one = add(*op, left, right);
      all = all ? add(Op::And, *all, one) : one;
      left = right;
    }
  }

  // The literals of a list, tuple or set, side by side.
  Result<std::size_t> among(std::size_t of) {
    const bool round = takes("(");
    const bool curly = !round && takes("{");
    if (!round && !curly && !takes("[")) return error("a list of literals");
    const std::string_view close = round ? ")" : curly ? "}" : "]";
    std::vector<Node> literals;
    while (!takes(close)) {
      TRY_ASSIGN(const std::size_t item, factor());
      if (item + 1 != expression_.nodes.size() || expression_.nodes.back().op != Op::Constant) {
        return error("a literal");
      }
      literals.push_back(std::move(expression_.nodes.back()));
      expression_.nodes.pop_back();
      if (takes(",")) continue;
      if (!takes(close)) return error("the end of the list");
      break;
    }
    const std::size_t begin = expression_.nodes.size();
    for (Node& literal : literals) add(std::move(literal));
    return add(Op::In, of, begin, begin + literals.size());
  }

  Result<std::size_t> sum() {
    TRY_ASSIGN(std::size_t left, product());
    while (true) {
      const bool plus = takes("+");
      if (!plus && !takes("-")) return left;
      TRY_ASSIGN(const std::size_t right, product());
      left = add(plus ? Op::Add : Op::Subtract, left, right);
    }
  }

  Result<std::size_t> product() {
    TRY_ASSIGN(std::size_t left, factor());
    while (true) {
      skip_space();
      if (text_.substr(at_).starts_with("**")) return left;
      Op op = Op::Multiply;
      if (takes("//")) {
        op = Op::FloorDivide;
      } else if (takes("/")) {
        op = Op::Divide;
      } else if (takes("%")) {
        op = Op::Modulo;
      } else if (!takes("*")) {
        return left;
      }
      TRY_ASSIGN(const std::size_t right, factor());
      left = add(op, left, right);
    }
  }

  // -x ** 2 is -(x ** 2), and a ** b ** c is a ** (b ** c).
  Result<std::size_t> factor() {
    const Deeper deeper(depth_);
    if (depth_ > kDepthMax) return error("less nesting");
    if (expression_.nodes.size() > kPartsMax) return error("fewer parts");
    if (takes("+")) return factor();
    if (takes("-")) {
      TRY_ASSIGN(const std::size_t of, factor());
      Node& node = expression_.nodes[of];
      if (node.op != Op::Constant || node.kind == Kind::Text || node.kind == Kind::None ||
          of + 1 != expression_.nodes.size()) {
        return add(Op::Negate, of);
      }
      node.number = -node.number;
      if (node.kind == Kind::Bool) node.kind = Kind::Int;
      return of;
    }
    TRY_ASSIGN(const std::size_t base, atom());
    if (!takes("**")) return base;
    TRY_ASSIGN(const std::size_t exponent, factor());
    return add(Op::Power, base, exponent);
  }

  Result<std::size_t> atom() {
    TRY_ASSIGN(std::size_t made, primary());
    while (takes(".")) {
      skip_space();
      const std::string_view method = name();
      Node node;
      node.op = Op::Function;
      node.function = find_function(kMethods, method);
      node.a = made;
      if (node.function == Function::None || !takes("(") || !takes(")")) {
        return error(fmt::format("a method that can be run instead of {}", base::quote(method)));
      }
      made = add(std::move(node));
    }
    return made;
  }

  Result<std::size_t> primary() {
    skip_space();
    if (at_ >= text_.size()) return error("a value");
    const char c = text_[at_];
    if (c == '(') {
      ++at_;
      TRY_ASSIGN(const std::size_t inner, conditional());
      if (!takes(")")) return error(")");
      return inner;
    }
    if (c == '"' || c == '\'') return text_literal();
    if (is_digit(c) || c == '.') return number_literal();
    if (starts_name(c)) return named();
    return error("a value");
  }

  Result<std::string> quoted() {
    const char quote = text_[at_++];
    std::string value;
    while (at_ < text_.size() && text_[at_] != quote) {
      if (text_[at_] == '\\') return error("a text without escapes");
      value += text_[at_++];
    }
    if (at_ == text_.size()) return error("the end of the text");
    ++at_;
    return value;
  }

  Result<std::size_t> text_literal() {
    Node node;
    node.kind = Kind::Text;
    TRY_ASSIGN(node.text, quoted());
    return add(std::move(node));
  }

  Result<std::size_t> number_literal() {
    Node node;
    const char* begin = text_.data() + at_;
    const char* end = text_.data() + text_.size();
    const auto parsed = std::from_chars(begin, end, node.number);
    if (parsed.ec != std::errc{}) return error("a number");
    const std::string_view digits(begin, static_cast<std::size_t>(parsed.ptr - begin));
    node.kind = digits.find_first_of(".eE") == std::string_view::npos ? Kind::Int : Kind::Float;
    at_ += digits.size();
    if (at_ < text_.size() && (starts_name(text_[at_]) || is_digit(text_[at_]))) {
      return error("a plain number");
    }
    if (node.kind == Kind::Int && !(node.number <= 0x1p53)) return error("an integer below 2^53");
    return add(std::move(node));
  }

  Result<std::size_t> named() {
    const std::size_t begin = at_;
    const std::string_view word = name();
    if (word == "True" || word == "False" || word == "None") {
      Node node;
      node.kind = word == "None" ? Kind::None : Kind::Bool;
      node.number = word == "True" ? 1 : 0;
      return add(std::move(node));
    }
    if (word == "X") return column();
    if (word == "numpy" || word == "np" || word == "math" || word == "pandas" || word == "pd") {
      if (!takes(".")) return error("a function");
      skip_space();
      return module_function(word, name());
    }
    Node node;
    node.function = find_function(kBuiltins, word);
    if (node.function != Function::None) return call(std::move(node));
    at_ = begin;
    return error(
        fmt::format("a value or function that can be run instead of {}", base::quote(word)));
  }

  Result<std::size_t> column() {
    Node node;
    node.op = Op::Column;
    if (!takes("[")) {
      node.bare = true;
      return add(std::move(node));
    }
    skip_space();
    if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'')) {
      TRY_ASSIGN(node.text, quoted());
    } else {
      // All rows at once, which early releases of sklearn2pmml evaluate.
      if (takes(":")) {
        if (!takes(",")) return error("a column of all rows");
        expression_.of_arrays = true;
        skip_space();
      }
      const char* begin = text_.data() + at_;
      const auto parsed = std::from_chars(begin, text_.data() + text_.size(), node.column);
      if (parsed.ec != std::errc{}) return error("a position or a name of a column");
      at_ += static_cast<std::size_t>(parsed.ptr - begin);
    }
    if (!takes("]")) return error("]");
    return add(std::move(node));
  }

  Result<std::size_t> module_function(std::string_view module, std::string_view function) {
    Node node;
    if (module == "pandas" || module == "pd") {
      const bool is = function == "isnull" || function == "isna";
      if (!is && function != "notnull" && function != "notna") return unknown(module, function);
      node.op = Op::IsNull;
      TRY_ASSIGN(const std::size_t made, call(std::move(node)));
      return is ? made : add(Op::Not, made);
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

  // numpy.where(condition, then, else)
  Result<std::size_t> where() {
    if (!takes("(")) return error("(");
    TRY_ASSIGN(const std::size_t condition, conditional());
    if (!takes(",")) return error("a value where it holds");
    TRY_ASSIGN(const std::size_t then, conditional());
    if (!takes(",")) return error("a value where it does not");
    TRY_ASSIGN(const std::size_t otherwise, conditional());
    if (!takes(")")) return error(")");
    return add(Op::If, condition, then, otherwise);
  }

  base::Error unknown(std::string_view module, std::string_view function) const {
    return error(fmt::format("a function that can be run instead of {}.{}", module, function));
  }

  // A function of one argument, whose name was read.
  Result<std::size_t> call(Node node) {
    if (node.op != Op::IsNull) node.op = Op::Function;
    if (!takes("(")) return error("(");
    TRY_ASSIGN(node.a, conditional());
    if (!takes(")")) return error("one argument");
    return add(std::move(node));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  unsigned depth_ = 0;
  Expression expression_;
};

}  // namespace
}  // namespace python

base::Result<plan::Expression> parse_python_expression(std::string_view text) {
  return python::PythonParser(text).parse();
}

}  // namespace companions
