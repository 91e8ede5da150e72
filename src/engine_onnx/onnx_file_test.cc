#include "engine_onnx/onnx_file.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "engine_onnx/test_onnx.h"

namespace engine_onnx {
namespace {

base::Result<OnnxFile> read_model(const TestMessage& model, const OnnxLimits& limits = {}) {
  return OnnxFile::read(base::as_bytes(model.bytes()), limits);
}

std::string refusal_of(const TestMessage& model, const OnnxLimits& limits = {}) {
  const auto read = read_model(model, limits);
  return read.ok() ? "" : read.error().message();
}

std::string refusal_of_graph(const TestMessage& graph) { return refusal_of(test_model(graph)); }

TestMessage weights(std::initializer_list<std::int64_t> dims) {
  return test_tensor("w", kFloat, dims);
}

TEST(OnnxFileTest, ReadsWhatAModelSays) {
  const auto file = read_model(test_model(adding_graph(), "ai.onnx.ml"));
  ASSERT_TRUE(file.ok()) << file.error().message();
  EXPECT_EQ(file->ir_version(), 8);
  EXPECT_EQ(file->producer(), "by hand 1.0");
  const std::vector<Opset> opsets = {{.domain = "", .version = 17},
                                     {.domain = "ai.onnx.ml", .version = 1}};
  EXPECT_EQ(file->opsets(), opsets);
  const auto inputs = file->inputs();
  ASSERT_TRUE(inputs.ok());
  ASSERT_EQ(inputs->size(), 1U);
  EXPECT_EQ((*inputs)[0].name, "x");
  EXPECT_EQ(engine::tensor_form((*inputs)[0]), "FP32[?,2]");
  const auto outputs = file->outputs();
  ASSERT_TRUE(outputs.ok());
  EXPECT_EQ(engine::tensor_form(outputs->at(0)), "FP32[?,2]");
  EXPECT_EQ(file->weight_bytes(), 8U);
  EXPECT_EQ(file->parameters(), 2U);
  EXPECT_EQ(file->nodes(), 1U);
}

TEST(OnnxFileTest, AnInputWithAnInitialiserIsNone) {
  const TestMessage graph =
      adding_graph().message(11, test_end("w", test_tensor_type(kFloat, {2})));
  const auto file = read_model(test_model(graph));
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(file->inputs()->size(), 1U);
}

TEST(OnnxFileTest, NamesAnEndThatIsNoTensor) {
  const TestMessage sequence =
      TestMessage().message(4, TestMessage().message(1, test_tensor_type(kFloat, {})));
  const auto file =
      read_model(test_model(adding_graph()
                                .message(11, test_end("s", sequence))
                                .message(12, test_end("w", test_tensor_type(14, {1})))));
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(file->inputs().error().message(), "input \"s\": expected a tensor, got seq(FLOAT)");
  EXPECT_EQ(file->outputs().error().message(),
            "output \"w\": expected a tensor of a datatype of the Open Inference Protocol, got "
            "COMPLEX64");
}

TEST(OnnxFileTest, FindsTheLabelsOfAZipMap) {
  const auto file = read_model(test_model(zipping_graph({"no", "yes"}), "ai.onnx.ml"));
  ASSERT_TRUE(file.ok()) << file.error().message();
  const auto outputs = file->outputs();
  ASSERT_TRUE(outputs.ok()) << outputs.error().message();
  EXPECT_EQ(engine::tensor_form(outputs->at(0)), "FP32[?,2]");
  EXPECT_EQ(outputs->at(0).labels, (std::vector<std::string>{"no", "yes"}));
}

TEST(OnnxFileTest, SaysWhatAFileIsThatIsNoOnnx) {
  using std::string_view_literals::operator""sv;
  struct Case {
    std::string_view bytes;
    std::string_view got;
  };
  const Case cases[] = {
      {"", "an empty file"},
      {"PK\x03\x04rest", "a zip archive (Keras, PyTorch and NumPy write such files)"},
      {"\x89HDF\r\n\x1a\nrest", "a Keras file (HDF5)"},
      {"\x1c\0\0\0TFL3"sv, "a TensorFlow Lite file"},
      {"\x1c\0\0\0ORTM"sv, "a model in ONNX Runtime's own format"},
      {"\x80\x04\x95", "a pickle"},
      {"version https://git-lfs.github.com/spec/v1\n",
       "the pointer of a file that Git LFS keeps elsewhere"},
      {"<!DOCTYPE html>", "XML or HTML"},
      {"{\"a\": 1}", "JSON"},
      {"something", "something else or a part of one"},
      {"\x08\x01\x12\x02\x0a\x00"sv, "a TensorFlow SavedModel"},
      {"\x08\x08\x42\x02\x10\x11"sv, "one without a graph"},
  };
  for (const Case& c : cases) {
    const auto read = OnnxFile::read(base::as_bytes(c.bytes), {});
    ASSERT_FALSE(read.ok()) << c.got;
    EXPECT_EQ(read.error().message(), "expected an ONNX model, got " + std::string(c.got));
  }
}

TEST(OnnxFileTest, NeverTakesAPartForTheWhole) {
  const std::string whole = test_model(adding_graph(), "ai.onnx.ml").bytes();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto read = OnnxFile::read(base::as_bytes(std::string_view(whole).substr(0, size)), {});
    EXPECT_FALSE(read.ok()) << size;
  }
}

TEST(OnnxFileTest, RefusesWeightsOutsideTheFolder) {
  using std::string_view_literals::operator""sv;
  const std::string_view outside[] = {
      "/etc/passwd", "../w.bin", "a/../../w.bin", "a/./w.bin", "./w.bin",   "a//w.bin",
      "a/",          "..",       "a\\b",          "c:w.bin",   "w\0.bin"sv, "*/_ORT_MEM_ADDR_/*"};
  for (const std::string_view location : outside) {
    const std::string refusal =
        refusal_of_graph(adding_graph(test_external(weights({2}), location)));
    EXPECT_TRUE(
        refusal.starts_with("tensor \"w\": external data: expected a file beneath the "
                            "model's folder, got "))
        << location << ": " << refusal;
  }
  EXPECT_EQ(refusal_of_graph(adding_graph(test_external(weights({2}), std::string(1024, 'a')))),
            "");
  EXPECT_NE(refusal_of_graph(adding_graph(test_external(weights({2}), std::string(1025, 'a')))),
            "");
}

TEST(OnnxFileTest, RefusesWeightsElsewhereThatTheRuntimeWouldLookForItself) {
  const TestMessage external = test_external(weights({2}), "w.bin");
  const TestMessage constant = test_node("Constant", {}, {"c"})
                                   .message(5, TestMessage().text(1, "value").message(5, external));
  EXPECT_EQ(refusal_of_graph(adding_graph().message(1, constant)),
            "node \"the_node\" (Constant): expected tensors of attributes in the model's own file");
  const TestMessage branch =
      test_node("If", {}, {"z"})
          .message(5, TestMessage().text(1, "then_branch").message(6, adding_graph(external)));
  EXPECT_EQ(refusal_of_graph(adding_graph().message(1, branch)),
            "node \"the_node\" (If): expected weights of a subgraph in the model's own file");
}

TEST(OnnxFileTest, RefusesSizesThatDoNotAgree) {
  struct Case {
    TestMessage tensor;
    std::string refusal;
  };
  constexpr std::int64_t kHuge = std::int64_t{1} << 62;
  const std::string two = float_bytes({1, 2});
  const Case cases[] = {
      {weights({3}).text(9, two), "expected 12 bytes of FLOAT[3], got 8"},
      {weights({2}), "expected 2 elements of FLOAT[2], got 0"},
      {weights({3}).text(4, two), "expected 3 elements of FLOAT[3], got 2"},
      {weights({-1}).text(9, two), "expected dimensions that fit in memory, got FLOAT[-1]"},
      {weights({kHuge, 4}).text(9, two),
       "expected dimensions that fit in memory, got FLOAT[4611686018427387904,4]"},
      {test_tensor("w", 99, {2}).text(9, two),
       "expected a type of elements of ONNX, got number 99"},
      {test_external(weights({2}), "w.bin", "0", "12"),
       "external data: expected 8 bytes of FLOAT[2], got 12"},
      {test_external(weights({2}), "w.bin", "-4"),
       "external data: offset: expected a number of bytes, got \"-4\""},
      {test_external(weights({2}), ""), "external data: expected a location"},
      {test_external(test_external(weights({2}), "w.bin"), "v.bin"),
       "external data: expected each key once, got \"location\""},
      {test_external(test_tensor("w", kString, {2}), "w.bin"),
       "external data: expected numbers, got STRING"},
      {weights({2}).text(9, two).text(3, "segment"), ""},
  };
  for (const Case& c : cases) {
    const std::string refusal = refusal_of_graph(adding_graph(c.tensor));
    EXPECT_EQ(refusal, c.refusal.empty() ? "malformed tensor" : "tensor \"w\": " + c.refusal);
  }
}

TEST(OnnxFileTest, TakesElementsInEveryField) {
  const TestMessage tensors[] = {
      weights({2}).text(4, float_bytes({1, 2})),
      weights({0}),
      weights({}).text(9, float_bytes({1})),
      test_tensor("w", 22, {3}).text(9, "ab"),  // INT4: two in a byte.
      test_tensor("w", 22, {3}).integer(5, 1).integer(5, 2),
      test_tensor("w", kInt64, {2}).text(7, "\x01\x80\x01"),  // Packed varints.
      test_tensor("w", kString, {2}).text(6, "a").text(6, ""),
  };
  for (const TestMessage& tensor : tensors) {
    EXPECT_EQ(refusal_of_graph(adding_graph(tensor)), "");
  }
}

TEST(OnnxFileTest, OperatorsOfOtherLibrariesPassWhereSomebodyHasThem) {
  const auto read = [](const TestMessage& node) {
    const std::string model = test_model(adding_graph().message(1, node)).bytes();
    return OnnxFile::read(base::as_bytes(model), {.any_library = true});
  };
  const TestMessage fancy = test_node("Fancy", {}, {}, "com.acme");
  EXPECT_TRUE(read(fancy).ok());
  // It is a network, whoever may run it.
  EXPECT_TRUE(is_network(base::as_bytes(test_model(adding_graph().message(1, fancy)).bytes())));
  EXPECT_FALSE(is_network(base::as_bytes("no network")));
  EXPECT_FALSE(read(test_node("EPContext", {}, {}, "com.microsoft")).ok());
}

TEST(OnnxFileTest, KnowsWhatWasQuantised) {
  const auto quantised = [](std::string_view type) {
    const std::string model =
        test_model(adding_graph().message(1, test_node(type, {"x"}, {"z"}))).bytes();
    const auto read = OnnxFile::read(base::as_bytes(model), {});
    return read.ok() && read->is_quantised();
  };
  EXPECT_TRUE(quantised("DequantizeLinear"));
  EXPECT_TRUE(quantised("MatMulInteger"));
  EXPECT_FALSE(quantised("Relu"));
}

TEST(OnnxFileTest, RefusesOperatorsOfOtherLibraries) {
  EXPECT_EQ(refusal_of_graph(adding_graph().message(1, test_node("Fancy", {}, {}, "com.acme"))),
            "node \"the_node\" (Fancy): expected an operator of ONNX or of ONNX Runtime, got one "
            "of the library \"com.acme\"");
  EXPECT_EQ(
      refusal_of_graph(adding_graph().message(1, test_node("EPContext", {}, {}, "com.microsoft"))),
      "node \"the_node\" (EPContext): expected a model for any machine, got one compiled for its "
      "own");
  EXPECT_EQ(refusal_of_graph(adding_graph().message(1, test_node("Gelu", {}, {}, "com.microsoft"))),
            "");
}

// A function of the domain "f" that calls others of it.
TestMessage function(std::string_view name, std::initializer_list<std::string_view> calls) {
  TestMessage message;
  message.text(1, name).text(10, "f");
  for (const std::string_view call : calls) message.message(7, test_node(call, {}, {}, "f"));
  return message.message(7, test_node("Relu", {}, {}));
}

TEST(OnnxFileTest, CountsAFunctionAsOftenAsItIsCalled) {
  const TestMessage graph = adding_graph()
                                .message(1, test_node("one", {}, {}, "f"))
                                .message(1, test_node("one", {}, {}, "f"));
  TestMessage model = test_model(graph);
  model.message(25, function("one", {"two", "two"})).message(25, function("two", {}));
  const auto file = read_model(model);
  ASSERT_TRUE(file.ok()) << file.error().message();
  // Three of the graph, and twice: three of "one" and twice one of "two".
  EXPECT_EQ(file->nodes(), 3U + 2 * (3 + 2));
  OnnxLimits limits;
  limits.nodes = 13;
  EXPECT_EQ(refusal_of(model, limits), "");
  limits.nodes = 12;
  EXPECT_EQ(refusal_of(model, limits), "expected at most 12 nodes, got more");
}

TEST(OnnxFileTest, RefusesWhatNamesAValueThatNothingGives) {
  EXPECT_EQ(refusal_of_graph(adding_graph().message(1, test_node("Relu", {"nobody"}, {"z"}))),
            "node \"the_node\" (Relu): expected a value that something gives, got \"nobody\"");
  EXPECT_EQ(refusal_of_graph(
                adding_graph().message(12, test_end("nobody", test_tensor_type(kFloat, {1})))),
            "expected a value that something gives, got \"nobody\"");
  EXPECT_EQ(refusal_of_graph(adding_graph().message(1, test_node("Relu", {"x"}, {"y"}))),
            "expected each value from one place, got \"y\" from two");
  // Left out, given later, and given by a graph around.
  const TestMessage branch = TestMessage()
                                 .message(1, test_node("Relu", {"x"}, {"b"}))
                                 .message(12, test_end("b", test_tensor_type(kFloat, {-1, 2})));
  EXPECT_EQ(
      refusal_of_graph(
          adding_graph()
              .message(1, test_node("Clip", {"later", "", "w"}, {"clipped", ""}))
              .message(1, test_node("Relu", {"x"}, {"later"}))
              .message(1,
                       test_node("If", {"x"}, {"z"})
                           .message(5, TestMessage().text(1, "then_branch").message(6, branch)))),
      "");
  TestMessage model = test_model(adding_graph().message(1, test_node("one", {}, {}, "f")));
  model.message(25, TestMessage().text(1, "one").text(10, "f").text(4, "a").message(
                        7, test_node("Relu", {"x"}, {"b"})));
  EXPECT_EQ(refusal_of(model),
            "node \"the_node\" (Relu): expected a value that something gives, got \"x\"");
}

TEST(OnnxFileTest, RefusesFunctionsThatCallEachOtherInACircle) {
  TestMessage model = test_model(adding_graph().message(1, test_node("one", {}, {}, "f")));
  model.message(25, function("one", {"two"})).message(25, function("two", {"one"}));
  EXPECT_EQ(refusal_of(model), "expected functions that call others at most 24 deep, got more");
}

TEST(OnnxFileTest, RefusesFunctionsThatMultiply) {
  TestMessage model = test_model(adding_graph().message(1, test_node("f0", {}, {}, "f")));
  for (int i = 0; i < 22; ++i) {
    const std::string next = "f" + std::to_string(i + 1);
    model.message(25, function("f" + std::to_string(i), {next, next, next}));
  }
  model.message(25, function("f22", {}));
  EXPECT_EQ(refusal_of(model), "expected at most 5000000 nodes, got more");
}

TestMessage nested_graph(unsigned depth) {
  if (depth == 0) return adding_graph();
  return TestMessage().message(
      1, test_node("If", {}, {"z"})
             .message(5, TestMessage().text(1, "then_branch").message(6, nested_graph(depth - 1))));
}

TEST(OnnxFileTest, BoundsGraphsWithinEachOther) {
  EXPECT_EQ(refusal_of_graph(nested_graph(24)), "");
  EXPECT_TRUE(refusal_of_graph(nested_graph(25))
                  .ends_with("expected at most 24 graphs within each other, got more"));
}

TEST(OnnxFileTest, BoundsWeightsAndDimensions) {
  OnnxLimits limits;
  limits.weight_bytes = 8;
  EXPECT_EQ(refusal_of(test_model(adding_graph()), limits), "");
  limits.weight_bytes = 7;
  EXPECT_EQ(refusal_of(test_model(adding_graph()), limits),
            "expected at most 7 bytes of weights, got more");
  limits = {};
  limits.dimensions = 1;
  EXPECT_EQ(refusal_of(test_model(adding_graph()), limits),
            "expected at most 1 dimensions, got more");
  limits = {};
  limits.file_bytes = test_model(adding_graph()).bytes().size();
  EXPECT_EQ(refusal_of(test_model(adding_graph()), limits), "");
  --limits.file_bytes;
  EXPECT_NE(refusal_of(test_model(adding_graph()), limits), "");
}

TEST(OnnxFileTest, RefusesWhatTheRuntimeWouldJoin) {
  EXPECT_EQ(refusal_of(test_model(adding_graph()).message(7, adding_graph())),
            "malformed model: two graphs");
  const TestMessage twice = TestMessage()
                                .text(1, "value")
                                .message(5, weights({0}))
                                .message(5, test_external(weights({2}), "w.bin"));
  EXPECT_EQ(refusal_of_graph(
                adding_graph().message(1, test_node("Constant", {}, {"c"}).message(5, twice))),
            "node \"the_node\" (Constant): malformed attribute");
}

class ExternalTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "onnx_XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
    std::filesystem::create_directory(root_ + "/deep");
    std::ofstream(root_ + "/deep/w.bin") << "0123456789";
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  std::string opening(const TestMessage& tensor, std::size_t* count = nullptr) {
    const auto file = read_model(test_model(adding_graph(tensor)));
    if (!file.ok()) return file.error().message();
    const auto opened = open_external(*file, base::FolderFiles(root_), "deep/model.onnx", {});
    if (!opened.ok()) return opened.error().message();
    if (count != nullptr) *count = opened->size();
    return "";
  }
  std::string root_;
};

TEST_F(ExternalTest, OpensWeightsBesideTheModel) {
  std::size_t count = 0;
  EXPECT_EQ(opening(test_external(weights({2}), "w.bin", "2", "8"), &count), "");
  EXPECT_EQ(count, 1U);
}

TEST_F(ExternalTest, RefusesWeightsBeyondTheEndOfTheirFile) {
  EXPECT_EQ(opening(test_external(weights({2}), "w.bin", "3", "8")),
            root_ + "/deep/w.bin: tensor \"w\": expected 8 bytes from 3 on, got a file of 10");
  EXPECT_EQ(opening(test_external(weights({2}), "w.bin", "11", "8")),
            root_ + "/deep/w.bin: tensor \"w\": expected 8 bytes from 11 on, got a file of 10");
}

TEST_F(ExternalTest, FollowsNoLinkOutOfTheFolder) {
  std::filesystem::create_symlink("/etc/passwd", root_ + "/deep/link");
  EXPECT_NE(opening(test_external(weights({1}), "link")), "");
  EXPECT_NE(opening(test_external(weights({1}), "absent")), "");
}

}  // namespace
}  // namespace engine_onnx
