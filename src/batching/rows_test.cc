#include "batching/rows.h"

#include <array>

#include <gtest/gtest.h>

#include "batching/test_rows.h"

namespace batching {
namespace {

TEST(RowsTest, JoinWhereEveryEndLeavesItsFirstAxisOpen) {
  SumNetwork network;
  EXPECT_TRUE(joins_rows(network));
  engine::TensorSpec& input = network.inputs().front();
  input.shape = {4, 2};
  EXPECT_FALSE(joins_rows(network));
  input.shape = {};
  EXPECT_FALSE(joins_rows(network));
  input.any_rank = true;
  EXPECT_FALSE(joins_rows(network));
  input = {
      .name = "texts", .type = data::Datatype::Bytes, .shape = {engine::kAnyExtent}, .labels = {}};
  EXPECT_FALSE(joins_rows(network));
  network.inputs().clear();
  EXPECT_FALSE(joins_rows(network));
}

TEST(RowsTest, AreCountedWhereAllInputsHaveAsMany) {
  const Pairs two({1, 2, 3, 4});
  const Pairs one({1, 2});
  const Pairs none({});
  const auto count = [](std::vector<engine::TensorView> inputs) {
    return count_rows({.inputs = inputs, .wanted = {}, .results = nullptr});
  };
  EXPECT_EQ(count({two.view()}), 2U);
  EXPECT_EQ(count({two.view(), two.view()}), 2U);
  EXPECT_EQ(count({two.view(), one.view()}), std::nullopt);
  EXPECT_EQ(count({none.view()}), std::nullopt);
}

TEST(RowsTest, FitTogetherWhereTheyDifferInTheirRowsAlone) {
  const std::vector<std::int64_t> three_wide{1, 3};
  const std::string bytes(12, '\0');
  const engine::TensorView wide{
      .type = data::Datatype::Fp32, .shape = three_wide, .bytes = bytes, .texts = {}};
  const Pairs two({1, 2, 3, 4});
  const Pairs one({1, 2});
  const std::array views{two.view(), one.view(), wide};
  const std::array<std::size_t, 2> wanted{0, 1};
  const auto call = [&](std::size_t view, std::size_t outputs) {
    return Call{.inputs = std::span(views).subspan(view, 1),
                .wanted = std::span(wanted).first(outputs),
                .results = nullptr};
  };
  EXPECT_TRUE(fit_together(call(0, 1), call(1, 1)));
  EXPECT_FALSE(fit_together(call(0, 1), call(1, 2)));
  EXPECT_FALSE(fit_together(call(0, 1), call(2, 1)));
}

TEST(RowsTest, AreSplitAsTheyWereJoined) {
  Pairs two({1, 2, 3, 4});
  Pairs one({5, 6});
  const std::array views{two.view(), one.view()};
  const std::array<std::size_t, 2> wanted{0, 1};
  const Call first{.inputs = std::span(views).first(1), .wanted = wanted, .results = &two.results};
  const Call second{.inputs = std::span(views).last(1), .wanted = wanted, .results = &one.results};
  const std::array calls{&first, &second};
  Joined joined;
  joined.join(calls);
  ASSERT_EQ(joined.inputs().size(), 1U);
  EXPECT_EQ(engine::tensor_form(joined.inputs()[0].type, joined.inputs()[0].shape), "FP32[3,2]");
  std::vector<engine::Tensor> outputs;
  ASSERT_TRUE(SumNetwork().run(joined.inputs(), wanted, outputs).ok());
  ASSERT_TRUE(split(outputs, calls).ok());
  EXPECT_EQ(two.sums(), (std::vector<float>{3, 7}));
  EXPECT_EQ(one.sums(), (std::vector<float>{11}));
  EXPECT_EQ(engine::tensor_form(one.results[1].type, one.results[1].shape), "INT64[1,1]");
  // The memory of the first is used again, whatever lay in it.
  joined.join(std::span(calls).last(1));
  EXPECT_EQ(engine::tensor_form(joined.inputs()[0].type, joined.inputs()[0].shape), "FP32[1,2]");

  outputs[1].shape = {2, 1};
  const auto refused = split(outputs, calls);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message(), "expected an output of 3 rows, got INT64[2,1]");
}

TEST(RowsTest, TextsAreSplitToo) {
  const std::vector<engine::Tensor> outputs{{.type = data::Datatype::Bytes,
                                             .shape = {3, 2},
                                             .bytes = {},
                                             .texts = {"a", "b", "c", "d", "e", "f"}}};
  Pairs one({1, 2});
  Pairs two({1, 2, 3, 4});
  const std::array views{one.view(), two.view()};
  const Call first{.inputs = std::span(views).first(1), .wanted = {}, .results = &one.results};
  const Call second{.inputs = std::span(views).last(1), .wanted = {}, .results = &two.results};
  ASSERT_TRUE(split(outputs, std::array{&first, &second}).ok());
  EXPECT_EQ(one.results[0].texts, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(two.results[0].texts, (std::vector<std::string>{"c", "d", "e", "f"}));
}

}  // namespace
}  // namespace batching
