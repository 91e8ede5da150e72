#include "plan_cells/expression.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>

#include "base/text.h"
#include "data/frame.h"
#include "plan/categories.h"
#include "plan_cells/cell_text.h"

namespace plan {
namespace {

using ExprOp = Expression::Op;
using ExprKind = Expression::Kind;
using ExprFunction = Expression::Function;
using ExprNode = Expression::Node;

constexpr auto kNumberCell = data::ColumnType::Number;
constexpr auto kTextCell = data::ColumnType::Text;
constexpr double kExactMax = 0x1p53;
constexpr std::size_t kTextBytesMax = 1 << 20;

}  // namespace

// A value under way; a text of a row, of the expression, or of the state.
struct Evaluate::Result {
  ExprKind kind = ExprKind::None;
  double number = 0;
  std::string_view text;
  bool numpy = false;  // A number of NumPy's, as those of cells are.

  static Result of(double number) { return {ExprKind::Float, number, {}}; }
  static Result of(bool flag) { return {ExprKind::Bool, flag ? 1.0 : 0.0, {}}; }
  static Result of(std::string_view text) { return {ExprKind::Text, 0, text}; }
  bool is_text() const { return kind == ExprKind::Text; }
  bool is_number() const { return kind != ExprKind::Text && kind != ExprKind::None; }
  bool is_whole() const { return kind == ExprKind::Int || kind == ExprKind::Bool; }
  bool is_null() const {
    return kind == ExprKind::None || (kind == ExprKind::Float && std::isnan(number));
  }
  bool truth() const {
    if (is_text()) return !text.empty();
    return kind != ExprKind::None && number != 0;
  }
};

struct Evaluate::Evaluating final : State {
  TextArena arena;
  std::string text;
  std::vector<Result> locals;
};

// Evaluates one row. An error of arithmetic is remembered apart from others.
class Evaluate::Row {
 public:
  Row(const Rules& rules, const CellSource& from, Evaluating& state)
      : rules_(rules), nodes_(rules.expression.nodes), from_(from), state_(state) {}

  void move_to(std::size_t row) {
    row_ = row;
    state_.arena.clear();
    arithmetic_ = false;
  }
  bool has_missing() const {
    for (std::size_t c = 0; c < from_.count(); ++c) {
      if (cell(c).is_null()) return true;
    }
    return false;
  }
  bool failed_in_arithmetic() const { return arithmetic_; }

  base::Result<Result> value(std::size_t whole) {
    TRY_ASSIGN(const std::size_t at, deciding_part(whole));
    const ExprNode& node = nodes_[at];
    if (node.op == ExprOp::Constant) return constant(node);
    if (node.op == ExprOp::Column) return cell(node.column);
    if (node.op == ExprOp::Local) return state_.locals[node.column];
    if (node.op == ExprOp::Where) return of_both(node);
    if (node.op == ExprOp::And || node.op == ExprOp::Or) {
      TRY_ASSIGN(const Result first, value(node.a));
      return first.truth() == (node.op == ExprOp::And) ? value(node.b)
                                                       : base::Result<Result>(first);
    }
    TRY_ASSIGN(const Result a, value(node.a));
    switch (node.op) {
      case ExprOp::Not: return Result::of(!a.truth());
      case ExprOp::IsNone: return Result::of(a.kind == ExprKind::None);
      case ExprOp::IsNull: return Result::of(a.is_null());
      case ExprOp::In: return is_among(a, node);
      case ExprOp::Negate: return negated(a);
      case ExprOp::Function: return function(node, a);
      default: break;
    }
    TRY_ASSIGN(const Result b, value(node.b));
    if (Expression::is_comparison(node.op)) return compared(node.op, a, b);
    return node.op == ExprOp::Add && a.is_text() ? joined(a, b) : computed(node.op, a, b);
  }

