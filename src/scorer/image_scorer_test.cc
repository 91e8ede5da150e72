#include "scorer/image_scorer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "scorer/labels.h"
#include "scorer/test_network.h"

namespace scorer {
namespace {

using data::Datatype;
using engine::kAnyExtent;
using testing::TestNetwork;
using testing::TestNetworkOptions;

model::Image small_image() {
  model::Image image;
  image.labels = "l";
  image.preparation.size = {4, 4};
  image.preparation.geometry = vision::Geometry::Squash;
  image.preparation.divisor = 255;
  return image;
}

base::Result<ImageScorer> make(const TestNetworkOptions& options,
                               const model::Image& image = small_image(),
                               std::string_view labels = "red\ngreen\nblue\n") {
  return ImageScorer::make(std::make_unique<TestNetwork>(options), image,
                           *parse_labels("l", labels));
}

ImageScorer must_make(const TestNetworkOptions& options, const model::Image& image = small_image(),
                      std::string_view labels = "red\ngreen\nblue\n") {
  auto scorer = make(options, image, labels);
  EXPECT_TRUE(scorer.ok()) << scorer.error().message();
  return *std::move(scorer);
}

std::string refusal_of(const base::Result<ImageScorer>& made) {
  if (made.ok()) return "";
  EXPECT_EQ(made.error().code(), base::Code::Invalid);
  return made.error().message();
}

std::vector<double> scores_of(const ImageScorer& scorer, const std::string& picture) {
  ImageScorer::Scratch scratch;
  const auto scores = scorer.scores(picture, scratch);
  EXPECT_TRUE(scores.ok()) << scores.error().message();
  if (!scores.ok()) return {};
  return {scores->begin(), scores->end()};
}

std::vector<std::uint32_t> order_of(const ImageScorer& scorer, const std::string& picture,
                                    std::size_t top_k) {
  ImageScorer::Scratch scratch;
  const auto ranked = scorer.classify(picture, top_k, scratch);
  EXPECT_TRUE(ranked.ok()) << ranked.error().message();
  std::vector<std::uint32_t> order;
  if (ranked.ok()) {
    for (const Ranked& each : *ranked) order.push_back(each.candidate);
  }
  return order;
}

using Order = std::vector<std::uint32_t>;

TEST(ImageScorerTest, LogitsBecomeProbabilities) {
  const ImageScorer scorer = must_make({});
  const double sum = std::exp(4.0) + 2;
  const std::vector<double> red = scores_of(scorer, testing::red_png());
  ASSERT_EQ(red.size(), 3U);
  EXPECT_DOUBLE_EQ(red[0], std::exp(4.0) / sum);
  EXPECT_DOUBLE_EQ(red[1], 1 / sum);
  EXPECT_DOUBLE_EQ(red[2], 1 / sum);
  for (const double each : scores_of(scorer, testing::grey_png())) EXPECT_DOUBLE_EQ(each, 1.0 / 3);
}

// What is beyond the range of exp() all the same.
TEST(ImageScorerTest, LogitsMayBeLarge) {
  const std::vector<double> red = scores_of(must_make({.scale = 1e30}), testing::red_png());
  EXPECT_EQ(red, (std::vector<double>{1, 0, 0}));
  const std::vector<double> low = scores_of(must_make({.scale = -1e30}), testing::red_png());
  EXPECT_EQ(low, (std::vector<double>{0, 0.5, 0.5}));
}

TEST(ImageScorerTest, ProbabilitiesStayWhatTheyAre) {
  model::Image image = small_image();
  image.scores = model::Scores::Probabilities;
  EXPECT_EQ(scores_of(must_make({.scale = 1}, image), testing::green_png()),
            (std::vector<double>{0, 1, 0}));
}

TEST(ImageScorerTest, RanksBestFirstAndEqualsInTheLabelsOrder) {
  const std::string labels = "a\nb\nc\nd\ne\nf\ng\n";
  TestNetworkOptions seven{.count = 7};
  seven.outputs.front().shape = {1, 7};
  const ImageScorer scorer = must_make(seven, small_image(), labels);
  EXPECT_EQ(order_of(scorer, testing::red_png(), 100), (Order{0, 3, 6, 1, 2, 4, 5}));
  EXPECT_EQ(order_of(scorer, testing::blue_png(), 4), (Order{2, 5, 0, 1}));
  EXPECT_EQ(order_of(scorer, testing::grey_png(), 2), (Order{0, 1}));
  EXPECT_EQ(order_of(scorer, testing::grey_png(), 0), Order{});
}

TEST(ImageScorerTest, TakesOutputsOfEveryFloat) {
  const std::vector<double> expected = scores_of(must_make({}), testing::red_png());
  for (const Datatype type : {Datatype::Fp16, Datatype::Fp64}) {
    TestNetworkOptions options;
    options.outputs.front().type = type;
    EXPECT_EQ(scores_of(must_make(options), testing::red_png()), expected);
  }
}

TEST(ImageScorerTest, TheRecipeChoosesOneOfSeveralOutputs) {
  TestNetworkOptions options;
  options.outputs.push_back(options.outputs.front());
  options.outputs.back().name = "negated";
  EXPECT_EQ(refusal_of(make(options)),
            "image: expected a network of one output, got 2; say which one as \"output\" in "
            "sooth.yaml");
  model::Image image = small_image();
  image.output = "negated";
  EXPECT_EQ(order_of(must_make(options, image), testing::red_png(), 3), (Order{1, 2, 0}));
  image.output = "logits";
  EXPECT_EQ(order_of(must_make(options, image), testing::red_png(), 3), (Order{0, 1, 2}));
  image.output = "prob";
  EXPECT_EQ(refusal_of(make(options, image)),
            "image: \"output\": expected \"logits\" or \"negated\", got \"prob\"");
}

TEST(ImageScorerTest, TheInputMayBeNamed) {
  model::Image image = small_image();
  image.input = "pixels";
  EXPECT_TRUE(make({}, image).ok());
  image.input = "data";
  EXPECT_EQ(refusal_of(make({}, image)), "image: \"input\": expected \"pixels\", got \"data\"");
}

TEST(ImageScorerTest, RefusesInputsThatTheRecipeDoesNotPrepare) {
  const auto refusal = [](Datatype type, std::vector<std::int64_t> shape) {
    TestNetworkOptions options;
    options.inputs.front().type = type;
    options.inputs.front().shape = std::move(shape);
    return refusal_of(make(options));
  };
  const std::string begin = "image: the recipe prepares FP32[1,3,4,4], but input \"pixels\" takes ";
  EXPECT_EQ(refusal(Datatype::Fp32, {kAnyExtent, 3, 224, 224}), begin + "FP32[?,3,224,224]");
  EXPECT_EQ(refusal(Datatype::Fp32, {kAnyExtent, 4, 4, 3}), begin + "FP32[?,4,4,3]");
  EXPECT_EQ(refusal(Datatype::Fp32, {8, 3, 4, 4}), begin + "FP32[8,3,4,4]");
  EXPECT_EQ(refusal(Datatype::Fp32, {3, 4, 4}), begin + "FP32[3,4,4]");
  EXPECT_EQ(refusal(Datatype::Uint8, {1, 3, 4, 4}), begin + "UINT8[1,3,4,4]");
  EXPECT_EQ(refusal(Datatype::Fp16, {1, 3, 4, 4}), begin + "FP16[1,3,4,4]");
  EXPECT_EQ(refusal(Datatype::Fp32, {1, 3, 4, 4}), "");
  EXPECT_EQ(refusal(Datatype::Fp32, {kAnyExtent, kAnyExtent, kAnyExtent, kAnyExtent}), "");
  model::Image image = small_image();
  image.preparation.layout = vision::Layout::Nhwc;
  image.preparation.type = vision::Type::Uint8;
  EXPECT_EQ(refusal_of(make({}, image)),
            "image: the recipe prepares UINT8[1,4,4,3], but input \"pixels\" takes FP32[?,3,4,4]");
  TestNetworkOptions two;
  two.inputs.push_back(two.inputs.front());
  EXPECT_EQ(refusal_of(make(two)), "image: expected a network of one input, got 2");
  EXPECT_EQ(refusal_of(make({.inputs = {}})), "image: expected a network of one input, got 0");
}

TEST(ImageScorerTest, RefusesOutputsThatAreNotANumberForEachLabel) {
  const auto refusal = [](Datatype type, std::vector<std::int64_t> shape) {
    TestNetworkOptions options;
    options.outputs.front().type = type;
    options.outputs.front().shape = std::move(shape);
    return refusal_of(make(options));
  };
  const std::string begin =
      "image: output \"logits\": expected a number for each of the 3 labels, got ";
  EXPECT_EQ(refusal(Datatype::Fp32, {kAnyExtent, 4}), begin + "FP32[?,4]");
  EXPECT_EQ(refusal(Datatype::Fp32, {kAnyExtent, 3, 7, 7}), begin + "FP32[?,3,7,7]");
  EXPECT_EQ(refusal(Datatype::Fp32, {1, std::int64_t{1} << 62, 4}),
            begin + "FP32[1,4611686018427387904,4]");
  EXPECT_EQ(refusal(Datatype::Fp32, {8, 3}), begin + "FP32[8,3]");
  EXPECT_EQ(refusal(Datatype::Fp32, {1, 3}), "");
  EXPECT_EQ(refusal(Datatype::Fp32, {kAnyExtent, 3, 1, 1}), "");
  EXPECT_EQ(refusal(Datatype::Fp32, {kAnyExtent, kAnyExtent}), "");
  EXPECT_EQ(refusal(Datatype::Fp32, {3}), "");
  EXPECT_EQ(refusal(Datatype::Int64, {1, 3}),
            "image: output \"logits\": expected floats, got INT64[1,3]");
  EXPECT_EQ(refusal(Datatype::Bytes, {1, 3}),
            "image: output \"logits\": expected floats, got BYTES[1,3]");
}

// Not the caller's doing.
TEST(ImageScorerTest, NumbersThatDoNotFitAreTheModelsFault) {
  TestNetworkOptions more{.count = 4};
  more.outputs.front().shape = {kAnyExtent, kAnyExtent};
  ImageScorer::Scratch scratch;
  const auto refused = must_make(more).scores(testing::red_png(), scratch);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), base::Code::Corrupt);
  EXPECT_EQ(refused.error().message(),
            "image: expected a number for each of the 3 labels, got FP32[1,4]");
  for (const double number :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    const auto bad = must_make({.last = number}).scores(testing::red_png(), scratch);
    ASSERT_FALSE(bad.ok());
    EXPECT_EQ(bad.error().code(), base::Code::Internal);
    EXPECT_EQ(bad.error().message(), std::string("image: expected finite numbers, got ") +
                                         (std::isnan(number) ? "nan" : "inf") + " for \"blue\"");
  }
}

