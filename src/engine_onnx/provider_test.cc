#include "engine_onnx/provider.h"

#include <cmath>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "engine_onnx/test_onnx.h"
#include "engine_onnx/test_runtime.h"

namespace engine_onnx {
namespace {

using engine::Precision;
using engine::Provider;
using engine::Tensor;
using engine::TensorView;

constexpr std::size_t kFirstOutput[] = {0};
constexpr std::int64_t kUint8 = 2;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool kSanitized = false;
#endif

LoadOptions with(Provider provider, Precision precision = Precision::Fp32) {
  LoadOptions options;
  options.settings.provider = provider;
  options.settings.precision = precision;
  return options;
}

// y = x w for rows of 64 numbers, w drawn up by rule.
TestMessage multiplying_graph() {
  std::vector<float> weights(std::size_t{64} * 64);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    weights[i] = std::sin(static_cast<float>(i) * 0.37F);
  }
  return TestMessage()
      .message(1, test_node("MatMul", {"x", "w"}, {"y"}))
      .text(2, "multiplying")
      .message(5, test_tensor("w", kFloat, {64, 64}).text(9, float_bytes(weights)))
      .message(11, test_end("x", test_tensor_type(kFloat, {-1, 64})))
      .message(12, test_end("y", test_tensor_type(kFloat, {-1, 64})));
}

TestMessage quantised_graph() {
  return TestMessage()
      .message(1, test_node("DequantizeLinear", {"x", "scale"}, {"y"}))
      .text(2, "quantised")
      .message(5, test_tensor("scale", kFloat, {}).text(9, float_bytes({0.5F})))
      .message(11, test_end("x", test_tensor_type(kUint8, {-1, 2})))
      .message(12, test_end("y", test_tensor_type(kFloat, {-1, 2})));
}

std::vector<float> answer_of(const engine::Network& network, std::int64_t rows) {
  const std::vector<std::int64_t> shape = {rows, 64};
  std::vector<float> values(static_cast<std::size_t>(rows) * 64);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = std::cos(static_cast<float>(i) * 0.11F);
  }
  const std::string bytes = float_bytes(values);
  const TensorView input[] = {
      {.type = data::Datatype::Fp32, .shape = shape, .bytes = bytes, .texts = {}}};
  std::vector<Tensor> results;
  const auto ran = network.run(input, kFirstOutput, results);
  EXPECT_TRUE(ran.ok()) << ran.error().message();
  if (!ran.ok()) return {};
  std::vector<float> answer(results[0].bytes.size() / sizeof(float));
  std::memcpy(answer.data(), results[0].bytes.data(), results[0].bytes.size());
  return answer;
}

double furthest(const std::vector<float>& a, const std::vector<float>& b) {
  EXPECT_EQ(a.size(), b.size());
  double most = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    most = std::max(most, static_cast<double>(std::abs(a[i] - b[i])));
  }
  return most;
}

TEST(ProviderTest, OpenVinoIsToldAllThatMatters) {
  engine::Settings settings;
  settings.threads = 2;
  EXPECT_EQ(openvino_options(settings, 4),
            R"({"CPU":{"INFERENCE_PRECISION_HINT":"f32","NUM_STREAMS":"4",)"
            R"("INFERENCE_NUM_THREADS":"8","ENABLE_CPU_PINNING":"NO"}})");
  settings.precision = Precision::Bf16;
  EXPECT_NE(openvino_options(settings, 1).find(R"("INFERENCE_PRECISION_HINT":"bf16")"),
            std::string::npos);
  // What is not quantised of a quantised network stays what it is.
  settings.precision = Precision::Int8;
  EXPECT_NE(openvino_options(settings, 1).find(R"("INFERENCE_PRECISION_HINT":"f32")"),
            std::string::npos);
}

TEST(ProviderTest, ItsPlugInLiesBesideTheLibrary) {
  EXPECT_EQ(openvino_path("/rt/onnx/libonnxruntime.so.1.32.0"),
            "/rt/onnx/openvino/libonnxruntime_providers_openvino_plugin.so");
  EXPECT_TRUE(std::filesystem::path(openvino_path("onnx/libonnxruntime.so.1")).is_absolute());
}

TEST(ProviderTest, AsManyRunsAtOnceAsThereAreProcessorsFor) {
  EXPECT_GE(runs_at_once(1), 1U);
  EXPECT_EQ(runs_at_once(256), 1U);
}

class ProvidedTest : public WithRuntime {
 protected:
  std::string refusal(const TestMessage& graph, const LoadOptions& options) {
    const auto network = load({{"model.onnx", test_model(graph).bytes()}}, options);
    return network.ok() ? "" : network.error().message();
  }
};

TEST_F(ProvidedTest, SaysWhatComputes) {
  const auto network = load({{"model.onnx", test_model(adding_graph()).bytes()}});
  ASSERT_TRUE(network.ok()) << network.error().message();
  const engine::Placement placement = (*network)->placement();
  EXPECT_EQ(placement.provider, Provider::Cpu);
  EXPECT_EQ(placement.precision, Precision::Fp32);
  EXPECT_EQ(placement.runtime, "ONNX Runtime " + runtime_->version());
}

TEST_F(ProvidedTest, Int8IsOfQuantisedNetworks) {
  EXPECT_EQ(refusal(adding_graph(), with(Provider::Cpu, Precision::Int8)),
            "memory/model.onnx: expected a quantised network, as \"precision: int8\" says, got one "
            "that is not; quantise it first with `sooth quantize`");
  EXPECT_EQ(refusal(quantised_graph(), with(Provider::Cpu, Precision::Int8)), "");
}

