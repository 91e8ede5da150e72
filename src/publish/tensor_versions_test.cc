// Versions of networks of tensors: registered, proved, and told apart.
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine_onnx/test_onnx.h"
#include "engine_onnx/test_runtime.h"
#include "publish/difference.h"
#include "publish/example_files.h"
#include "publish/test_workspace.h"
#include "scorer/test_tensors.h"
#include "tensor_files/tensor_file.h"

namespace publish {
namespace {

using base::Code;
using engine::NamedTensor;
using scorer::testing::test_floats;
using scorer::testing::test_ids;
using scorer::testing::test_request;
using scorer::testing::TestTensorsLoader;

std::string adding_network() {
  return engine_onnx::test_model(engine_onnx::adding_graph()).bytes();
}

std::string npz(const std::vector<NamedTensor>& tensors) {
  auto bytes = tensor_files::make_npz(tensors);
  EXPECT_TRUE(bytes.ok());
  return *std::move(bytes);
}

class TensorVersionsTest : public PublishTest {
 protected:
  Registration network(const std::string& file = "net.onnx") const {
    return {.path = write(file, adding_network()), .networks = &loader_};
  }
  // With an example of two rows.
  Registration asked() const {
    Registration registration = network();
    registration.example = {write("example.npz", npz(test_request({4, 5})))};
    return registration;
  }

