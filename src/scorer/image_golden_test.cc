// A model of pictures as a whole: loaded, and its golden pictures.
#include <string>

#include <gtest/gtest.h>

#include "scorer/golden.h"
#include "scorer/test_network.h"

namespace scorer {
namespace {

using base::Code;
using testing::TestFiles;
using testing::TestLoader;

std::shared_ptr<const Scorer> colours(double scale = 4) {
  auto scorer = testing::load_test_pictures({.scale = scale});
  EXPECT_TRUE(scorer.ok()) << scorer.error().message();
  return *std::move(scorer);
}

Golden golden_of(const Scorer& scorer, const Sample& sample, const std::string& source) {
  auto golden = make_golden(scorer, sample, source);
  EXPECT_TRUE(golden.ok()) << golden.error().message();
  return *std::move(golden);
}

TEST(ImageModelTest, IsLoaded) {
  const auto scorer = colours();
  EXPECT_EQ(scorer->name(), "colours");
  EXPECT_EQ(scorer->title(), "ONNX network");
  EXPECT_TRUE(scorer->written_by().empty());
  EXPECT_EQ(scorer->columns(), nullptr);
  EXPECT_EQ(scorer->match(), nullptr);
  ASSERT_NE(scorer->image(), nullptr);
  EXPECT_EQ(scorer->image()->default_top_k(), 5U);
  EXPECT_TRUE(scorer->image()->labels().integer_ids);
  EXPECT_EQ(scorer->replay_tolerance(), 1e-4);
  EXPECT_GT(scorer->cost_us(), 1000);
}

std::string refusal_of(const std::map<std::string, std::string>& files, Code code,
                       const engine::Loader* networks) {
  const auto scorer = Scorer::load(TestFiles(files), "m", {.networks = networks});
  if (scorer.ok()) return "";
  EXPECT_EQ(scorer.error().code(), code);
  return scorer.error().message();
}

TEST(ImageModelTest, IsRefusedWithWhatIsMissing) {
  const TestLoader loader;
  std::map<std::string, std::string> files = {
      {"sooth.yaml", testing::kTestRecipe}, {"model.onnx", "x"}, {"labels.txt", "a\nb\n"}};
  EXPECT_EQ(refusal_of(files, Code::Unsupported, nullptr),
            "\"m/model.onnx\": expected no network, got one");
  EXPECT_EQ(refusal_of(files, Code::Invalid, &loader),
            "\"m/model.onnx\": image: output \"logits\": expected a number for each of the 2 "
            "labels, got FP32[?,3]");
  files["labels.txt"] = "a\n\nb\n";
  EXPECT_EQ(refusal_of(files, Code::Invalid, &loader),
            "m/labels.txt: line 2: expected a category, got none");
  files.erase("labels.txt");
  EXPECT_EQ(refusal_of(files, Code::NotFound, &loader), "m/labels.txt: expected a file, got none");
  files["labels.txt"] = "a\nb\nc\n";
  files.erase("model.onnx");
  EXPECT_EQ(refusal_of(files, Code::NotFound, &loader), "m/model.onnx: expected a file, got none");
}

TEST(ImageGoldenTest, PatternsAreMadeWhereThereAreNoPictures) {
  const auto scorer = colours();
  const Golden golden = golden_of(*scorer, *generate_sample(*scorer), "generated");
  EXPECT_EQ(golden.examples.count(), 4U);
  EXPECT_EQ(golden.examples.pictures.size(), 4U);
  ASSERT_EQ(golden.answers.size(), 1U);
  EXPECT_EQ(golden.answers[0].method, "image");
  EXPECT_EQ(golden.answers[0].names, (std::vector<std::string>{"7", "8", "9"}));
  EXPECT_EQ(golden.answers[0].rows(), 4U);
  const auto parity = replay(*scorer, *Golden::parse(golden.json()), 0);
  ASSERT_TRUE(parity.ok()) << parity.error().message();
  EXPECT_EQ(parity->values, 12U);
  EXPECT_EQ(parity->equal, 12U);
}

TEST(ImageGoldenTest, ReadsBackWhatItWrote) {
  const auto scorer = colours();
  const Sample given{.examples = {.rows = {},
                                  .queries = {},
                                  .pictures = {testing::red_png(), testing::grey_png()}},
                     .answers = {}};
  const Golden golden = golden_of(*scorer, given, "given");
  const std::string text = golden.json();
  const auto read = Golden::parse(text);
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(read->json(), text);
  EXPECT_EQ(read->examples.pictures, given.examples.pictures);
  EXPECT_EQ(read->answers[0].numbers, golden.answers[0].numbers);
}

TEST(ImageGoldenTest, RefusesPicturesThatAreNone) {
  const std::string before = R"({"source":"given","columns":[],"left_out":[],"answers":[],)";
  for (const char* pictures : {"7", R"(["n!"])", R"(["AAA"])", "[7]", R"({"a":"AAAA"})"}) {
    EXPECT_FALSE(Golden::parse(before + R"("pictures":)" + pictures + "}").ok()) << pictures;
  }
  std::string many = R"("")";
  for (std::size_t i = 0; i < Golden::kRowsMax; ++i) many += R"(,"")";
  EXPECT_FALSE(Golden::parse(before + R"("pictures":[)" + many + "]}").ok());
  EXPECT_TRUE(Golden::parse(before + R"("pictures":["AAAA",""]})").ok());
}

// Another processor adds in another order.
TEST(ImageGoldenTest, ProbabilitiesMayDifferALittle) {
  const auto scorer = colours();
  const Sample red{.examples = {.rows = {}, .queries = {}, .pictures = {testing::red_png()}},
                   .answers = {}};
  Golden golden = golden_of(*scorer, red, "given");
  golden.answers[0].numbers[1] += 0.9e-4;
  const auto near = replay(*scorer, golden, scorer->replay_tolerance());
  ASSERT_TRUE(near.ok()) << near.error().message();
  EXPECT_NEAR(near->rel_max, 0.9e-4, 1e-9);
  golden.answers[0].numbers[1] += 0.2e-4;
  const auto far = replay(*scorer, golden, scorer->replay_tolerance());
  ASSERT_FALSE(far.ok());
  EXPECT_EQ(far.error().code(), Code::Corrupt);
  EXPECT_EQ(far.error().message(),
            "golden rows: row 0, image column \"8\": expected the answer of registration within "
            "0.0001, got one 0.00011 away (0 labels differ); the model, this program or this "
            "machine computes otherwise");
  EXPECT_FALSE(replay(*colours(4.5), golden_of(*scorer, red, "given"), 1e-4).ok());
}

TEST(ImageGoldenTest, APictureThatIsBrokenIsNoExample) {
  const auto scorer = colours();
  const Sample broken{.examples = {.rows = {}, .queries = {}, .pictures = {"nope"}}, .answers = {}};
  const auto golden = make_golden(*scorer, broken, "given");
  ASSERT_FALSE(golden.ok());
  EXPECT_EQ(golden.error().code(), Code::Invalid);
}

// A category less is no agreement.
TEST(ImageGoldenTest, CategoriesAreComparedByTheirIds) {
  const auto scorer = colours();
  const Sample red{.examples = {.rows = {}, .queries = {}, .pictures = {testing::red_png()}},
                   .answers = {}};
  Golden golden = golden_of(*scorer, red, "given");
  golden.answers[0].names[2] = "10";
  const auto refused = replay(*scorer, golden, 1e-4);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message(), "golden rows: expected image column \"10\", got none");
}

}  // namespace
}  // namespace scorer
