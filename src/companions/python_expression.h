#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "companions/python_function.h"
#include "plan_cells/expression.h"

namespace companions {

// An expression of Python, and the functions that it may call.
struct PythonCode {
  std::string text;
  std::vector<PythonFunction> functions;
};

// Reads an expression of Python over the row X: "X[0] if pandas.notnull(X[0]) else -1". Literals,
// X[position], X["name"], X itself, arithmetic, comparisons, and, or, not, in, is None, the
// conditional expression, the functions listed in python_expression.cc, and those of the code,
// whose bodies become part of it: they may call each other, but not themselves.
//
// Everything else is refused by its name, and so is a text longer than 10,000 characters or nested
// more than 100 deep, or of more than 1,000 parts.
base::Result<plan::Expression> parse_python_expression(const PythonCode& code);

// The position of the first predicate that holds, and how many there are where none does. They
// have at most 100,000 parts together.
base::Result<plan::Expression> parse_python_choice(std::span<const PythonCode> predicates);

}  // namespace companions
