#include "engine_onnx/runtime.h"

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "engine_onnx/test_onnx.h"
#include "engine_onnx/test_runtime.h"

namespace engine_onnx {
namespace {

using engine::Tensor;
using engine::TensorView;
using Shape = std::vector<std::int64_t>;

constexpr std::size_t kFirst[] = {0};

TensorView floats(const std::string& bytes, const Shape& shape) {
  return {.type = data::Datatype::Fp32, .shape = shape, .bytes = bytes, .texts = {}};
}

std::vector<float> floats_of(const Tensor& tensor) {
  std::vector<float> values(tensor.bytes.size() / sizeof(float));
  std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
  return values;
}

std::string error_of(const base::Result<void>& result) {
  return result.ok() ? "" : result.error().message();
}

TEST(RuntimeTest, NamesTheCommandWhereThereIsNoLibrary) {
  const auto absent = Runtime::open("/nowhere/libonnxruntime.so.1");
  ASSERT_FALSE(absent.ok());
  EXPECT_EQ(absent.error().code(), base::Code::NotFound);
  EXPECT_EQ(absent.error().message(),
            "onnx: no runtime at /nowhere/libonnxruntime.so.1; install it with `sooth engines "
            "install onnx`");
  EXPECT_EQ(Runtime::open("libonnxruntime.so.1").error().code(), base::Code::NotFound);
}

TEST(RuntimeTest, RefusesWhatIsNoLibraryOfTheRuntime) {
  const std::string path = ::testing::TempDir() + "no_library.so.1";
  std::ofstream(path) << "text";
  const auto opened = Runtime::open(path);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code(), base::Code::Unsupported);
  EXPECT_EQ(opened.error().message(),
            "onnx: expected a library of ONNX Runtime, got " + path +
                ": file too short; install it with `sooth engines install onnx`");
  std::filesystem::remove(path);
}

class NetworkTest : public WithRuntime {
 protected:
  std::unique_ptr<engine::Network> loaded(const TestMessage& model) {
    auto network = load({{"model.onnx", model.bytes()}});
    EXPECT_TRUE(network.ok()) << network.error().message();
    return network.ok() ? *std::move(network) : nullptr;
  }
  std::string refusal(const TestMessage& model) {
    const auto network = load({{"model.onnx", model.bytes()}});
    return network.ok() ? "" : network.error().message();
  }
};

TEST_F(NetworkTest, Computes) {
  const auto network = loaded(test_model(adding_graph()));
  ASSERT_NE(network, nullptr);
  EXPECT_EQ(engine::tensor_form(network->inputs().at(0)), "FP32[?,2]");
  EXPECT_EQ(network->inputs()[0].name, "x");
  EXPECT_EQ(engine::tensor_form(network->outputs().at(0)), "FP32[?,2]");
  const std::string bytes = float_bytes({1, 2, 3, 4});
  const Shape shape{2, 2};
  const TensorView inputs[] = {floats(bytes, shape)};
  std::vector<Tensor> results;
  ASSERT_EQ(error_of(network->run(inputs, kFirst, results)), "");
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].shape, shape);
  EXPECT_EQ(floats_of(results[0]), (std::vector<float>{11, 22, 13, 24}));
  ASSERT_EQ(error_of(network->run(inputs, {}, results)), "");
  EXPECT_TRUE(results.empty());
}

TEST_F(NetworkTest, TakesNoRowsAndBytesAtAnyAddress) {
  const auto network = loaded(test_model(adding_graph()));
  ASSERT_NE(network, nullptr);
  std::vector<Tensor> results;
  const Shape none{0, 2};
  const TensorView empty[] = {floats("", none)};
  ASSERT_EQ(error_of(network->run(empty, kFirst, results)), "");
  EXPECT_EQ(results[0].shape, none);
  const std::string bytes = "?" + float_bytes({1, 2});
  const Shape one{1, 2};
  const TensorView odd[] = {
      {.type = data::Datatype::Fp32, .shape = one, .bytes = std::string_view(bytes).substr(1)}};
  ASSERT_EQ(error_of(network->run(odd, kFirst, results)), "");
  EXPECT_EQ(floats_of(results[0]), (std::vector<float>{11, 22}));
}

