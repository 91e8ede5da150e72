#include "contract/tensor_json.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "contract/tensor_answers.h"
#include "contract/test_tensors.h"

namespace contract {
namespace {

using data::Datatype;
using testing::load_echo;
using testing::test_spec;

// What {"v": ...} comes to, whole or as rows: each tensor's form and elements, or the error.
class TensorJsonTest : public ::testing::Test {
 protected:
  std::string read(const std::shared_ptr<const scorer::Scorer>& scorer, std::string body,
                   bool rows = false, Offer::Numbers numbers = {}) {
    const Offer offer(*scorer, numbers);
    Ask ask(offer);
    Reader reader(ask);
    body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
    const auto done = [&]() -> base::Result<void> {
      TRY_ASSIGN(simdjson::ondemand::object object, reader.json.open_object(body));
      simdjson::ondemand::value value;
      if (object["v"].get(value)) return base::Error(base::Code::Internal, "no v");
      return rows ? read_json_instances(reader, value, "\"v\"")
                  : read_json_tensors(reader, value, "\"v\"");
    }();
    if (!done.ok()) return done.error().message();
    std::string out;
    for (const engine::TensorView& view : ask.tensors.views()) {
      const engine::Tensor tensor{.type = view.type,
                                  .shape = {view.shape.begin(), view.shape.end()},
                                  .bytes = std::string(view.bytes),
                                  .texts = {view.texts.begin(), view.texts.end()}};
      if (!out.empty()) out += ' ';
      out += engine::tensor_form(tensor.type, tensor.shape);
      append_nested(tensor, {.nan = true}, out);
    }
    return out;
  }
  std::string read_as(Datatype type, const std::string& value, std::vector<std::int64_t> shape = {},
                      Offer::Numbers numbers = {}) {
    const bool any = shape.empty();
    return read(load_echo({test_spec("x", type, std::move(shape), any)}), R"({"v":)" + value + "}",
                false, numbers);
  }
};

TEST_F(TensorJsonTest, TheNestingIsTheShape) {
  const struct {
    const char* value;
    const char* read;
  } cases[] = {
      {"5", "FP32[]5"},
      {"[5]", "FP32[1][5]"},
      {"[[1,2],[3,4],[5,6]]", "FP32[3,2][[1,2],[3,4],[5,6]]"},
      {"[[[1]],[[-2.5e1]]]", "FP32[2,1,1][[[1]],[[-25]]]"},
      {"[]", "FP32[0][]"},
      {"[[],[]]", "FP32[2,0][[],[]]"},
      {"[NaN, Infinity,-Infinity]", "FP32[3][NaN,Infinity,-Infinity]"},
      {"[[1,2],[3]]",
       "input \"x\": expected arrays of one length at each level, got one of 2 and one of 1 at "
       "level 1"},
      {"[1,[2]]",
       "input \"x\": expected arrays nested alike, got an element at level 1 and one at 2"},
      {"[[1],2]",
       "input \"x\": expected arrays nested alike, got an element at level 2 and one at 1"},
      {"[1,[]]",
       "input \"x\": expected arrays nested alike, got an element at level 1 and one at 2"},
      {"[[],[1]]",
       "input \"x\": expected arrays of one length at each level, got one of 0 and one of 1 at "
       "level 1"},
      {"[[[[[[[[[1]]]]]]]]]", "input \"x\": expected at most 8 levels of arrays"},
      {"[1,\"2\"]", "input \"x\": element 1: expected FP32, got \"2\""},
      {"[1,null]", "input \"x\": element 1: expected FP32, got null"},
      {"[1,true]", "input \"x\": element 1: expected FP32, got true"},
      {"[{}]", "input \"x\": element 0: expected FP32, got an object"},
      {"[1e39]", "input \"x\": element 0: expected FP32, got 1e39"},
  };
  for (const auto& c : cases) EXPECT_EQ(read_as(Datatype::Fp32, c.value), c.read) << c.value;
}

TEST_F(TensorJsonTest, ElementsAreOfTheNetworksType) {
  const struct {
    Datatype type;
    const char* value;
    const char* read;
  } cases[] = {
      {Datatype::Bool, "[true,false,1,0]", "BOOL[4][true,false,true,false]"},
      {Datatype::Bool, "[2]", "input \"x\": element 0: expected BOOL, got 2"},
      {Datatype::Uint8, "[0,255]", "UINT8[2][0,255]"},
      {Datatype::Uint8, "[0,256]", "input \"x\": element 1: expected UINT8, got 256"},
      {Datatype::Int8, "[-128,127.0]", "INT8[2][-128,127]"},
      {Datatype::Int32, "[1.5]", "input \"x\": element 0: expected INT32, got 1.5"},
      {Datatype::Int64, "[9007199254740993,3.0,1e3]", "INT64[3][9007199254740993,3,1000]"},
      {Datatype::Int64, "[9223372036854775808]",
       "input \"x\": element 0: expected INT64, got 9223372036854775808"},
      {Datatype::Int64, "[NaN]", "input \"x\": element 0: expected INT64, got NaN"},
      {Datatype::Uint64, "[18446744073709551615,0]", "UINT64[2][18446744073709551615,0]"},
      {Datatype::Uint64, "[-1]", "input \"x\": element 0: expected UINT64, got -1"},
      {Datatype::Fp16, "[0.1,65504]", "FP16[2][0.099975586,65504]"},
      {Datatype::Fp16, "[70000]", "input \"x\": element 0: expected FP16, got 70000"},
      {Datatype::Bf16, "[3.140625]", "BF16[1][3.140625]"},
      {Datatype::Fp64, "[0.1]", "FP64[1][0.1]"},
      {Datatype::Bytes, R"(["a\u00fc",{"b64":"/w=="}])", R"(BYTES[2]["aü",{"b64":"/w=="}])"},
      {Datatype::Bytes, R"({"b64":"eA=="})", R"(BYTES[]"x")"},
      {Datatype::Bytes, "[1]", "input \"x\": element 0: expected BYTES, got 1"},
      {Datatype::Bytes, R"([{"b64":"!"}])", "input \"x\": element 0: expected base64, got \"!\""},
      {Datatype::Bytes, R"([{"b64":"eA==","c":1}])",
       "input \"x\": element 0: expected a text or {\"b64\": \"...\"}, got an object"},
  };
  for (const auto& c : cases) EXPECT_EQ(read_as(c.type, c.value), c.read) << c.value;
}

TEST_F(TensorJsonTest, WhatIsNotFiniteIsRefusedWhereItIsNotAccepted) {
  EXPECT_EQ(read_as(Datatype::Fp32, "[NaN]", {}, {.accept_nan = false}),
            "input \"x\": element 0: expected FP32, got NaN");
}

TEST_F(TensorJsonTest, TheShapeIsChecked) {
  EXPECT_EQ(read_as(Datatype::Fp32, "[[1,2,3]]", {-1, 2}),
            "input \"x\": expected FP32[?,2], got FP32[1,3]");
  EXPECT_EQ(read_as(Datatype::Fp32, "[1,2]", {-1, 2}),
            "input \"x\": expected FP32[?,2], got FP32[2]");
}

TEST_F(TensorJsonTest, SeveralInputsByTheirNames) {
  const auto three = testing::load_three();
  const struct {
    const char* value;
    const char* read;
  } cases[] = {
      {R"({"words":["a","b"],"ids":[[1,2],[3,4]],"scale":[0.5,1]})",
       R"(INT64[2,2][[1,2],[3,4]] FP32[2][0.5,1] BYTES[2]["a","b"])"},
      {R"({"ids":[[1]],"scale":[1]})", "input \"words\": expected BYTES[?], got none"},
      {R"({"ids":[[1]],"scale":[1],"ids":[[1]]})", "input \"ids\": expected it once, got it twice"},
      {R"({"idz":[[1]]})", "\"inputs\": expected \"ids\" or \"scale\" or \"words\", got \"idz\""},
      {"[1]", "\"v\": expected an object of the inputs, got an array"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(read(three, R"({"v":)" + std::string(c.value) + "}"), c.read) << c.value;
  }
}

TEST_F(TensorJsonTest, RowsAreTheFirstExtent) {
  const auto three = testing::load_three();
  const auto pairs = testing::load_pairs();
  const auto words = load_echo({test_spec("x", Datatype::Bytes, {-1})});
  const struct {
    std::shared_ptr<const scorer::Scorer> scorer;
    const char* value;
    const char* read;
  } cases[] = {
      {pairs, "[[1,2],[3,4]]", "FP32[2,2][[1,2],[3,4]]"},
      {pairs, R"([{"x":[1,2]},{"x":[3,4]}])", "FP32[2,2][[1,2],[3,4]]"},
      {pairs, R"([{"x":[1,2]},[3,4]])", "FP32[2,2][[1,2],[3,4]]"},
      {pairs, "[]", "\"v\": expected at least one row, got none"},
      {pairs, "[[1,2],3]",
       "input \"x\": expected arrays nested alike, got an element at level 2 and one at 1"},
      {pairs, "[1,2]", "input \"x\": expected FP32[?,2], got FP32[2]"},
      {pairs, R"([{"y":[1,2]}])", "\"inputs\": expected \"x\", got \"y\""},
      {pairs, "[{}]", "input \"x\": expected FP32[?,2], got none"},
      {three, R"([{"ids":[1],"words":"a","scale":1},{"scale":2,"ids":[2],"words":{"b64":"eA=="}}])",
       R"(INT64[2,1][[1],[2]] FP32[2][1,2] BYTES[2]["a","x"])"},
      {three, R"([{"ids":[1],"words":"a","scale":1},{"ids":[2],"words":"b"}])",
       "input \"scale\": expected FP32[?], got none"},
      {three, "[[1]]", "row 0: expected an object of the inputs, got an array"},
      {words, R"([{"b64":"eA=="},"y",{"x":"z"}])", R"(BYTES[3]["x","y","z"])"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(read(c.scorer, R"({"v":)" + std::string(c.value) + "}", true), c.read) << c.value;
  }
}

// As TensorFlow Serving has it.
TEST_F(TensorJsonTest, TextsThatAreBytesByTheirName) {
  const auto pairs = testing::load_pairs();
  const Offer offer(*pairs, {});
  Offer::Output output;
  output.name = "image_bytes";
  EXPECT_TRUE(tensor_text(offer, output).base64);
  output.name = "bytes";
  EXPECT_FALSE(tensor_text(offer, output).base64);
  std::string out;
  append_flat({.type = Datatype::Bytes, .shape = {1}, .bytes = {}, .texts = {"x"}},
              {.base64 = true}, out);
  EXPECT_EQ(out, R"({"b64":"eA=="})");
}

// Larger than what is made room for at first.
TEST_F(TensorJsonTest, ManyElements) {
  std::string value = "[";
  std::string expected = "INT32[5000][";
  for (int i = 0; i < 5000; ++i) {
    const std::string each = (i > 0 ? "," : "") + std::to_string(i);
    value += each;
    expected += each;
  }
  EXPECT_EQ(read_as(Datatype::Int32, value + "]"), expected + "]");
}

}  // namespace
}  // namespace contract