TEST(ImageScorerTest, WhatIsNoPictureIsInvalid) {
  const ImageScorer scorer = must_make({});
  ImageScorer::Scratch scratch;
  for (const std::string& text :
       {std::string(), std::string("hello"), testing::red_png().substr(0, 40)}) {
    const auto refused = scorer.classify(text, 3, scratch);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code(), base::Code::Invalid);
    EXPECT_EQ(refused.error().message().find("picture: "), 0U) << refused.error().message();
  }
  // The scratch is none the worse for it.
  EXPECT_TRUE(scorer.classify(testing::red_png(), 3, scratch).ok());
}

TEST(ImageScorerTest, ThreadsShareIt) {
  const ImageScorer scorer = must_make({});
  const std::vector<std::string> pictures = {testing::red_png(), testing::green_png(),
                                             testing::blue_png()};
  std::vector<std::vector<double>> expected;
  for (const std::string& each : pictures) expected.push_back(scores_of(scorer, each));
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = t; i < t + 60; ++i) {
        EXPECT_EQ(scores_of(scorer, pictures[i % 3]), expected[i % 3]);
      }
    });
  }
  for (std::thread& each : threads) each.join();
}

// What a client prepared itself, as the recipe would have done.
TEST(ImageScorerTest, APreparedPictureGivesTheSame) {
  const ImageScorer scorer = must_make({});
  const engine::TensorSpec prepared = scorer.prepared();
  EXPECT_EQ(prepared.name, "pixels");
  EXPECT_EQ(engine::tensor_form(prepared), "FP32[?,3,4,4]");
  std::vector<float> red(48, 0);
  std::fill(red.begin(), red.begin() + 16, 1.0F);
  const std::string_view bytes(reinterpret_cast<const char*>(red.data()),
                               red.size() * sizeof(float));
  ImageScorer::Scratch scratch;
  const auto ranked = scorer.classify_prepared(bytes, 1, 2, scratch);
  ASSERT_TRUE(ranked.ok()) << ranked.error().message();
  ASSERT_EQ(ranked->size(), 2U);
  const Ranked best = ranked->front();
  const auto decoded = scorer.classify(testing::red_png(), 2, scratch);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(best.candidate, decoded->front().candidate);
  EXPECT_EQ(best.score, decoded->front().score);
  const auto cut = scorer.classify_prepared(bytes.substr(4), 1, 2, scratch);
  ASSERT_FALSE(cut.ok());
  EXPECT_EQ(cut.error().message(),
            "input \"pixels\": expected FP32[?,3,4,4], got FP32[1,3,4,4] with 188 bytes");
}

}  // namespace
}  // namespace scorer