  const TestTensorsLoader loader_;
};

TEST_F(TensorVersionsTest, ALoneNetworkIsRegistered) {
  const Registered registered = must_register(network());
  EXPECT_EQ(registered.version.reference(), "net:1");
  const model::Description& description = registered.description;
  EXPECT_EQ(description.engine, "onnx");
  EXPECT_EQ(description.recipe, "tensors");
  EXPECT_TRUE(description.inputs.empty());
  ASSERT_TRUE(description.network.has_value());
  ASSERT_EQ(description.network->inputs.size(), 2U);
  EXPECT_EQ(engine::tensor_form(description.network->inputs[0]), "FP32[?,3]");
  EXPECT_EQ(description.network->outputs.size(), 3U);
  EXPECT_EQ(description.golden_source, "generated");
  EXPECT_EQ(description.golden_rows, 2U);
  const auto files = files_of(registered);
  EXPECT_TRUE(files->has("model.onnx"));
  EXPECT_EQ(read_description(*files)->json(), description.json());
  const auto scorer = scorer::Scorer::load(*files, "net", {.networks = &loader_});
  ASSERT_TRUE(scorer.ok()) << scorer.error().message();
  EXPECT_TRUE(scorer::replay(**scorer, *read_golden(*files), 0).ok());
  EXPECT_FALSE(must_register(network()).is_new);
}

TEST_F(TensorVersionsTest, ANetworkIsKnownByItsBytes) {
  const Registered registered = must_register(network("network.bin"));
  EXPECT_TRUE(files_of(registered)->has("model.onnx"));
}

TEST_F(TensorVersionsTest, WeightsBesideALoneNetworkComeWithIt) {
  const auto weights = engine_onnx::test_tensor("w", engine_onnx::kFloat, {2});
  const std::string split =
      engine_onnx::test_model(
          engine_onnx::adding_graph(engine_onnx::test_external(weights, "net.onnx.data")))
          .bytes();
  write("m/net.onnx.data", engine_onnx::float_bytes({10, 20}));
  const std::string path = write("m/net.onnx", split);
  for (const std::string& named : {path, this->path("m")}) {
    const auto files = files_of(must_register({.path = named, .networks = &loader_}));
    EXPECT_TRUE(files->has("net.onnx.data")) << named;
    EXPECT_TRUE(files->has("model.onnx")) << named;
  }
}

TEST_F(TensorVersionsTest, AFolderMayHoldItsNetworkAndItsExample) {
  write("numbers/model.onnx", adding_network());
  write("numbers/other.onnx", adding_network());
  write("numbers/example.npz", npz(test_request({4, 5})));
  const Registered registered = must_register({.path = path("numbers"), .networks = &loader_});
  EXPECT_EQ(registered.version.reference(), "numbers:1");
  EXPECT_EQ(registered.description.golden_source, "given");
  EXPECT_EQ(registered.description.golden_rows, 1U);
  EXPECT_FALSE(files_of(registered)->has("example.npz"));
}

TEST_F(TensorVersionsTest, ExpectedAnswersAreCompared) {
  Registration registration = asked();
  registration.expected = {
      write("expected.npz", npz({{"scaled", test_floats({2, 3}, {4, 6, 8, 5, 7, 9.0005F})}}))};
  const auto parity = must_register(registration).description.parity;
  ASSERT_TRUE(parity.has_value());
  EXPECT_EQ(parity->values, 6U);
  EXPECT_EQ(parity->equal, 5U);
  EXPECT_EQ(parity->tolerance, 1e-4);
  EXPECT_NEAR(parity->rel_max, 0.0005 / 9, 1e-6);
  EXPECT_EQ(parity->worst, "request 0, output \"scaled\" [1,2]");
  EXPECT_EQ(parity->not_compared, (std::vector<std::string>{"output \"next\"", "output \"word\""}));
}

TEST_F(TensorVersionsTest, RefusesAnswersThatAreOthers) {
  Registration registration = asked();
  const auto expect = [&](const std::vector<NamedTensor>& tensors) {
    registration.expected = {write("expected.npz", npz(tensors))};
  };
  expect({{"scaled", test_floats({2, 3}, {4, 6, 8, 5, 7, 9.01F})}});
  EXPECT_EQ(refusal_of(registration, Code::Conflict),
            "parity with expected answers: the largest relative error is 0.00111, at request 0, "
            "output \"scaled\" [1,2]; expected at most 0.0001; not registered");
  expect({{"scaled", test_floats({3, 2}, {4, 6, 8, 5, 7, 9})}});
  EXPECT_EQ(refusal_of(registration, Code::Conflict),
            "parity with expected answers: request 0, output \"scaled\": expected FP32[3,2], got "
            "FP32[2,3]; not registered");
  expect({{"next", test_ids({5, 7})}});
  EXPECT_EQ(refusal_of(registration, Code::Conflict),
            "parity with expected answers: 1 of 2 labels differ, first at request 0, output "
            "\"next\" [1]; expected at most 0.0001; not registered");
  expect({{"prev", test_ids({5, 7})}});
  EXPECT_EQ(refusal_of(registration, Code::Invalid),
            "\"" + path("expected.npz") +
                "\": expected arrays called as the outputs \"scaled\", \"next\", \"word\", got "
                "\"prev\"");
  expect({{"next", test_ids({5, 6})}});
  registration.expected.push_back(registration.expected.front());
  EXPECT_EQ(refusal_of(registration, Code::Invalid),
            "parity with expected answers: expected answers to 1 requests, got 2");
  registration.example.clear();
  EXPECT_EQ(refusal_of(registration, Code::Invalid),
            "expected answers: expected the examples that they answer beside them, got none");
}

TEST_F(TensorVersionsTest, RefusesAnExampleThatDoesNotFit) {
  Registration registration = asked();
  registration.example = {write("example.npz", npz({{"a", test_floats({1, 3}, {1, 2, 3})}}))};
  EXPECT_EQ(refusal_of(registration, Code::Invalid),
            "\"" + path("example.npz") + "\": expected an array for input \"ids\", got none");
  registration.example = {write("example.npz", "text")};
  EXPECT_NE(refusal_of(registration, Code::Invalid), "");
}

TEST_F(TensorVersionsTest, ExamplesMayBeSeveralAndAFolderOfThem) {
  Registration registration = network();
  write("examples/b.npz", npz(test_request({5})));
  write("examples/a.json", R"({"inputs":[{"name":"ids","datatype":"INT64","shape":[1],"data":[4]},)"
                           R"({"name":"a","datatype":"FP32","shape":[1,3],"data":[[1,2,3]]}]})");
  write("examples/readme.txt", "x");
  registration.example = {path("examples"), write("c.npz", npz(test_request({6, 7})))};
  registration.expected = {write("e0.npz", npz({{"next", test_ids({5})}})),
                           write("e1.npz", npz({{"next", test_ids({6})}})),
                           write("e2.npz", npz({{"next", test_ids({7, 8})}}))};
  const Registered registered = must_register(registration);
  EXPECT_EQ(registered.description.golden_rows, 3U);
  EXPECT_EQ(registered.description.parity->rows, 3U);
  registration.example = {path("examples/nothing")};
  std::filesystem::create_directories(path("examples/nothing"));
  EXPECT_EQ(try_register(registration).error().message(),
            "\"" + path("examples/nothing") +
                "\": expected files that end with .npz, .npy, .json, got none");
}

TEST_F(TensorVersionsTest, VersionsAreToldApart) {
  const Registered first = must_register(asked());
  Registration changed = asked();
  write("net.onnx", engine_onnx::test_model(engine_onnx::echoing_graph()).bytes());
  const TestTensorsLoader louder({.scale = 3});
  changed.networks = &louder;
  const Registered second = must_register(changed);
  const auto difference =
      find_difference(workspace_->layout(), first.version.digest, second.version.digest, &louder);
  ASSERT_TRUE(difference.ok()) << difference.error().message();
  EXPECT_TRUE(difference->parameters.empty());
  ASSERT_TRUE(difference->answers.has_value()) << difference->answers_note;
  EXPECT_EQ(difference->answers->values, 10U);
  EXPECT_NEAR(difference->answers->rel_max, 0.5, 1e-6);
  const TestTensorsLoader wider({.wide = 4});
  const auto other =
      find_difference(workspace_->layout(), first.version.digest, second.version.digest, &wider);
  ASSERT_TRUE(other->answers.has_value()) << other->answers_note;
  EXPECT_EQ(other->answers->not_compared, std::vector<std::string>{"output \"scaled\""});
}

// The same with the runtime that people use.
class TensorRuntimeTest : public engine_onnx::WithRuntime {};

TEST_F(TensorRuntimeTest, AnswersAsItsOriginal) {
  const engine_onnx::RuntimeLoader loader(runtime_);
  const scorer::testing::TestFiles files(
      {{"sooth.yaml", "model: model.onnx\n"}, {"model.onnx", adding_network()}});
  const auto scorer = scorer::Scorer::load(files, "m", {.networks = &loader});
  ASSERT_TRUE(scorer.ok()) << scorer.error().message();
  const auto golden =
      scorer::make_golden(**scorer, *scorer::generate_sample(**scorer), "generated");
  ASSERT_TRUE(golden.ok()) << golden.error().message();
  EXPECT_EQ(golden->examples.count(), 2U);
  EXPECT_TRUE(scorer::replay(**scorer, *scorer::Golden::parse(golden->json()), 0).ok());
}

}  // namespace
}  // namespace publish