 private:
  // The part whose value is that of the whole: a chain of many branches is no deep nesting.
  base::Result<std::size_t> deciding_part(std::size_t at) {
    while (true) {
      const ExprNode& node = nodes_[at];
      if (node.op == ExprOp::If) {
        TRY_ASSIGN(const Result condition, value(node.a));
        at = condition.truth() ? node.b : node.c;
      } else if (node.op == ExprOp::Bind) {
        TRY_ASSIGN(state_.locals[node.column], value(rules_.expression.locals[node.column]));
        at = node.a;
      } else {
        return at;
      }
    }
  }

  base::Result<Result> of_both(const ExprNode& node) {
    TRY_ASSIGN(const Result condition, value(node.a));
    TRY_ASSIGN(const Result then, value(node.b));
    TRY_ASSIGN(const Result otherwise, value(node.c));
    return condition.truth() ? then : otherwise;
  }

  static Result constant(const ExprNode& node) {
    if (node.kind == ExprKind::Text) return Result::of(std::string_view(node.text));
    return {node.kind, node.number, {}};
  }

  Result cell(std::size_t column) const {
    if (from_[column].type == kTextCell) {
      const std::string_view text = from_[column].texts[row_];
      return data::is_missing(text) ? Result::of(data::kMissingNumber) : Result::of(text);
    }
    const double number = from_[column].numbers[row_];
    const NumberKind kind = std::isnan(number) ? NumberKind::Float : rules_.kinds[column];
    return {kind == NumberKind::Int    ? ExprKind::Int
            : kind == NumberKind::Bool ? ExprKind::Bool
                                       : ExprKind::Float,
            number,
            {},
            true};
  }

  base::Error refusal(std::string_view what) const {
    return {base::Code::Invalid,
            fmt::format("row {}: expression: {}", from_.row_of_request(row_), what)};
  }
  base::Error arithmetic(std::string_view what) {
    arithmetic_ = true;
    return refusal(what);
  }
  base::Error mixed() const {
    return refusal("expected operands of one type, got a text and a number");
  }

  static bool equal(const Result& a, const Result& b) {
    if (a.is_text() || b.is_text()) return a.is_text() && b.is_text() && a.text == b.text;
    if (a.kind == ExprKind::None || b.kind == ExprKind::None) return a.kind == b.kind;
    return a.number == b.number;
  }

  Result is_among(const Result& a, const ExprNode& node) const {
    for (std::size_t i = node.b; i < node.c; ++i) {
      if (equal(a, constant(nodes_[i]))) return Result::of(true);
    }
    return Result::of(false);
  }

  base::Result<Result> compared(ExprOp op, const Result& a, const Result& b) const {
    Result made;
    if (op == ExprOp::Equal || op == ExprOp::Unequal) {
      made = Result::of(equal(a, b) == (op == ExprOp::Equal));
    } else {
      const bool none = a.kind == ExprKind::None || b.kind == ExprKind::None;
      if (a.is_text() != b.is_text() || none) return mixed();
      made = Result::of(a.is_text() ? holds(op, a.text, b.text) : holds(op, a.number, b.number));
    }
    made.numpy = a.numpy || b.numpy;
    return made;
  }

  template <typename T>
  static bool holds(ExprOp op, const T& a, const T& b) {
    switch (op) {
      case ExprOp::Less: return a < b;
      case ExprOp::LessEqual: return a <= b;
      case ExprOp::Greater: return a > b;
      default: return a >= b;
    }
  }

  base::Result<Result> joined(const Result& a, const Result& b) {
    if (!b.is_text()) return mixed();
    // A few sums double a text to any length.
    if (a.text.size() + b.text.size() > kTextBytesMax) {
      return refusal(fmt::format("expected texts of at most {} bytes", kTextBytesMax));
    }
    char* at = state_.arena.reserve(std::max<std::size_t>(1, a.text.size() + b.text.size()));
    std::copy(b.text.begin(), b.text.end(), std::copy(a.text.begin(), a.text.end(), at));
    return Result::of(std::string_view(at, a.text.size() + b.text.size()));
  }

