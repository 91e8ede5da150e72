#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace companions {

struct PythonStatement;
using PythonBlock = std::vector<PythonStatement>;

struct PythonBranch {
  std::string condition;  // Empty: else.
  PythonBlock block;
};

struct PythonStatement {
  std::string name;                    // Of what is assigned; empty: it is returned.
  std::string value;                   // As an expression.
  std::vector<PythonBranch> branches;  // Of an if, which has neither.
};

struct PythonFunction {
  std::string name;
  std::vector<std::string> parameters;
  PythonBlock body;
};

// The text of one function, as inspect.getsource gives it: "def name(a, b):" and a body of return,
// if, elif, else, pass and assignments to one name. Its expressions are not looked at.
//
// Everything else is refused by its line, and so is a text longer than 10,000 characters or blocks
// more than 50 deep.
base::Result<PythonFunction> parse_python_function(std::string_view text);

}  // namespace companions
