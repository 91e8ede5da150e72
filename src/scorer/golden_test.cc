#include "scorer/golden.h"

#include <cmath>
#include <filesystem>
#include <limits>
#include <string>

#include <gtest/gtest.h>

namespace scorer {
namespace {

namespace fs = std::filesystem;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

std::shared_ptr<const Scorer> load_in_tree(const std::string& path) {
  auto scorer = Scorer::load(std::string(SOOTH_SOURCE_DIR) + path, {});
  EXPECT_TRUE(scorer.ok()) << scorer.error().message();
  return *std::move(scorer);
}

Answered numbers(std::vector<std::string> names, std::vector<double> values) {
  return {
      .method = "predict", .names = std::move(names), .numbers = std::move(values), .labels = {}};
}

Golden sample() {
  return {
      .source = "given",
      .columns = {"age", "city"},
      .examples = {.rows = {{1.5, "nan"}, {std::monostate{}, "x\"y"}, {-kInf, std::monostate{}}},
                   .queries = {}},
      .answers = {numbers({"y"}, {0.1, kNan, kInf}),
                  numbers({"z"}, {-0.0, 1e300, 0x1p62}),
                  {.method = "label", .names = {"y"}, .numbers = {}, .labels = {"a", "", "c"}}},
      .left_out = {"transform: wide"}};
}

TEST(GoldenTest, ReadsBackWhatItWroteToTheBit) {
  const std::string text = sample().json();
  const auto read = Golden::parse(text);
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(read->json(), text);
  EXPECT_EQ(read->answers[0].numbers[0], 0.1);
  EXPECT_TRUE(std::isnan(read->answers[0].numbers[1]));
  EXPECT_TRUE(std::signbit(read->answers[1].numbers[0]));
  EXPECT_EQ(read->answers[1].numbers[1], 1e300);
  EXPECT_EQ(read->answers[1].numbers[2], 0x1p62);
  EXPECT_EQ(std::get<std::string>(read->examples.rows[0][1]), "nan");
  EXPECT_EQ(std::get<double>(read->examples.rows[2][0]), -kInf);
}

TEST(GoldenTest, RefusesWhatDoesNotFitTogether) {
  for (const std::string text :
       {"", "[]", R"({"source":1,"answers":[]})", R"({"source":"given"})",
        R"({"source":"given","columns":["a"],"rows":[[1,2]],"answers":[]})",
        R"({"source":"given","columns":["a"],"rows":[[true]],"answers":[]})",
        R"({"source":"given","columns":["a"],"rows":[[1]],"answers":[{"method":"m","names":["y"],)"
        R"("numbers":[[1],[2]]}]})",
        R"({"source":"given","columns":["a"],"rows":[[1]],"answers":[{"method":"m","names":["y"],)"
        R"("numbers":[[1]],"labels":[["a"]]}]})",
        R"({"source":"given","columns":["a"],"rows":[[1]],"answers":[{"method":"m","names":["y"],)"
        R"("numbers":[["one"]]}]})"}) {
    EXPECT_FALSE(Golden::parse(text).ok()) << text;
  }
}

TEST(CompareTest, MeasuresErrorsAgainstTheColumnsScale) {
  model::Parity parity;
  compare(numbers({"a", "b"}, {100, 1, 0, 2}), numbers({"b", "a"}, {1, 100, 2.5, 1e-9}), parity);
  EXPECT_EQ(parity.rows, 2U);
  EXPECT_EQ(parity.values, 4U);
  EXPECT_EQ(parity.equal, 2U);
  EXPECT_DOUBLE_EQ(parity.abs_max, 0.5);
  EXPECT_DOUBLE_EQ(parity.rel_max, 0.25);
  EXPECT_EQ(parity.worst, "row 1, predict column \"b\"");
}

TEST(CompareTest, NotANumberEqualsOnlyItself) {
  model::Parity same;
  compare(numbers({"a"}, {kNan, 1}), numbers({"a"}, {kNan, 1}), same);
  EXPECT_EQ(same.rel_max, 0);
  model::Parity other;
  compare(numbers({"a"}, {kNan, 1}), numbers({"a"}, {2, 1}), other);
  EXPECT_EQ(other.rel_max, kInf);
}

TEST(CompareTest, CountsLabelsThatDifferAndColumnsThatAreMissing) {
  model::Parity parity;
  const Answered theirs{.method = "predict", .names = {"y"}, .numbers = {}, .labels = {"a", "b"}};
  const Answered ours{.method = "predict", .names = {"y"}, .numbers = {}, .labels = {"a", "c"}};
  compare(theirs, ours, parity);
  EXPECT_EQ(parity.labels_differ, 1U);
  EXPECT_EQ(parity.worst, "row 1, predict column \"y\"");
  EXPECT_FALSE(parity.within());
  compare(numbers({"z"}, {1}), ours, parity);
  EXPECT_EQ(parity.not_compared, std::vector<std::string>{"predict column \"z\""});
}

TEST(GoldenTest, AMatchIsReplayedWithEveryCandidatesScore) {
  const auto scorer = load_in_tree("/demos/faq");
  const auto generated = generate_sample(*scorer);
  ASSERT_TRUE(generated.ok());
  const auto golden = make_golden(*scorer, *generated, "generated");
  ASSERT_TRUE(golden.ok()) << golden.error().message();
  ASSERT_EQ(golden->answers.size(), 1U);
  EXPECT_EQ(golden->answers[0].names.size(), 132U);
  EXPECT_EQ(golden->answers[0].rows(), 8U);
  const auto parity = replay(*scorer, *Golden::parse(golden->json()), 0);
  ASSERT_TRUE(parity.ok()) << parity.error().message();
  EXPECT_EQ(parity->equal, parity->values);
}

TEST(GoldenTest, PlainColumnsAreReplayedByEachMethod) {
  for (const char* name : {"flowers", "passengers", "forest", "boosted"}) {
    const auto scorer = load_in_tree(std::string("/tests/scenario/data/") + name + ".joblib");
    const auto golden = make_golden(*scorer, *generate_sample(*scorer), "generated");
    ASSERT_TRUE(golden.ok()) << golden.error().message();
    EXPECT_FALSE(golden->answers.empty()) << name;
    const auto parity = replay(*scorer, *Golden::parse(golden->json()), 0);
    ASSERT_TRUE(parity.ok()) << name << ": " << parity.error().message();
    EXPECT_EQ(parity->equal, parity->values);
  }
}

TEST(GoldenTest, ReplayNamesTheAnswerThatDiffers) {
  const auto scorer = load_in_tree("/tests/scenario/data/flowers.joblib");
  auto golden = make_golden(*scorer, *generate_sample(*scorer), "generated");
  ASSERT_TRUE(golden.ok());
  for (Answered& each : golden->answers) {
    if (each.method == "predict_proba") each.numbers[1] += 1e-6;
  }
  const auto parity = replay(*scorer, *golden, 1e-9);
  ASSERT_FALSE(parity.ok());
  EXPECT_EQ(parity.error().code(), base::Code::Corrupt);
  EXPECT_NE(parity.error().message().find("golden rows: row 0, predict_proba column"),
            std::string::npos)
      << parity.error().message();
}

// Whoever registered it with another program may have called its features otherwise.
TEST(GoldenTest, FeaturesMayBeCalledOtherwiseSince) {
  const auto scorer = load_in_tree("/tests/fuzz/corpus/sklearn_model_fuzz/estimator_FastICA.pkl");
  auto golden = make_golden(*scorer, *generate_sample(*scorer), "generated");
  ASSERT_TRUE(golden.ok());
  ASSERT_EQ(golden->answers.size(), 1U);
  Answered& features = golden->answers[0];
  ASSERT_EQ(features.method, "transform");
  for (std::string& name : features.names) name.insert(0, "was_");
  const auto parity = replay(*scorer, *golden, 0);
  ASSERT_TRUE(parity.ok()) << parity.error().message();
  EXPECT_EQ(parity->equal, parity->values);
  features.numbers[0] += 0.5;
  EXPECT_FALSE(replay(*scorer, *golden, 1e-9).ok());
}

TEST(GoldenTest, WideAnswersKeepFewerRows) {
  const auto scorer = load_in_tree("/demos/faq");
  Examples examples;
  for (int i = 0; i < 500; ++i) examples.queries.push_back("question " + std::to_string(i));
  const auto golden = make_golden(*scorer, {examples, {}}, "given");
  ASSERT_TRUE(golden.ok());
  // Answers that are known already are cut alike.
  const auto known = make_golden(*scorer, {examples, *answer(*scorer, examples)}, "given");
  ASSERT_TRUE(known.ok());
  EXPECT_EQ(known->json(), golden->json());
  EXPECT_EQ(golden->examples.queries.size(), Golden::kRowsMax);
  ASSERT_EQ(golden->left_out.size(), 1U);
  EXPECT_EQ(golden->left_out[0], "400 of 500 rows");
}

}  // namespace
}  // namespace scorer
