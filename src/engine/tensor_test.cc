#include "engine/tensor.h"

#include <cstdint>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace engine {
namespace {

using data::Datatype;
using Shape = std::vector<std::int64_t>;

TensorSpec picture() {
  return {.name = "data", .type = Datatype::Fp32, .shape = {kAnyExtent, 3, 2, 2}, .labels = {}};
}

std::string refusal(const TensorSpec& spec, const TensorView& tensor) {
  const auto checked = check_input(spec, tensor);
  return checked.ok() ? "" : checked.error().message();
}

TEST(TensorTest, WritesItsForm) {
  EXPECT_EQ(tensor_form(Datatype::Fp32, Shape{kAnyExtent, 3, 224, 224}), "FP32[?,3,224,224]");
  EXPECT_EQ(tensor_form(Datatype::Bytes, Shape{1}), "BYTES[1]");
  EXPECT_EQ(tensor_form(Datatype::Int64, Shape{}), "INT64[]");
  EXPECT_EQ(tensor_form(picture()), "FP32[?,3,2,2]");
}

TEST(TensorTest, CountsElements) {
  EXPECT_EQ(*count_elements(Datatype::Fp32, Shape{}), 1U);
  EXPECT_EQ(*count_elements(Datatype::Fp32, Shape{2, 3, 4}), 24U);
  EXPECT_EQ(*count_elements(Datatype::Fp32, Shape{2, 0, 4}), 0U);
}

TEST(TensorTest, RefusesShapesThatDoNotFitInMemory) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  for (const Shape& shape : {Shape{kMost, kMost}, Shape{kMost}, Shape{0, kMost}, Shape{kMost, 0},
                             Shape{-1}, Shape{std::int64_t{1} << 32, std::int64_t{1} << 32, 0}}) {
    EXPECT_FALSE(count_elements(Datatype::Fp32, shape).ok()) << tensor_form(Datatype::Fp32, shape);
  }
  EXPECT_EQ(count_elements(Datatype::Fp64, Shape{kMost}).error().message(),
            "expected a shape that fits in memory, got FP64[9223372036854775807]");
  // The largest that is let through, and one more.
  constexpr std::int64_t kEdge = std::int64_t{1} << 59;
  EXPECT_TRUE(count_elements(Datatype::Fp32, Shape{kEdge, 1}).ok());
  EXPECT_FALSE(count_elements(Datatype::Fp32, Shape{kEdge, 2}).ok());
}

TEST(TensorTest, TakesWhatFits) {
  const std::string bytes(48, '\0');
  const Shape shape{1, 3, 2, 2};
  EXPECT_EQ(refusal(picture(), {.type = Datatype::Fp32, .shape = shape, .bytes = bytes}), "");
  const Shape none{0, 3, 2, 2};
  EXPECT_EQ(refusal(picture(), {.type = Datatype::Fp32, .shape = none}), "");
}

TEST(TensorTest, NamesWhatWasExpectedAndWhatCame) {
  const std::string bytes(48, '\0');
  const Shape right{1, 3, 2, 2};
  const Shape small{1, 3, 1, 1};
  const Shape flat{12};
  const Shape negative{-1, 3, 2, 2};
  struct Case {
    TensorView tensor;
    std::string got;
  };
  const Case cases[] = {
      {{.type = Datatype::Fp32, .shape = small, .bytes = bytes}, "FP32[1,3,1,1]"},
      {{.type = Datatype::Fp32, .shape = flat, .bytes = bytes}, "FP32[12]"},
      {{.type = Datatype::Fp64, .shape = right, .bytes = bytes}, "FP64[1,3,2,2]"},
      {{.type = Datatype::Fp32, .shape = negative, .bytes = bytes}, "FP32[?,3,2,2]"},
      {{.type = Datatype::Fp32, .shape = right, .bytes = std::string_view(bytes).substr(1)},
       "FP32[1,3,2,2] with 47 bytes"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(refusal(picture(), c.tensor), "input \"data\": expected FP32[?,3,2,2], got " + c.got);
  }
}

TEST(TensorTest, CountsTexts) {
  const TensorSpec spec{
      .name = "words", .type = Datatype::Bytes, .shape = {kAnyExtent}, .labels = {}};
  const std::vector<std::string_view> texts = {"a", "b"};
  const Shape two{2};
  const Shape three{3};
  EXPECT_EQ(refusal(spec, {.type = Datatype::Bytes, .shape = two, .texts = texts}), "");
  EXPECT_EQ(refusal(spec, {.type = Datatype::Bytes, .shape = three, .texts = texts}),
            "input \"words\": expected BYTES[?], got BYTES[3] with 2 texts");
}

TEST(TensorTest, TakesAnyRankWhereTheModelLeavesItOpen) {
  TensorSpec spec{.name = "x", .type = Datatype::Uint8, .shape = {}, .labels = {}};
  spec.any_rank = true;
  const Shape shape{2, 1};
  EXPECT_EQ(refusal(spec, {.type = Datatype::Uint8, .shape = shape, .bytes = "ab"}), "");
  EXPECT_EQ(refusal(spec, {.type = Datatype::Uint8, .shape = shape, .bytes = "a"}),
            "input \"x\": expected UINT8[...], got UINT8[2,1] with 1 bytes");
}

TEST(TensorTest, TakesBooleansOfZeroAndOneAlone) {
  const TensorSpec spec{.name = "mask", .type = Datatype::Bool, .shape = {2}, .labels = {}};
  const Shape two{2};
  EXPECT_EQ(
      refusal(spec, {.type = Datatype::Bool, .shape = two, .bytes = std::string_view("\0\1", 2)}),
      "");
  EXPECT_EQ(
      refusal(spec, {.type = Datatype::Bool, .shape = two, .bytes = std::string_view("\0\2", 2)}),
      "input \"mask\": expected BOOL[2], got a BOOL that is neither 0 nor 1");
}

}  // namespace
}  // namespace engine
