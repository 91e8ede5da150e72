#include "companions/pmml_expression.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "companions/cells.h"
#include "companions/transformer.h"
#include "plan_scores/link.h"

namespace companions {
namespace {

std::size_t least_columns(const plan::Expression& expression) {
  std::size_t least = 1;
  for (const auto& node : expression.nodes) {
    if (node.op == plan::Expression::Op::Column) least = std::max(least, node.column + 1);
  }
  return least;
}

// Columns by name become columns by position.
base::Result<void> number_columns(const Port& port, plan::Expression& expression) {
  for (auto& node : expression.nodes) {
    if (node.op != plan::Expression::Op::Column) continue;
    if (!node.text.empty()) {
      const auto at = std::find(port.names.begin(), port.names.end(), node.text);
      if (at == port.names.end()) {
        return base::Error(base::Code::Unsupported,
                           fmt::format("\"expr\": expected a column that comes in, got {}",
                                       base::quote(node.text)));
      }
      node.column = static_cast<std::size_t>(at - port.names.begin());
    }
    if (node.column >= port.width || (node.bare && port.width != 1)) {
      return base::Error(base::Code::Corrupt,
                         fmt::format("\"expr\": expected columns below {}", port.width));
    }
  }
  return {};
}

// ExpressionTransformer: what an expression makes of the row.
class Expressed final : public Transformer {
 public:
  Expressed(plan::Evaluate::Rules rules, std::optional<Holds> to)
      : rules_(std::move(rules)), to_(to) {}

 private:
  base::Result<Port> transform(Builder& builder, const Port& from) const override {
    TRY_ASSIGN(const Port made, express(builder, from, rules_));
    return to_ ? cast_cells(builder, made, *to_) : base::Result<Port>(made);
  }

  plan::Evaluate::Rules rules_;
  std::optional<Holds> to_;
};

base::Result<std::optional<plan::Evaluate::Cell>> read_cell(const Object& object,
                                                            std::string_view attribute) {
  using Kind = plan::Expression::Kind;
  const auto value = object.find(attribute);
  if (!value) return std::optional<plan::Evaluate::Cell>();
  const auto put = put_of(*value);
  plan::Evaluate::Cell cell;
  if (const double* number = std::get_if<double>(&put)) {
    cell.number = *number;
    const NumberKind kind = number_kind_of(*value);
    cell.kind = kind == NumberKind::Bool  ? Kind::Bool
                : kind == NumberKind::Int ? Kind::Int
                                          : Kind::Float;
  } else if (const auto* text = std::get_if<std::string>(&put)) {
    cell.kind = Kind::Text;
    cell.text = *text;
  } else {
    return object.unsupported(attribute, "a number or a text", describe(*value));
  }
  return std::optional(std::move(cell));
}

Made read_expression(const Object& object, Reader& reader) {
  TRY_ASSIGN(const Value value, object.get("expr"));
  TRY_ASSIGN(plan::Evaluate::Rules rules, read_python_rules(object, reader, "expr", value));
  TRY_ASSIGN(rules.missing, read_cell(object, "map_missing_to"));
  TRY_ASSIGN(rules.absent, read_cell(object, "default_value"));
  TRY_ASSIGN(const std::string treatment, object.text_or("invalid_value_treatment", ""));
  rules.errors_are_missing = treatment == "as_missing";
  std::optional<Holds> to;
  const char* attribute = object.has("dtype_") ? "dtype_" : "dtype";
  if (const auto dtype = object.find(attribute)) {
    to = holds_of(*dtype);
    if (!to) {
      return object.unsupported(attribute, "a type of numbers, texts or dates", describe(*dtype));
    }
  }
  return std::make_unique<Expressed>(std::move(rules), to);
}

class ExpressionRegressor final : public Estimator {
 public:
  ExpressionRegressor(plan::Evaluate::Rules rules, bool exp)
      : rules_(std::move(rules)), exp_(exp) {}
  bool has(Method method) const override {
    return method == Method::Predict || method == Method::DecisionFunction;
  }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port made, express_number(builder, input, rules_));
    if (method == Method::DecisionFunction || !exp_) return made;
    return builder.add(std::make_shared<plan::Link>(plan::LinkKind::Exp, 1), made, Form::Dense, 1);
  }