  base::Result<Result> negated(const Result& a) const {
    if (!a.is_number()) return mixed();
    if (a.kind == ExprKind::Bool && a.numpy)
      return refusal("expected a number to negate, got a bool");
    return Result{a.is_whole() ? ExprKind::Int : ExprKind::Float,
                  a.is_whole() ? 0 - a.number : -a.number,
                  {},
                  a.numpy};
  }

  base::Result<Result> computed(ExprOp op, const Result& a, const Result& b) {
    if (!a.is_number() || !b.is_number()) return mixed();
    const bool numpy = a.numpy || b.numpy;
    if (numpy && a.kind == ExprKind::Bool && b.kind == ExprKind::Bool) {
      if (op == ExprOp::Add) return of_numpy(ExprKind::Bool, std::max(a.number, b.number));
      if (op == ExprOp::Multiply) return of_numpy(ExprKind::Bool, a.number * b.number);
      if (op == ExprOp::Subtract) return refusal("expected numbers to subtract, got bools");
    }
    const double x = a.number;
    const double y = b.number;
    const bool whole = a.is_whole() && b.is_whole();
    const bool divides = op == ExprOp::Divide || op == ExprOp::FloorDivide || op == ExprOp::Modulo;
    if (divides && y == 0) return by_zero(op, x, y, whole, numpy);
    double made = 0;
    switch (op) {
      case ExprOp::Add: made = x + y; break;
      case ExprOp::Subtract: made = x - y; break;
      case ExprOp::Multiply: made = x * y; break;
      case ExprOp::Divide: return Result{ExprKind::Float, x / y, {}, numpy};
      case ExprOp::FloorDivide: made = floored(x, y); break;
      case ExprOp::Modulo: made = modulo(x, y); break;
      default: {
        TRY_ASSIGN(made, power(x, y, whole, numpy));
        if (y < 0) return Result{ExprKind::Float, made, {}, numpy};
      }
    }
    if (!whole) return Result{ExprKind::Float, made, {}, numpy};
    if (!(std::abs(made) <= kExactMax)) return refusal("expected integers below 2^53, got larger");
    return Result{ExprKind::Int, made + 0.0, {}, numpy};  // There is no integer -0.
  }

  static Result of_numpy(ExprKind kind, double number) { return {kind, number, {}, true}; }

  // A division by zero, which NumPy is told to raise; not so what has no value at all.
  base::Result<Result> by_zero(ExprOp op, double x, double y, bool whole, bool numpy) {
    const bool of_arrays = rules_.expression.of_arrays;
    const bool has_value = op != ExprOp::Modulo && x != 0 && !std::isnan(x);
    if (!numpy || (!of_arrays && (has_value || (whole && op != ExprOp::Divide)))) {
      return arithmetic("division by zero");
    }
    return of_numpy(ExprKind::Float, has_value ? x / y : data::kMissingNumber);
  }

  base::Result<double> power(double x, double y, bool whole, bool numpy) {
    const bool of_arrays = rules_.expression.of_arrays;
    if (numpy && whole && y < 0) return refusal("expected no negative powers of integers");
    if (x == 0 && y < 0 && !of_arrays) return arithmetic("division by zero");
    const double made = std::pow(x, y);
    if (numpy) return made;
    if (x < 0 && std::isfinite(x) && y != std::floor(y)) {
      return refusal("expected a real power of a negative number");
    }
    if (std::isinf(made) && std::isfinite(x) && std::isfinite(y)) return arithmetic("overflow");
    return made;
  }

  static double modulo(double x, double y) {
    const double rest = std::fmod(x, y);
    if (rest == 0) return std::copysign(0.0, y);
    return (rest < 0) != (y < 0) ? rest + y : rest;
  }