TEST_F(NetworkTest, RefusesInputsThatDoNotFit) {
  const auto network = loaded(test_model(adding_graph()));
  ASSERT_NE(network, nullptr);
  const std::string bytes = float_bytes({1, 2, 3});
  const Shape shape{1, 3};
  const TensorView inputs[] = {floats(bytes, shape)};
  std::vector<Tensor> results;
  EXPECT_EQ(error_of(network->run(inputs, kFirst, results)),
            "input \"x\": expected FP32[?,2], got FP32[1,3]");
  EXPECT_EQ(error_of(network->run({}, kFirst, results)), "expected 1 inputs, got 0");
  const std::size_t beyond[] = {1};
  const Shape right{1, 2};
  const TensorView fitting[] = {floats(bytes, right)};
  EXPECT_NE(error_of(network->run(fitting, kFirst, results)), "");
  const std::string eight = float_bytes({1, 2});
  const TensorView whole[] = {floats(eight, right)};
  EXPECT_EQ(error_of(network->run(whole, beyond, results)), "expected one of 1 outputs, got 1");
}

TEST_F(NetworkTest, TakesAndGivesTexts) {
  const auto network = loaded(test_model(echoing_graph()));
  ASSERT_NE(network, nullptr);
  const std::string long_text(1000, 'a');
  const std::vector<std::string_view> texts = {"", long_text, std::string_view("a\0b", 3),
                                               "\xc3\xa9"};
  const Shape shape{4};
  const TensorView inputs[] = {
      {.type = data::Datatype::Bytes, .shape = shape, .bytes = {}, .texts = texts}};
  std::vector<Tensor> results;
  ASSERT_EQ(error_of(network->run(inputs, kFirst, results)), "");
  EXPECT_EQ(results[0].type, data::Datatype::Bytes);
  EXPECT_EQ(std::vector<std::string_view>(results[0].texts.begin(), results[0].texts.end()), texts);
}

TEST_F(NetworkTest, GivesTheMapsOfAZipMapAsOneTensor) {
  // Not in the order of a map's keys.
  const auto network = loaded(test_model(zipping_graph({"b", "c", "a"}), "ai.onnx.ml"));
  ASSERT_NE(network, nullptr);
  EXPECT_EQ(engine::tensor_form(network->outputs()[0]), "FP32[?,3]");
  EXPECT_EQ(network->outputs()[0].labels, (std::vector<std::string>{"b", "c", "a"}));
  const std::string bytes = float_bytes({1, 2, 3, 4, 5, 6});
  const Shape shape{2, 3};
  const TensorView inputs[] = {floats(bytes, shape)};
  std::vector<Tensor> results;
  ASSERT_EQ(error_of(network->run(inputs, kFirst, results)), "");
  EXPECT_EQ(results[0].shape, shape);
  EXPECT_EQ(floats_of(results[0]), (std::vector<float>{1, 2, 3, 4, 5, 6}));
}

TEST_F(NetworkTest, TakesWeightsOfAFileBesideTheModel) {
  const TestMessage w = test_external(test_tensor("w", kFloat, {2}), "w.bin", "4", "8");
  const std::string model = test_model(adding_graph(w)).bytes();
  const auto network = load({{"model.onnx", model}, {"w.bin", float_bytes({0, 10, 20})}});
  ASSERT_TRUE(network.ok()) << network.error().message();
  const std::string bytes = float_bytes({1, 2});
  const Shape shape{1, 2};
  const TensorView inputs[] = {floats(bytes, shape)};
  std::vector<Tensor> results;
  ASSERT_EQ(error_of((*network)->run(inputs, kFirst, results)), "");
  EXPECT_EQ(floats_of(results[0]), (std::vector<float>{11, 22}));

  EXPECT_EQ(load({{"model.onnx", model}}).error().message(),
            "memory/model.onnx: memory/w.bin: no such file");
  EXPECT_EQ(load({{"model.onnx", model}, {"w.bin", "short"}}).error().message(),
            "memory/model.onnx: memory/w.bin: tensor \"w\": expected 8 bytes from 4 on, got a file "
            "of 5");
}