  plan::Evaluate::Rules rules_;
  bool exp_;
};

Made read_expression_regressor(const Object& object, Reader& reader) {
  TRY_ASSIGN(const Value value, object.get("expr"));
  TRY_ASSIGN(plan::Evaluate::Rules rules, read_python_rules(object, reader, "expr", value));
  TRY_ASSIGN(const std::string method, object.text("normalization_method"));
  if (method != "none" && method != "exp") {
    return object.unsupported("normalization_method", "\"none\" or \"exp\"", base::quote(method));
  }
  return std::make_unique<ExpressionRegressor>(std::move(rules), method == "exp");
}

constexpr Entry kPmmlExpression[] = {
    {"sklearn2pmml", "ExpressionRegressor", read_expression_regressor},
    {"sklearn2pmml", "ExpressionTransformer", read_expression},
};

}  // namespace

base::Result<PythonCode> read_python(const Object& object, std::string_view attribute,
                                     Value value) {
  PythonCode code;
  std::vector<Value> functions;
  if (const auto text = value.as_string()) {
    code.text = *text;
    // A function of the row.
    if (code.text.find('\n') != std::string::npos) functions.push_back(value);
  } else {
    const auto text_of = value.find("expr");
    const auto expr = text_of ? text_of->as_string() : std::nullopt;
    if (!expr) return object.unsupported(attribute, "a text", describe(value));
    code.text = *expr;
    if (const auto defined = value.find("function_defs")) {
      const auto items = defined->items();
      functions.assign(items.begin(), items.end());
    }
  }
  for (const Value each : functions) {
    const auto text = each.as_string();
    if (!text) return object.unsupported(attribute, "functions as texts", describe(each));
    auto function = parse_python_function(*text);
    if (!function.ok()) return std::move(function).error().within(object.title());
    code.functions.push_back(*std::move(function));
  }
  if (value.as_string() && !code.functions.empty()) code.text = code.functions.front().name + "(X)";
  return code;
}

base::Result<plan::Evaluate::Rules> read_python_rules(const Object& object, const Reader& reader,
                                                      std::string_view attribute, Value value) {
  TRY_ASSIGN(const PythonCode code, read_python(object, attribute, value));
  auto expression = parse_python_expression(code);
  if (!expression.ok()) return std::move(expression).error().within(object.title());
  plan::Evaluate::Rules rules;
  rules.expression = *std::move(expression);
  rules.python = reader.options().python;
  return rules;
}

base::Result<Port> express(Builder& builder, const Port& from, plan::Evaluate::Rules rules,
                           std::optional<ColumnType> wanted) {
  TRY_ASSIGN(const Port input, builder.declare(from, least_columns(rules.expression)));
  TRY(number_columns(input, rules.expression));
  auto columns = builder.known_types(input);
  const auto type = rules.expression.infer(columns, wanted);
  if (!type) {
    return base::Error(base::Code::Unsupported,
                       "\"expr\": expected numbers or texts, not both, as what it makes");
  }
  rules.type = *type;
  std::vector<ColumnType> types;
  for (const auto& each : columns) types.push_back(each.value_or(ColumnType::Number));
  TRY_ASSIGN(const Port port, builder.cells(input, types));
  for (std::size_t c = 0; c < port.width; ++c) rules.kinds.push_back(port.kind_of(c));
  Port made = map_all(builder, port, std::make_shared<plan::Evaluate>(std::move(rules)));
  if (port.width == 1) made.names = port.names;
  return made;
}

base::Result<Port> express_number(Builder& builder, const Port& input,
                                  const plan::Evaluate::Rules& rules) {
  TRY_ASSIGN(const Port made, express(builder, input, rules, ColumnType::Number));
  return builder.dense(made, 1);
}

std::span<const Entry> pmml_expression_entries() { return kPmmlExpression; }

}  // namespace companions
