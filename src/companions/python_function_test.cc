#include "companions/python_function.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace companions {
namespace {

// The statements on one line; [condition: statements] for a branch.
std::string shown(const PythonBlock& block) {
  std::string text;
  for (const PythonStatement& each : block) {
    if (each.branches.empty())
      text += each.name + (each.name.empty() ? "" : "=") + each.value + ";";
    for (const PythonBranch& branch : each.branches) {
      text += "[" + branch.condition + ": " + shown(branch.block) + "]";
    }
  }
  return text;
}

std::string parsed(std::string_view text) {
  const auto function = parse_python_function(text);
  if (!function.ok()) return function.error().message();
  std::string parameters;
  for (const std::string& each : function->parameters) parameters += each + ",";
  return function->name + "(" + parameters + ") " + shown(function->body);
}

TEST(PythonFunctionTest, ReadsBranchesAndAssignments) {
  EXPECT_EQ(parsed("def f(a, b):\n  if a:\n    return 1\n  elif b: return 2\n  else:\n    c = 3\n"
                   "  return c\n"),
            "f(a,b,) [a: 1;][b: 2;][: c=3;]c;");
  EXPECT_EQ(parsed("def f():\n  if 1:\n    if 2:\n      return 3\n  if 4:\n    pass\n  return\n"),
            "f() [1: [2: 3;]][4: ]None;");
  EXPECT_EQ(parsed("def f(a): return a\n"), "f(a,) a;");
  EXPECT_EQ(parsed("def f(a):\r\n  # b\r  c = 1\r\n  return c\r\n"), "f(a,) c=1;c;");
}

TEST(PythonFunctionTest, JoinsWhatBracketsAndQuotesHoldTogether) {
  EXPECT_EQ(parsed("def f(a,\n      b):\n  '''One\n  two: \"x\"'''\n\n  # said # twice\n"
                   "  return (a +\n    b)  # sum\n"),
            "f(a,b,) (a +\n    b);");
  EXPECT_EQ(parsed("def f(a):\n  if a == ':#\\'': return {1: '(', 2: a}[1]\n"),
            "f(a,) [a == ':#\\'': {1: '(', 2: a}[1];]");
}

TEST(PythonFunctionTest, NamesTheLineThatItDoesNotUnderstand) {
  const std::string expected = "function: expected return, if or an assignment to a name, got ";
  EXPECT_EQ(parsed("def f(a):\n  for x in a: pass\n"), expected + "\"for x in a: pass\"");
  EXPECT_EQ(parsed("def f(a):\n  a += 1\n"), expected + "\"a += 1\"");
  EXPECT_EQ(parsed("def f(a):\n  a == 1\n"), expected + "\"a == 1\"");
  EXPECT_EQ(parsed("def f(a):\n  else:\n    return 1\n"), expected + "\"else:\"");
  EXPECT_EQ(parsed("def f(a=1):\n  return a\n"),
            "function: expected parameters that are names alone, got \"def f(a=1):\"");
  EXPECT_EQ(parsed("def f(None):\n  return 1\n"),
            "function: expected parameters that are names alone, got \"def f(None):\"");
  EXPECT_EQ(parsed("@cached\ndef f(a):\n  return a\n"), "function: expected def, got \"@cached\"");
  EXPECT_EQ(parsed("def f(a):\n  if a:\n  return a\n"),
            "function: expected an indented block behind it, got \"if a:\"");
  EXPECT_EQ(parsed("def f(a):\n    return a\n  return 1\n"),
            "function: expected the indentation of the lines before, got \"return 1\"");
  EXPECT_EQ(parsed("def f(a):\n  return a\nprint(1)\n"),
            "function: expected the end of the function, got \"print(1)\"");
  EXPECT_EQ(parsed("def f(a):\n  if a\n    return 1\n"),
            "function: expected a colon, got \"if a\"");
  EXPECT_EQ(parsed("def f(a):\n  if : return 1\n"),
            "function: expected a condition, got \"if : return 1\"");
  EXPECT_EQ(parsed(""), "function: expected def, got \"\"");
}

TEST(PythonFunctionTest, BoundsLengthAndDepth) {
  std::string deep = "def f(a):\n";
  for (std::size_t i = 1; i <= 60; ++i) deep += std::string(i, ' ') + "if a:\n";
  deep += std::string(61, ' ') + "return 1\n";
  EXPECT_EQ(parsed(deep), "function: expected less nesting, got \"if a:\"");
  EXPECT_NE(parsed(std::string(10'001, ' ')).find("at most 10000 characters"), std::string::npos);
}

}  // namespace
}  // namespace companions
