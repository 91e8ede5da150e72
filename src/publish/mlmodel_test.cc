#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "publish/source.h"

namespace publish {
namespace {

using base::Code;
using Columns = std::vector<std::string>;

// As MLflow 1.30 writes a pipeline over a data frame.
constexpr const char* kFirst = R"(artifact_path: model
flavors:
  python_function:
    env: conda.yaml
    loader_module: mlflow.sklearn
    model_path: model.pkl
    predict_fn: predict
    python_version: 3.8.18
  sklearn:
    code: null
    pickled_model: model.pkl
    serialization_format: cloudpickle
    sklearn_version: 1.1.3
mlflow_version: 1.30.1
model_uuid: 4f0a1d2c3b4a59687788990a0b0c0d0e
saved_input_example_info:
  artifact_path: input_example.json
  pandas_orient: split
  type: dataframe
signature:
  inputs: '[{"name": "age", "type": "double"}, {"name": "city", "type": "string"}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]'
utc_time_created: '2026-01-02 03:04:05.678901'
)";

// MLflow 2.22: columns say whether they are required, environments are a map.
constexpr const char* kSecond = R"(artifact_path: model
flavors:
  python_function:
    env:
      conda: conda.yaml
      virtualenv: python_env.yaml
    loader_module: mlflow.sklearn
    model_path: model.pkl
    predict_fn: predict
    python_version: 3.10.13
  sklearn:
    code: null
    pickled_model: model.pkl
    serialization_format: cloudpickle
    sklearn_version: 1.7.2
is_signature_from_type_hint: false
mlflow_version: 2.22.0
model_size_bytes: 2412
model_uuid: 4f0a1d2c3b4a59687788990a0b0c0d0e
prompts: null
saved_input_example_info:
  artifact_path: input_example.json
  pandas_orient: split
  serving_input_path: serving_input_example.json
  type: dataframe
signature:
  inputs: '[{"type": "double", "name": "age", "required": true}, {"type": "string",
    "name": "city", "required": false}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]'
  params: null
type_hint_from_example: false
utc_time_created: '2026-01-02 03:04:05.678901'
)";

// MLflow 3: a model of its own, not an artifact of a run; LightGBM's scikit-learn interface.
constexpr const char* kThird = R"(artifact_path: models:/m-0123456789abcdef0123456789abcdef
env_vars: null
flavors:
  lightgbm:
    code: null
    data: model.pkl
    lgb_version: 4.6.0
    model_class: lightgbm.sklearn.LGBMClassifier
  python_function:
    data: model.pkl
    env:
      conda: conda.yaml
      virtualenv: python_env.yaml
    loader_module: mlflow.lightgbm
    python_version: 3.12.1
is_signature_from_type_hint: false
mlflow_version: 3.5.0
model_id: m-0123456789abcdef0123456789abcdef
model_size_bytes: 5512
model_uuid: m-0123456789abcdef0123456789abcdef
prompts: null
type_hint_from_example: false
utc_time_created: '2026-01-02 03:04:05.678901'
)";

std::string with_flavor(const std::string& flavor) { return "flavors:\n  " + flavor + "\n"; }

TEST(MlmodelTest, ReadsWhatEachReleaseWrites) {
  struct Case {
    const char* text;
    const char* model;
    const char* flavor;
    const char* example;
    const char* python;
    Columns columns;
  };
  const Case kCases[] = {
      {kFirst, "model.pkl", "sklearn", "input_example.json", "3.8.18", {"age", "city"}},
      {kSecond, "model.pkl", "sklearn", "input_example.json", "3.10.13", {"age", "city"}},
      {kThird, "model.pkl", "lightgbm", "", "3.12.1", {}}};
  for (const Case& each : kCases) {
    const auto read = parse_mlmodel("MLmodel", each.text);
    ASSERT_TRUE(read.ok()) << read.error().message();
    EXPECT_EQ(read->model, each.model);
    EXPECT_EQ(read->flavor, each.flavor);
    EXPECT_EQ(read->example, each.example);
    EXPECT_EQ(read->python, each.python);
    EXPECT_EQ(read->columns, each.columns);
  }
}

TEST(MlmodelTest, ABoosterIsItsOwnFile) {
  const auto read =
      parse_mlmodel("MLmodel", with_flavor("lightgbm: {data: model.lgb, lgb_version: 3.3.5, "
                                           "model_class: lightgbm.basic.Booster}"));
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(read->model, "model.lgb");
}

TEST(MlmodelTest, AColumnWithoutANameAndATensorAreNone) {
  const std::string text = with_flavor("sklearn: {pickled_model: m}") + "signature:\n  inputs: ";
  for (const char* inputs : {R"('[{"type": "double"}]')",
                             R"('[{"type": "tensor", "tensor-spec": {"dtype": "float64"}}]')",
                             "'[1, null, []]'", "null"}) {
    const auto read = parse_mlmodel("MLmodel", text + inputs + "\n");
    ASSERT_TRUE(read.ok()) << inputs << ": " << read.error().message();
    EXPECT_TRUE(read->columns.empty());
  }
}

TEST(MlmodelTest, WhatIsNullIsNotThere) {
  const auto read = parse_mlmodel("MLmodel", with_flavor("sklearn: {pickled_model: m}") +
                                                 "  python_function: null\nsignature: null\n"
                                                 "saved_input_example_info: null\n");
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(read->python, "");
  EXPECT_EQ(read->example, "");
}

TEST(MlmodelTest, RefusesOtherFlavoursByName) {
  struct Case {
    const char* flavor;
    const char* message;
  };
  constexpr Case kCases[] = {
      {"xgboost: {data: model.xgb}",
       "\"MLmodel\": flavors: expected sklearn or lightgbm, got xgboost"},
      {"python_function: {loader_module: mlflow.pyfunc.model}",
       "\"MLmodel\": flavors: expected sklearn or lightgbm, got none"},
      {"sklearn: {pickled_model: model.skops, serialization_format: skops}",
       "\"MLmodel\": flavors: sklearn: expected a model kept as pickle or cloudpickle, got skops; "
       "log it with serialization_format=\"cloudpickle\""}};
  for (const Case& each : kCases) {
    const auto read = parse_mlmodel("MLmodel", with_flavor(each.flavor));
    ASSERT_FALSE(read.ok()) << each.flavor;
    EXPECT_EQ(read.error().code(), Code::Unsupported);
    EXPECT_EQ(read.error().message(), each.message);
  }
}

TEST(MlmodelTest, RefusesFilesOutsideTheFolder) {
  for (const char* name : {"../model.pkl", "/etc/passwd", "a/../../b", "''"}) {
    EXPECT_FALSE(
        parse_mlmodel("MLmodel", with_flavor("sklearn: {pickled_model: " + std::string(name) + "}"))
            .ok())
        << name;
  }
  EXPECT_FALSE(parse_mlmodel("MLmodel", with_flavor("sklearn: {pickled_model: m}") +
                                            "saved_input_example_info: {artifact_path: ../x}\n")
                   .ok());
}

TEST(MlmodelTest, RefusesWhatIsNoMlmodel) {
  for (const char* text : {"", "[]", "flavors: 3\n", "flavors: {sklearn: 3}\n",
                           "flavors: {sklearn: {}}\n", "flavors: {sklearn: {pickled_model: [m]}}\n",
                           "flavors: {sklearn: {pickled_model: m}}\nsignature: {inputs: '{'}\n"}) {
    EXPECT_FALSE(parse_mlmodel("MLmodel", text).ok()) << text;
  }
}

}  // namespace
}  // namespace publish