TEST_F(ProvidedTest, OperatorsOfALibraryAreOfItsAbsolutePath) {
  for (const char* path : {"lib.so", "./lib.so", "/nowhere/lib.so"}) {
    LoadOptions options;
    options.custom_operators = path;
    EXPECT_EQ(refusal(adding_graph(), options),
              std::string("memory/model.onnx: onnx: expected the absolute path of a library of "
                          "operators, got \"") +
                  path + "\"");
  }
  LoadOptions options;
  options.custom_operators = test_library();  // A library, but of no operators.
  EXPECT_NE(refusal(adding_graph(), options), "");
}

// The build for CPUs has no other provider within.
TEST_F(ProvidedTest, SaysWhyThereIsNoGpu) {
  const std::string got = refusal(adding_graph(), with(Provider::Cuda));
  EXPECT_TRUE(
      got.starts_with("memory/model.onnx: cuda: expected NVIDIA's driver, CUDA 13 and "
                      "cuDNN 9, got ONNX Runtime: "))
      << got;
}

TEST_F(ProvidedTest, SaysHowToGetOpenVino) {
  const auto folder = std::filesystem::temp_directory_path() / "sooth_provider_test";
  std::filesystem::create_directories(folder);
  const auto link = folder / "libonnxruntime.so.1";
  std::filesystem::remove(link);
  std::filesystem::create_symlink(test_library(), link);
  const auto alone = Runtime::open(link.string());
  ASSERT_TRUE(alone.ok()) << alone.error().message();
  const auto network = (*alone)->load(TestFiles({{"m", test_model(adding_graph()).bytes()}}), "m",
                                      with(Provider::OpenVino));
  ASSERT_FALSE(network.ok());
  EXPECT_EQ(network.error().message(), "memory/m: openvino: no plug-in at " + folder.string() +
                                           "/openvino/libonnxruntime_providers_openvino_plugin.so"
                                           "; install it with `sooth engines install onnx "
                                           "--openvino`");
  std::filesystem::remove_all(folder);
}

class OpenVinoTest : public ProvidedTest {
 protected:
  void SetUp() override {
    ProvidedTest::SetUp();
    if (IsSkipped()) return;
    if (kSanitized) GTEST_SKIP() << "OpenVINO opens libraries in a way that sanitizers refuse";
    if (!std::filesystem::exists(openvino_path(test_library())) && !has_openvino(test_library())) {
      GTEST_SKIP() << "no OpenVINO beside " << test_library();
    }
    const auto network =
        load({{"model.onnx", test_model(multiplying_graph()).bytes()}}, with(Provider::OpenVino));
    if (!network.ok() && network.error().message().find("Intel processor") != std::string::npos) {
      GTEST_SKIP() << network.error().message();
    }
  }
  std::unique_ptr<engine::Network> loaded(const std::map<std::string, std::string>& files,
                                          const LoadOptions& options) {
    auto network = load(files, options);
    EXPECT_TRUE(network.ok()) << network.error().message();
    return network.ok() ? *std::move(network) : nullptr;
  }
};

TEST_F(OpenVinoTest, AgreesInFp32) {
  const std::map<std::string, std::string> files = {
      {"model.onnx", test_model(multiplying_graph()).bytes()}};
  const auto plain = loaded(files, {});
  const auto other = loaded(files, with(Provider::OpenVino));
  ASSERT_TRUE(plain != nullptr && other != nullptr);
  EXPECT_EQ(other->placement().provider, Provider::OpenVino);
  EXPECT_TRUE(other->placement().runtime.starts_with("OpenVINO")) << other->placement().runtime;
  EXPECT_EQ(engine::tensor_form(other->inputs().at(0)), "FP32[?,64]");
  for (const std::int64_t rows : {1, 3, 64}) {
    EXPECT_LT(furthest(answer_of(*plain, rows), answer_of(*other, rows)), 1e-4);
  }
}

TEST_F(OpenVinoTest, TakesWeightsOfOtherFiles) {
  std::vector<float> weights(std::size_t{64} * 64, 0.25F);
  TestMessage graph = TestMessage()
                          .message(1, test_node("MatMul", {"x", "w"}, {"y"}))
                          .text(2, "external")
                          .message(5, test_external(test_tensor("w", kFloat, {64, 64}), "w.bin"))
                          .message(11, test_end("x", test_tensor_type(kFloat, {-1, 64})))
                          .message(12, test_end("y", test_tensor_type(kFloat, {-1, 64})));
  const std::map<std::string, std::string> files = {{"model.onnx", test_model(graph).bytes()},
                                                    {"w.bin", float_bytes(weights)}};
  const auto plain = loaded(files, {});
  const auto other = loaded(files, with(Provider::OpenVino));
  ASSERT_TRUE(plain != nullptr && other != nullptr);
  EXPECT_LT(furthest(answer_of(*plain, 2), answer_of(*other, 2)), 1e-4);
}

TEST_F(OpenVinoTest, WhatItLeavesAloneIsSaid) {
  EXPECT_EQ(refusal(zipping_graph({"a", "b"}), with(Provider::OpenVino)),
            "memory/model.onnx: openvino: expected an operator that it computes, got none");
}

}  // namespace
}  // namespace engine_onnx
