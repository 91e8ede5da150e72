#include "forest/xgboost.h"

#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "forest/traversal.h"

namespace forest {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// Small models of several releases, which are the fuzz target's first inputs too.
std::string model_bytes(const std::string& name) {
  std::ifstream file(std::string(SOOTH_SOURCE_DIR "/tests/fuzz/corpus/forest_xgboost_fuzz/") + name,
                     std::ios::binary);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

XgbModel parsed(const std::string& name) {
  auto model = parse_xgboost(model_bytes(name));
  EXPECT_TRUE(model.ok()) << (model.ok() ? "" : model.error().message());
  return model.ok() ? *std::move(model) : XgbModel();
}

// What XGBoost answers with output_margin=True to four rows, on top of `base`.
struct MarginCase {
  const char* file;
  std::vector<float> base;
  bool base_last;
  std::vector<float> margins;
};

std::vector<float> margins_of(const XgbModel& model, const std::vector<float>& base) {
  const std::vector<double> rows = {0.3,   -0.2, 1.5,  -1.2, kNone, 0.1,
                                    kNone, 0.9,  -0.4, 2.5,  -1.1,  kNone};
  const auto forest = Forest::make(model.ensemble);
  EXPECT_TRUE(forest.ok());
  const std::size_t outputs = model.ensemble.outputs;
  std::vector<double> raw(4 * outputs);
  for (std::size_t i = 0; i < raw.size(); ++i) {
    raw[i] = model.base_last ? 0 : static_cast<double>(base[i % outputs]);
  }
  Scratch scratch;
  forest->add(rows, raw, scratch);
  std::vector<float> margins;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    margins.push_back(static_cast<float>(raw[i]) + (model.base_last ? base[i % outputs] : 0));
  }
  return margins;
}

TEST(XgboostTest, AddsUpAsXgboostDoesToTheBit) {
  const float logit = -std::log(1.0F / 5.833333E-1F - 1.0F);
  const MarginCase cases[] = {
      {"binary.json",
       {logit},
       false,
       {1.1204771995544434F, -0.6371860504150391F, -0.6371860504150391F, 1.1204771995544434F}},
      {"multi.ubj",
       {-1.1330855E-1F, 4.2077237E-1F, -3.0746388E-1F},
       false,
       {-0.3112744688987732F, 0.7110744118690491F, -0.4919089674949646F, 0.3491218388080597F,
        0.16104069352149963F, -0.4919089674949646F, -0.3112744688987732F, 0.7110744118690491F,
        -0.4919089674949646F, -0.3112744688987732F, 0.1667756736278534F, 0.2284083366394043F}},
      {"vector.json",
       {5.833333E-1F, 9.5E-1F},
       false,
       {0.625718355178833F, 0.9747827649116516F, 0.323039174079895F, 0.4984568655490875F,
        0.625718355178833F, 0.9747827649116516F, 0.7839999794960022F, 1.455680012702942F}},
      {"pickled.ubj",
       {5.833333E-1F},
       false,
       {0.7023809552192688F, 0.42992421984672546F, 0.42992421984672546F, 0.7023809552192688F}},
      {"binary_0_90.model",
       {0},
       true,
       {0.8974060416221619F, -0.8262089490890503F, -0.8262089490890503F, 0.8974060416221619F}},
      {"binary_1_2.model",
       {0},
       true,
       {0.8974060416221619F, -0.8262089490890503F, -0.8262089490890503F, 0.8974060416221619F}},
  };
  for (const MarginCase& each : cases) {
    SCOPED_TRACE(each.file);
    const XgbModel model = parsed(each.file);
    EXPECT_EQ(model.base_last, each.base_last);
    EXPECT_EQ(margins_of(model, each.base), each.margins);
  }
}

TEST(XgboostTest, SaysWhatTheFileSays) {
  const XgbModel model = parsed("binary.json");
  EXPECT_EQ(model.objective, "binary:logistic");
  EXPECT_EQ(model.booster, "gbtree");
  EXPECT_EQ(model.major, 3);
  EXPECT_EQ(model.base_scores, (std::vector<float>{5.833333E-1F}));
  EXPECT_EQ(model.iterations, (std::vector<std::size_t>{0, 1, 2}));
  EXPECT_EQ(parsed("linear.ubj").linear.size(), 4U);
  EXPECT_EQ(parsed("dart.json").weights.size(), 2U);
  EXPECT_EQ(parsed("binary_0_90.model").major, 0);
  EXPECT_TRUE(parsed("binary_0_90.model").base_is_margin);
  EXPECT_FALSE(parsed("binary_1_2.model").base_is_margin);
}

TEST(XgboostTest, KeepsCategories) {
  const XgbModel model = parsed("categories.json");
  ASSERT_EQ(model.categories.size(), 3U);
  EXPECT_EQ(std::get<std::vector<std::string>>(model.categories[0]),
            (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(std::get<std::vector<double>>(model.categories[1]), (std::vector<double>{0, 10, 20}));
  EXPECT_EQ(model.categories[2].index(), 0U);
}

// What XGBoost's get_score(importance_type="total_gain") and "weight" are made of.
TEST(XgboostTest, KeepsWhatSplitsGainedWhereAsked) {
  struct Case {
    const char* file;
    std::vector<float> gains;
  };
  for (const Case& each : {Case{"binary.json", {40.6255F, 6.96369F, 1.06491F}},
                           Case{"binary_1_2.model", {38.9029F, 8.68138F, 1.22383F}}}) {
    const auto model = parse_xgboost(model_bytes(each.file), true);
    ASSERT_TRUE(model.ok()) << each.file;
    std::vector<float> gains(3);
    std::vector<int> counts(3);
    for (const XgbSplit& split : model->splits) {
      gains[split.feature] += split.gain;
      ++counts[split.feature];
      EXPECT_GT(split.cover, 0);
    }
    for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(gains[i], each.gains[i], 1e-4) << each.file;
    EXPECT_EQ(counts, (std::vector<int>{4, 1, 1}));
  }
  EXPECT_TRUE(parsed("binary.json").splits.empty());
}

TEST(XgboostTest, KnowsItsFiles) {
  for (const char* name : {"binary.json", "multi.ubj", "pickled.ubj", "binary_0_90.model",
                           "binary_1_2.model", "pickled_1_2.model", "linear_0_90.model"}) {
    EXPECT_TRUE(is_xgboost(model_bytes(name))) << name;
  }
  EXPECT_FALSE(is_xgboost(""));
  EXPECT_FALSE(is_xgboost("{\"a\": 1}"));
  EXPECT_FALSE(is_xgboost(std::string(4096, '\0')));
  EXPECT_FALSE(is_xgboost("\x80\x04\x95"));
}

TEST(XgboostTest, FirstIterationsAlone) {
  XgbModel model = parsed("multi.ubj");
  keep_first({.iterations_max = 7}, model);
  EXPECT_EQ(model.ensemble.trees.size(), 3U);
  model = parsed("binary.json");
  keep_first({.iterations_max = 1}, model);
  EXPECT_EQ(model.ensemble.trees.size(), 1U);
  model = parsed("binary.json");
  keep_first({.trees_max = 1}, model);
  EXPECT_EQ(model.ensemble.trees.size(), 1U);
}

std::string refusal(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  text.replace(at, from.size(), to);
  const auto model = parse_xgboost(text);
  return model.ok() ? "accepted" : model.error().message();
}

TEST(XgboostTest, RefusesWhatDoesNotFit) {
  const std::string text = model_bytes("binary.json");
  EXPECT_EQ(refusal(text, "\"base_score\":\"[5.833333E-1]\"", "\"base_score\":\"[half]\""),
            R"("base_score": expected numbers, got "[half]")");
  EXPECT_EQ(refusal(text, "\"name\":\"gbtree\"", "\"name\":\"gbforest\""),
            R"(booster: expected gbtree, dart or gblinear, got "gbforest")");
  EXPECT_EQ(
      refusal(text, "\"num_feature\":\"3\",\"num_target\"", "\"num_feature\":\"1\",\"num_target\""),
      "tree 0: node 1: expected a feature below 1, got 1");
  EXPECT_EQ(refusal(text, "\"left_children\":[1", "\"left_children\":[9"),
            "tree 0: node 0: expected a child below 7 that is no other's, got 9");
  EXPECT_EQ(refusal(text, "\"left_children\":[1", "\"left_children\":[0"),
            "tree 0: node 0: expected a child below 7 that is no other's, got 0");
  EXPECT_EQ(refusal(text, "\"iteration_indptr\":[0,1,2]", "\"iteration_indptr\":[0,1,3]"),
            "\"iteration_indptr\": expected to part the trees, got others");
}

TEST(XgboostTest, RefusesFilesCutShort) {
  for (const char* name : {"binary.json", "multi.ubj", "binary_0_90.model", "dart_1_2.model"}) {
    const std::string whole = model_bytes(name);
    for (std::size_t size = 0; size < whole.size() / 2; size += 7) {
      EXPECT_FALSE(parse_xgboost(std::string_view(whole).substr(0, size)).ok()) << name << size;
    }
  }
}

}  // namespace
}  // namespace forest