  // In the order of CPython's and NumPy's steps.
  static double floored(double x, double y) {
    const double rest = std::fmod(x, y);
    double quotient = (x - rest) / y;
    if (rest != 0 && (rest < 0) != (y < 0)) quotient -= 1;
    if (quotient == 0) return std::copysign(0.0, x / y);
    const double floor = std::floor(quotient);
    return quotient - floor > 0.5 ? floor + 1 : floor;
  }

  base::Result<Result> function(const ExprNode& node, const Result& a) {
    if (node.function == ExprFunction::ToBool) return Result::of(a.truth());
    if (node.function == ExprFunction::ToText) return written(a);
    if (Expression::takes_text(node.function)) return of_text(node.function, a);
    if (a.kind == ExprKind::None) return mixed();
    if (a.is_text()) return parsed(node.function, a);
    return of_number(node, a);
  }

  base::Result<Result> written(const Result& a) {
    if (a.is_text()) return a;
    state_.text.clear();
    if (a.kind == ExprKind::None) {
      state_.text = "None";
    } else {
      const NumberKind kind = a.kind == ExprKind::Bool  ? NumberKind::Bool
                              : a.kind == ExprKind::Int ? NumberKind::Int
                                                        : NumberKind::Float;
      append_python_text(a.number, kind, state_.text);
    }
    return kept();
  }

  base::Result<Result> of_text(ExprFunction function, const Result& a) {
    if (!a.is_text()) return refusal("expected a text, got a number");
    if (function == ExprFunction::Length) {
      const auto points = std::count_if(a.text.begin(), a.text.end(), [](char byte) {
        return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
      });
      return Result{ExprKind::Int, static_cast<double>(points), {}};
    }
    state_.text.clear();
    if (function == ExprFunction::Lower) {
      text::Unicode::of(rules_.python).append_lower(a.text, state_.text);
      return kept();
    }
    return Result::of(text::Unicode::of(rules_.python).stripped(a.text));
  }

  Result kept() {
    char* at = state_.arena.reserve(std::max<std::size_t>(1, state_.text.size()));
    std::copy(state_.text.begin(), state_.text.end(), at);
    return Result::of(std::string_view(at, state_.text.size()));
  }

  base::Result<Result> parsed(ExprFunction function, const Result& a) const {
    if (function != ExprFunction::ToFloat && function != ExprFunction::ToInt) return mixed();
    const std::string text(a.text);
    const bool to_int = function == ExprFunction::ToInt;
    char* end = nullptr;
    const double number = std::strtod(text.c_str(), &end);
    // strtod knows more than decimal digits.
    const char* known = to_int ? "-0123456789" : "+-.0123456789eE";
    const bool plain = text.find_first_not_of(known) == std::string::npos;
    if (text.empty() || end != text.c_str() + text.size() || !plain) {
      return refusal(fmt::format("expected a number, got {}", base::quote(a.text)));
    }
    if (to_int && !(std::abs(number) < kExactMax)) {
      return refusal("expected integers below 2^53, got larger");
    }
    return Result{to_int ? ExprKind::Int : ExprKind::Float, to_int ? number + 0.0 : number, {}};
  }

  base::Result<Result> of_number(const ExprNode& node, const Result& a) {
    const double x = a.number;
    const bool numpy = a.numpy || node.raises;
    switch (node.function) {
      case ExprFunction::Abs:
        return Result{a.is_whole() ? ExprKind::Int : a.kind, std::abs(x), {}, numpy};
      case ExprFunction::ToFloat: return Result::of(x);
      case ExprFunction::ToInt: return whole(std::trunc(x));
      case ExprFunction::Ceil: return node.raises ? of_numpy(a, std::ceil(x)) : whole(std::ceil(x));
      case ExprFunction::Floor:
        return node.raises ? of_numpy(a, std::floor(x)) : whole(std::floor(x));
      case ExprFunction::Rint: return of_numpy(ExprKind::Float, std::nearbyint(x));
      case ExprFunction::Sign:
        return of_numpy(a, x == 0 || std::isnan(x) ? x : std::copysign(1.0, x));
      default: break;
    }
    // NumPy computes the functions of a bool in float16.
    if (node.raises && a.kind == ExprKind::Bool) return refusal("expected a number, got a bool");
    const double made = real(node.function, x);
    const bool grew = std::isinf(made) && !std::isinf(x);
    const bool pole = grew && is_logarithm(node.function);
    if (pole && !rules_.expression.of_arrays) return arithmetic("division by zero");
    if (grew && !pole && !node.raises) return arithmetic("overflow");
    if (!node.raises && std::isnan(made) && !std::isnan(x)) return refusal("math domain error");
    return Result{ExprKind::Float, made, {}, node.raises};
  }