// A model that casts numbers from one type to another.
TestMessage casting_model(std::int64_t from, std::int64_t to) {
  const TestMessage attribute = TestMessage().text(1, "to").integer(3, to).integer(20, 2);
  const TestMessage graph = TestMessage()
                                .message(1, test_node("Cast", {"x"}, {"y"}).message(5, attribute))
                                .text(2, "casting")
                                .message(11, test_end("x", test_tensor_type(from, {-1})))
                                .message(12, test_end("y", test_tensor_type(to, {-1})));
  return TestMessage()
      .integer(1, 9)
      .message(8, TestMessage().text(1, "").integer(2, 19))
      .message(7, graph);
}

TEST_F(NetworkTest, TakesAndGivesFloatsOfEightBitsAsTheirBits) {
  constexpr std::int64_t kFloat8E4M3 = 17;
  const std::string bits = "\x38\x40";  // 1 and 2.
  const std::string numbers = float_bytes({1, 2});
  const Shape shape{2};
  std::vector<Tensor> results;

  const auto reading = loaded(casting_model(kFloat8E4M3, kFloat));
  ASSERT_NE(reading, nullptr);
  EXPECT_EQ(engine::tensor_form(reading->inputs().at(0)), "UINT8[?]");
  const TensorView eight[] = {
      {.type = data::Datatype::Uint8, .shape = shape, .bytes = bits, .texts = {}}};
  ASSERT_EQ(error_of(reading->run(eight, kFirst, results)), "");
  EXPECT_EQ(results[0].bytes, numbers);

  const auto writing = loaded(casting_model(kFloat, kFloat8E4M3));
  ASSERT_NE(writing, nullptr);
  EXPECT_EQ(engine::tensor_form(writing->outputs().at(0)), "UINT8[?]");
  const TensorView wide[] = {floats(numbers, shape)};
  ASSERT_EQ(error_of(writing->run(wide, kFirst, results)), "");
  EXPECT_EQ(results[0].bytes, bits);
}

TEST_F(NetworkTest, KeepsTheFilesOfItsWeights) {
  constexpr std::int64_t kWide = 100;
  std::vector<float> values(kWide, 7);
  const Shape shape{1, kWide};
  const std::string bytes = float_bytes(std::vector<float>(kWide, 1));
  // Where they lie, and as a copy that is aligned.
  for (const char* offset : {"8", "3"}) {
    const TestMessage w = test_external(test_tensor("w", kFloat, {kWide}), "w.bin", offset);
    const TestMessage graph = TestMessage()
                                  .message(1, test_node("Add", {"x", "w"}, {"y"}))
                                  .text(2, "adding")
                                  .message(5, w)
                                  .message(11, test_end("x", test_tensor_type(kFloat, {1, kWide})))
                                  .message(12, test_end("y", test_tensor_type(kFloat, {1, kWide})));
    const auto network = load({{"model.onnx", test_model(graph).bytes()},
                               {"w.bin", std::string(static_cast<std::size_t>(*offset - '0'), '?') +
                                             float_bytes(values)}});
    ASSERT_TRUE(network.ok()) << network.error().message();
    const TensorView inputs[] = {floats(bytes, shape)};
    std::vector<Tensor> results;
    ASSERT_EQ(error_of((*network)->run(inputs, kFirst, results)), "");
    EXPECT_EQ(floats_of(results[0]), std::vector<float>(kWide, 8));
  }
}

// A file that is large enough stays open, and the runtime reads it by its descriptor; where its
// weights do not lie aligned, it gets them in hand.
TEST_F(NetworkTest, ReadsWeightsOfALargeFile) {
  constexpr std::int64_t kWide = 1000;
  const std::string folder = ::testing::TempDir() + "large_weights";
  std::filesystem::create_directories(folder);
  const std::string bytes = float_bytes(std::vector<float>(kWide, 1));
  const Shape shape{1, kWide};
  for (const std::size_t offset : {base::MappedFile::kLarge, base::MappedFile::kLarge + 3}) {
    const TestMessage w =
        test_external(test_tensor("w", kFloat, {kWide}), "w.bin", std::to_string(offset));
    const TestMessage graph = TestMessage()
                                  .message(1, test_node("Add", {"x", "w"}, {"y"}))
                                  .text(2, "adding")
                                  .message(5, w)
                                  .message(11, test_end("x", test_tensor_type(kFloat, {1, kWide})))
                                  .message(12, test_end("y", test_tensor_type(kFloat, {1, kWide})));
    std::ofstream(folder + "/model.onnx", std::ios::binary) << test_model(graph).bytes();
    std::ofstream(folder + "/w.bin", std::ios::binary)
        << std::string(offset, '?') << float_bytes(std::vector<float>(kWide, 7));
    const auto network = runtime_->load(base::FolderFiles(folder), "model.onnx", {});
    ASSERT_TRUE(network.ok()) << network.error().message();
    std::filesystem::remove(folder + "/w.bin");
    const TensorView inputs[] = {floats(bytes, shape)};
    std::vector<Tensor> results;
    ASSERT_EQ(error_of((*network)->run(inputs, kFirst, results)), "");
    EXPECT_EQ(floats_of(results[0]), std::vector<float>(kWide, 8));
  }
  std::filesystem::remove_all(folder);
}

