#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "companions/python_expression.h"
#include "companions/words.h"
#include "plan_cells/expression.h"

namespace companions {

// What sklearn2pmml writes as Python: ExpressionTransformer and ExpressionRegressor; and
// ExpressionClassifier and RuleSetClassifier.
std::span<const Entry> pmml_expression_entries();
std::span<const Entry> pmml_classifiers_entries();

// What is evaluated for each row: a text, a function's text, or an Expression or a Predicate with
// functions of its own.
base::Result<PythonCode> read_python(const Object& object, std::string_view attribute, Value value);

// That, ready to be evaluated.
base::Result<plan::Evaluate::Rules> read_python_rules(const Object& object, const Reader& reader,
                                                      std::string_view attribute, Value value);

// What an expression makes of the rows of `from`: one column of cells. Columns that nobody typed
// become what the expression needs, or what makes of it what is `wanted`.
base::Result<Port> express(Builder& builder, const Port& from, plan::Evaluate::Rules rules,
                           std::optional<ColumnType> wanted = {});

// The numbers that it makes, as one dense column.
base::Result<Port> express_number(Builder& builder, const Port& input,
                                  const plan::Evaluate::Rules& rules);

}  // namespace companions
