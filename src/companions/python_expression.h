#pragma once

#include <string_view>

#include "base/result.h"
#include "plan_cells/expression.h"

namespace companions {

// Reads an expression of Python over the row X: "X[0] if pandas.notnull(X[0]) else -1". Literals,
// X[position], X["name"], X itself, arithmetic, comparisons, and, or, not, in, is None, the
// conditional expression, and the functions listed in python_expression.cc.
//
// Everything else is refused by its name, and so is a text longer than 10,000 characters or nested
// more than 100 deep, or of more than 1,000 parts.
base::Result<plan::Expression> parse_python_expression(std::string_view text);

}  // namespace companions