  // Of NumPy's, which leave integers as they are.
  static Result of_numpy(const Result& a, double made) {
    return of_numpy(a.kind == ExprKind::Int ? ExprKind::Int : ExprKind::Float, made);
  }

  // Python's int().
  base::Result<Result> whole(double x) {
    if (std::isinf(x)) return arithmetic("overflow");
    if (!(std::abs(x) < kExactMax)) return refusal("expected a finite number for int");
    return Result{ExprKind::Int, x + 0.0, {}};
  }

  static bool is_logarithm(ExprFunction function) {
    return function >= ExprFunction::Log && function <= ExprFunction::Log2;
  }

  static double real(ExprFunction function, double x) {
    switch (function) {
      case ExprFunction::Cos: return std::cos(x);
      case ExprFunction::Exp: return std::exp(x);
      case ExprFunction::Expm1: return std::expm1(x);
      case ExprFunction::Log: return std::log(x);
      case ExprFunction::Log10: return std::log10(x);
      case ExprFunction::Log1p: return std::log1p(x);
      case ExprFunction::Log2: return std::log2(x);
      case ExprFunction::Sin: return std::sin(x);
      case ExprFunction::Sqrt: return std::sqrt(x);
      case ExprFunction::Tan: return std::tan(x);
      default: return std::tanh(x);
    }
  }

  const Rules& rules_;
  const std::vector<ExprNode>& nodes_;
  const CellSource& from_;
  Evaluating& state_;
  std::size_t row_ = 0;
  bool arithmetic_ = false;
};

std::string Evaluate::describe() const {
  return fmt::format("evaluate an expression of {} parts", rules_.expression.nodes.size());
}

std::unique_ptr<State> Evaluate::make_state() const {
  auto state = std::make_unique<Evaluating>();
  state->locals.resize(rules_.expression.locals.size());
  return state;
}

base::Result<Evaluate::Result> Evaluate::of_row(Row& row) const {
  const auto cell = [](const Cell& given) {
    return Result{given.kind, given.number, std::string_view(given.text)};
  };
  if (rules_.missing && row.has_missing()) return cell(*rules_.missing);
  auto made = row.value(rules_.expression.root);
  if (!made.ok()) {
    if (!rules_.errors_are_missing || !row.failed_in_arithmetic()) return std::move(made).error();
    made = Result{};
  }
  if (rules_.absent && made->is_null()) return cell(*rules_.absent);
  return made;
}

base::Result<void> Evaluate::run(const CellSource& from, CellTarget& to, State* state) const {
  Row row(rules_, from, *static_cast<Evaluating*>(state));
  std::span<double> numbers;
  std::span<std::string_view> texts;
  if (rules_.type == kNumberCell) numbers = to.numbers(from.rows());
  if (rules_.type == kTextCell) texts = to.texts(from.rows());
  for (std::size_t i = 0; i < from.rows(); ++i) {
    row.move_to(i);
    TRY_ASSIGN(const Result made, of_row(row));
    if (!numbers.empty()) {
      numbers[i] = made.is_number() ? made.number : data::kMissingNumber;
    } else {
      texts[i] = made.is_text() ? to.keep(made.text) : data::kMissingText;
    }
  }
  return {};
}

}  // namespace plan