TEST_F(NetworkTest, GivesTheRuntimesReasonInOneLine) {
  const std::string unknown =
      refusal(test_model(TestMessage()
                             .message(1, test_node("NoSuch", {"x"}, {"y"}))
                             .text(2, "unknown")
                             .message(11, test_end("x", test_tensor_type(kFloat, {2})))
                             .message(12, test_end("y", test_tensor_type(kFloat, {2})))));
  EXPECT_TRUE(unknown.starts_with("memory/model.onnx: ONNX Runtime: ")) << unknown;
  EXPECT_NE(unknown.find("NoSuch"), std::string::npos) << unknown;
  EXPECT_EQ(unknown.find('\n'), std::string::npos);
}

TEST_F(NetworkTest, RefusesOutputsThatAreNoTensors) {
  const TestMessage sequence =
      TestMessage().message(4, TestMessage().message(1, test_tensor_type(kFloat, {})));
  const TestMessage graph = TestMessage()
                                .message(1, test_node("SequenceConstruct", {"x"}, {"s"}))
                                .text(2, "sequence")
                                .message(11, test_end("x", test_tensor_type(kFloat, {2})))
                                .message(12, test_end("s", sequence));
  EXPECT_EQ(refusal(test_model(graph)),
            "memory/model.onnx: output \"s\": expected a tensor, got seq(FLOAT)");
}

TEST_F(NetworkTest, OutlivesItsRuntime) {
  const auto network = loaded(test_model(adding_graph()));
  ASSERT_NE(network, nullptr);
  runtime_.reset();
  const std::string bytes = float_bytes({1, 2});
  const Shape shape{1, 2};
  const TensorView inputs[] = {floats(bytes, shape)};
  std::vector<Tensor> results;
  EXPECT_EQ(error_of(network->run(inputs, kFirst, results)), "");
}

TEST_F(NetworkTest, ThreadsRunItAtOnce) {
  const auto network = loaded(test_model(adding_graph()));
  ASSERT_NE(network, nullptr);
  std::vector<int> wrong(4);
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&network, &wrong, t] {
      std::vector<Tensor> results;
      for (int i = 0; i < 200; ++i) {
        const auto value = static_cast<float>(t * 1000 + i);
        const Shape shape{1 + i % 3, 2};
        const std::string bytes =
            float_bytes(std::vector<float>(static_cast<std::size_t>(shape[0]) * 2, value));
        const TensorView inputs[] = {floats(bytes, shape)};
        const bool ran = network->run(inputs, kFirst, results).ok();
        if (!ran || floats_of(results[0]).at(1) != value + 20) ++wrong[static_cast<std::size_t>(t)];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4));
}

TEST_F(NetworkTest, ComputesWithSeveralThreads) {
  LoadOptions options;
  options.settings.threads = 2;
  const auto network = load({{"model.onnx", test_model(adding_graph()).bytes()}}, options);
  ASSERT_TRUE(network.ok()) << network.error().message();
  const std::string bytes = float_bytes(std::vector<float>(200'000, 1));
  const Shape shape{100'000, 2};
  const TensorView inputs[] = {floats(bytes, shape)};
  std::vector<Tensor> results;
  ASSERT_EQ(error_of((*network)->run(inputs, kFirst, results)), "");
  EXPECT_EQ(floats_of(results[0]).at(199'999), 21);
}

}  // namespace
}  // namespace engine_onnx
