#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "publish/source.h"

namespace publish {
namespace {

using base::Code;
using Columns = std::vector<MlflowSignature::Column>;

// What save_model of MLflow 1.30.1 wrote of a pipeline over a data frame.
constexpr const char* kFirst = R"(flavors:
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
model_uuid: e9417ed1413c4da6846b6d67683b021f
saved_input_example_info:
  artifact_path: input_example.json
  pandas_orient: split
  type: dataframe
signature:
  inputs: '[{"name": "age", "type": "double"}, {"name": "city", "type": "string"}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]'
utc_time_created: '2026-11-22 23:17:44.798895'
)";

// The same of MLflow 2.22.0: columns say whether they are required, environments are a map.
constexpr const char* kSecond = R"(flavors:
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
model_size_bytes: 2514
model_uuid: b9ddfc681c59459a8666834b19115447
prompts: null
saved_input_example_info:
  artifact_path: input_example.json
  pandas_orient: split
  serving_input_path: serving_input_example.json
  type: dataframe
signature:
  inputs: '[{"type": "double", "name": "age", "required": true}, {"type": "string",
    "name": "city", "required": true}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]'
  params: null
type_hint_from_example: false
utc_time_created: '2026-11-22 23:17:53.029606'
)";

// The same of MLflow 3.17.2, asked for cloudpickle.
constexpr const char* kThird = R"(flavors:
  python_function:
    env:
      conda: conda.yaml
      virtualenv: python_env.yaml
    loader_module: mlflow.sklearn
    model_path: model.pkl
    predict_fn: predict
    python_version: 3.12.1
  sklearn:
    code: null
    pickled_model: model.pkl
    serialization_format: cloudpickle
    sklearn_version: 1.9.1
    skops_trusted_types: null
is_signature_from_type_hint: false
mlflow_version: 3.17.2
model_id: null
model_size_bytes: 2474
model_uuid: 685f6228fb07481db1d16a3ef3dc63b7
prompts: null
saved_input_example_info:
  artifact_path: input_example.json
  pandas_orient: split
  serving_input_path: serving_input_example.json
  type: dataframe
signature:
  inputs: '[{"type": "double", "name": "age", "required": true}, {"type": "string",
    "name": "city", "required": true}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]'
  params: null
type_hint_from_example: false
utc_time_created: '2026-11-22 23:18:09.320815'
)";

// A LightGBM booster, of MLflow 1.30.1.
constexpr const char* kBooster = R"(flavors:
  lightgbm:
    code: null
    data: model.lgb
    lgb_version: 4.6.0
    model_class: lightgbm.basic.Booster
  python_function:
    data: model.lgb
    env: conda.yaml
    loader_module: mlflow.lightgbm
    python_version: 3.8.18
mlflow_version: 1.30.1
model_uuid: 88e0c051b00444a2ade131c96ac90921
utc_time_created: '2026-11-22 23:17:48.834980'
)";

// A LightGBM classifier, of MLflow 3.17.2 with its defaults.
constexpr const char* kSkops = R"(flavors:
  lightgbm:
    code: null
    data: model.skops
    lgb_version: 4.7.0
    model_class: lightgbm.sklearn.LGBMClassifier
    serialization_format: skops
    skops_trusted_types:
    - collections.OrderedDict
    - lightgbm.basic.Booster
    - lightgbm.sklearn.LGBMRegressor
    - lightgbm.sklearn.LGBMClassifier
  python_function:
    data: model.skops
    env:
      conda: conda.yaml
      virtualenv: python_env.yaml
    loader_module: mlflow.lightgbm
    python_version: 3.12.1
mlflow_version: 3.17.2
model_id: null
model_size_bytes: 42833
model_uuid: 8f39f05837aa4742bdf5f1912674f5cd
prompts: null
utc_time_created: '2026-11-22 23:18:14.358463'
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
  const Case kCases[] = {{kFirst,
                          "model.pkl",
                          "sklearn",
                          "input_example.json",
                          "3.8.18",
                          {{"age", "double"}, {"city", "string"}}},
                         {kSecond,
                          "model.pkl",
                          "sklearn",
                          "input_example.json",
                          "3.10.13",
                          {{"age", "double"}, {"city", "string"}}},
                         {kThird,
                          "model.pkl",
                          "sklearn",
                          "input_example.json",
                          "3.12.1",
                          {{"age", "double"}, {"city", "string"}}},
                         {kBooster, "model.lgb", "lightgbm", "", "3.8.18", {}}};
  for (const Case& each : kCases) {
    const auto read = parse_mlmodel("MLmodel", each.text);
    ASSERT_TRUE(read.ok()) << read.error().message();
    EXPECT_EQ(read->model, each.model);
    EXPECT_EQ(read->flavor, each.flavor);
    EXPECT_EQ(read->example, each.example);
    EXPECT_EQ(read->python, each.python);
    EXPECT_EQ(read->signature.columns, each.columns);
  }
}

TEST(MlmodelTest, WhatIsNoSignatureIsNone) {
  const std::string text = with_flavor("sklearn: {pickled_model: m}") + "signature:\n  inputs: ";
  for (const char* inputs : {"'[1, null, []]'", "null"}) {
    const auto read = parse_mlmodel("MLmodel", text + inputs + "\n");
    ASSERT_TRUE(read.ok()) << inputs << ": " << read.error().message();
    EXPECT_EQ(read->signature, MlflowSignature{});
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

TEST(MlmodelTest, RefusesSkopsOfEitherFlavour) {
  const auto read = parse_mlmodel("MLmodel", kSkops);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code(), Code::Unsupported);
  EXPECT_EQ(read.error().message(),
            "\"MLmodel\": flavors: lightgbm: expected a model kept as pickle or cloudpickle, got "
            "skops; log it with serialization_format=\"cloudpickle\"");
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
