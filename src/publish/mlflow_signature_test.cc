#include "publish/mlflow_signature.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace publish {
namespace {

using base::Code;
using data::ColumnType;

// Two columns that are read, and one that is not.
data::Signature passenger_signature() {
  data::Signature signature;
  signature.columns = {{.name = "age", .type = ColumnType::Number, .used = true, .categories = {}},
                       {.name = "port", .type = ColumnType::Text, .used = true, .categories = {}},
                       {.name = "id", .type = ColumnType::Number, .used = false, .categories = {}}};
  return signature;
}

data::Signature numeric_columns(std::size_t count) {
  data::Signature signature;
  for (std::size_t i = 0; i < count; ++i) {
    signature.columns.push_back({.name = "x" + std::to_string(i),
                                 .type = ColumnType::Number,
                                 .used = true,
                                 .categories = {}});
  }
  return signature;
}

// Empty: nothing is wrong.
std::string problem(const std::string& inputs, const data::Signature& read) {
  const auto signature = parse_mlflow_signature(inputs);
  if (!signature.ok()) return signature.error().message();
  std::vector<std::string> notes;
  const auto checked = check_signature(*signature, read, notes);
  if (checked.ok()) return "";
  EXPECT_EQ(checked.error().code(), Code::Conflict);
  return checked.error().message();
}

std::string column(const std::string& name, const std::string& type) {
  return R"([{"name": ")" + name + R"(", "type": ")" + type + R"("}])";
}

TEST(MlflowSignatureTest, ComparesEachTypeWithWhatThePipelineReads) {
  struct Case {
    const char* type;
    bool number;
    bool text;
  };
  constexpr Case kCases[] = {{"boolean", true, false}, {"integer", true, false},
                             {"long", true, false},    {"float", true, false},
                             {"double", true, false},  {"string", false, true},
                             {"binary", false, true},  {"datetime", false, false},
                             {"any", true, true},      {"array", true, true},
                             {"", true, true}};
  for (const Case& each : kCases) {
    EXPECT_EQ(problem(column("age", each.type), passenger_signature()).empty(), each.number)
        << each.type;
    EXPECT_EQ(problem(column("port", each.type), passenger_signature()).empty(), each.text)
        << each.type;
    EXPECT_EQ(problem(column("id", each.type), passenger_signature()), "") << each.type;
  }
}

TEST(MlflowSignatureTest, SaysWhatContradictsAndWhatToDo) {
  EXPECT_EQ(problem(column("age", "string"), passenger_signature()),
            "MLmodel: column \"age\": expected numbers, as the pipeline reads it, got \"string\"; "
            "log the model with the signature of its rows, or register its file alone");
  EXPECT_EQ(problem(column("port", "double"), passenger_signature()),
            "MLmodel: column \"port\": expected string, as the pipeline reads it, got \"double\"; "
            "log the model with the signature of its rows, or register its file alone");
}

TEST(MlflowSignatureTest, ComparesATensorWithEveryColumn) {
  struct Case {
    const char* spec;
    bool fits;
  };
  constexpr Case kCases[] = {{R"({"dtype": "float64", "shape": [-1, 4]})", true},
                             {R"({"dtype": "float32", "shape": [-1, -1]})", true},
                             {R"({"dtype": "uint8", "shape": [-1]})", true},
                             {R"({"dtype": "object", "shape": [-1, 4]})", true},
                             {R"({"dtype": "float64"})", true},
                             {R"({"dtype": "float64", "shape": [-1, 3]})", false},
                             {R"({"dtype": "str", "shape": [-1, 4]})", false},
                             {R"({"dtype": "datetime64[ns]", "shape": [-1, 4]})", false}};
  for (const Case& each : kCases) {
    const std::string inputs =
        std::string(R"([{"type": "tensor", "tensor-spec": )") + each.spec + "}]";
    EXPECT_EQ(problem(inputs, numeric_columns(4)).empty(), each.fits) << each.spec;
  }
  EXPECT_EQ(problem(R"([{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1, 2]}}])",
                    numeric_columns(4)),
            "MLmodel: signature: expected 4 features, as the pipeline reads it, got 2; log the "
            "model with the signature of its rows, or register its file alone");
}

TEST(MlflowSignatureTest, ColumnsWithoutNamesAreToldByTheirPlace) {
  EXPECT_EQ(problem(R"([{"type": "double"}, {"type": "string"}, {"type": "long"}])",
                    passenger_signature()),
            "");
  EXPECT_NE(problem(R"([{"type": "string"}, {"type": "string"}, {"type": "long"}])",
                    passenger_signature()),
            "");
  EXPECT_NE(problem(R"([{"type": "double"}])", passenger_signature()), "");
}

TEST(MlflowSignatureTest, TellsTheTypeOfWhatNothingReads) {
  std::vector<model::Description::Input> inputs = {{"age", "number", true, {}},
                                                   {"id", "number", false, {}}};
  const auto signature = parse_mlflow_signature(
      R"([{"name": "age", "type": "string"}, {"name": "id", "type": "string"}])");
  complete_inputs(*signature, inputs);
  EXPECT_EQ(inputs[0].type, "number");
  EXPECT_EQ(inputs[1].type, "text");
}

TEST(MlflowSignatureTest, PassesOverWhatIsNoColumn) {
  for (const char* inputs :
       {"[]", "[1, null, []]", R"([{"type": 3, "name": []}])", R"([{"type": "tensor"}])",
        R"([{"type": "tensor", "tensor-spec": 1}])",
        R"([{"type": "tensor", "tensor-spec": {"dtype": [], "shape": {}}}])"}) {
    EXPECT_TRUE(parse_mlflow_signature(inputs).ok()) << inputs;
  }
  for (const char* inputs : {"", "{", "{}", "3"}) {
    EXPECT_EQ(problem(inputs, passenger_signature()), "expected a JSON array of columns") << inputs;
  }
}

}  // namespace
}  // namespace publish
