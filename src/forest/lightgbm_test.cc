#include "forest/lightgbm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>

#include "forest/plain_score.h"
#include "forest/test_values.h"
#include "forest/traversal.h"

namespace forest {
namespace {

namespace fs = std::filesystem;

const fs::path kGoldens = fs::path(SOOTH_SOURCE_DIR) / "src/forest/testdata";

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

constexpr std::string_view kSmallModel =
    "tree\n"
    "version=v4\n"
    "num_class=1\n"
    "num_tree_per_iteration=1\n"
    "label_index=0\n"
    "max_feature_idx=1\n"
    "objective=binary sigmoid:0.7\n"
    "feature_names=age in=come\n"
    "feature_infos=[1:2] 0:1\n"
    "\n"
    "Tree=0\n"
    "num_leaves=3\n"
    "num_cat=1\n"
    "split_feature=0 1\n"
    "split_gain=5 4\n"
    "threshold=0.5 0\n"
    "decision_type=10 1\n"
    "left_child=1 -1\n"
    "right_child=-2 -3\n"
    "leaf_value=1 -2 0.25\n"
    "cat_boundaries=0 1\n"
    "cat_threshold=5\n"
    "is_linear=0\n"
    "shrinkage=1\n"
    "\n"
    "\n"
    "Tree=1\n"
    "num_leaves=1\n"
    "num_cat=0\n"
    "leaf_value=0.5\n"
    "\n"
    "\n"
    "end of trees\n"
    "\n"
    "feature_importances:\n"
    "age=1\n"
    "\n"
    "pandas_categorical:[[\"a\", \"b\"]]\n";

// kSmallModel with the first `from` as `to`.
std::string changed(std::string_view from, std::string_view to) {
  std::string text(kSmallModel);
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(LightGbmTest, ReadsTheHeaderAndTheTrees) {
  const auto model = parse_lightgbm(kSmallModel);
  ASSERT_TRUE(model.ok()) << model.error().message();
  EXPECT_EQ(model->version, "v4");
  EXPECT_EQ(model->objective.name, "binary");
  EXPECT_EQ(model->objective.find("sigmoid"), "0.7");
  EXPECT_EQ(model->objective.find("num_class"), std::nullopt);
  EXPECT_EQ(model->feature_names, (std::vector<std::string>{"age", "in=come"}));
  EXPECT_EQ(model->iterations, 2U);
  EXPECT_FALSE(model->average_output);
  EXPECT_EQ(model->pandas_categorical, R"([["a", "b"]])");
  const Tree& tree = model->ensemble.trees[0];
  EXPECT_EQ(tree.nodes[0].missing, Missing::Nan);
  EXPECT_TRUE(tree.nodes[0].default_left);
  EXPECT_TRUE(tree.nodes[1].categorical);
  EXPECT_EQ(plain_score(model->ensemble, std::vector<double>{0.5, 2}), std::vector<double>{1.5});
  EXPECT_EQ(plain_score(model->ensemble, std::vector<double>{0.5, 1}), std::vector<double>{0.75});
  EXPECT_EQ(plain_score(model->ensemble, std::vector<double>{0.6, 2}), std::vector<double>{-1.5});
}

TEST(LightGbmTest, TakesOnlyTheIterationsWanted) {
  const auto model = parse_lightgbm(kSmallModel, {.iterations_max = 1});
  ASSERT_TRUE(model.ok());
  EXPECT_EQ(model->iterations, 1U);
  EXPECT_EQ(model->ensemble.trees.size(), 1U);
  EXPECT_EQ(parse_lightgbm(kSmallModel, {.iterations_max = 7})->iterations, 2U);
}

TEST(LightGbmTest, ReadsObjectivesAsTheyAreWritten) {
  const auto sqrt = parse_lightgbm(changed("binary sigmoid:0.7", "regression sqrt"));
  EXPECT_EQ(sqrt->objective.name, "regression");
  EXPECT_EQ(sqrt->objective.find("sqrt"), "");
  EXPECT_EQ(parse_lightgbm(changed("objective=binary sigmoid:0.7\n", ""))->objective.name, "");
}

TEST(LightGbmTest, GivesTreesToOutputsInTurn) {
  const auto model = parse_lightgbm(changed("iteration=1", "iteration=2"));
  ASSERT_TRUE(model.ok());
  EXPECT_EQ(model->iterations, 1U);
  EXPECT_EQ(plain_score(model->ensemble, std::vector<double>{1, 2}),
            (std::vector<double>{-2, 0.5}));
}

TEST(LightGbmTest, ReadsTreesWithoutDecisionTypesOrAnEndMark) {
  std::string text = changed("decision_type=10 1\n", "");
  text = text.substr(0, text.find("end of trees"));
  text.replace(text.find("label_index"), 0, "average_output\n");
  const auto model = parse_lightgbm(text);
  ASSERT_TRUE(model.ok()) << model.error().message();
  EXPECT_FALSE(model->ensemble.trees[0].nodes[1].categorical);
  EXPECT_TRUE(model->average_output);
}

TEST(LightGbmTest, SaysWhatIsWrongAndWhere) {
  const struct {
    std::string_view from;
    std::string_view to;
    std::string_view message;
  } cases[] = {
      {"tree\n", "forest\n", "expected a first line \"tree\""},
      {"num_class=1", "num_class=1\nnum_class=1", "\"num_class\" is said twice"},
      {"num_class=1", "num_class=-1", "\"num_class\": expected a number up to 1048576, got \"-1\""},
      {"num_class=1", "num_class=0", "expected at least one class, got none"},
      {"num_class=1\n", "", "\"num_class\" is missing"},
      {"max_feature_idx=1", "max_feature_idx=2147483647",
       "\"feature_names\": expected 2147483648 names, got 2"},
      {"iteration=1", "iteration=4", "expected a multiple of 4 trees, got 2"},
      {"threshold=0.5 0\n", "", "tree 0: \"threshold\" is missing"},
      {"num_cat=1\n", "", "tree 0: \"num_cat\" is missing"},
      {"leaf_value=1 -2 0.25\n", "leaf_value=1 -2\n",
       "tree 0: \"leaf_value\": expected 3 numbers, number 3 here, got \"\""},
      {"leaf_value=1 -2 0.25\n", "leaf_value=1 -2 0.25 4\n",
       "tree 0: \"leaf_value\": expected 3 numbers and no more, got \"4\""},
      {"leaf_value=1 -2 0.25\n", "leaf_value=1 2,5 1\n",
       "tree 0: \"leaf_value\": expected 3 numbers, number 2 here, got \"2,5 1\""},
      {"leaf_value=1 -2", "leaf_value=1 -2e999",
       "tree 0: \"leaf_value\": expected 3 numbers, number 2 here, got \"-2e999 0.25\""},
      {"num_leaves=3", "num_leaves=2000000000",
       "tree 0: \"leaf_value\": expected 2000000000 numbers, got \"1 -2 0.25\""},
      {"num_leaves=3", "num_leaves=0", "tree 0: \"num_leaves\": expected at least 1, got \"0\""},
      {"num_leaves=3", "num_leaves=3\nnum_leaves=3", "tree 0: \"num_leaves\" is said twice"},
      {"left_child=1 -1", "left_child=1 0", "tree 0: node 0 is reached twice"},
      {"left_child=1 -1", "left_child=1 -4", "tree 0: expected leaf below 3, got 3"},
      {"split_feature=0 1", "split_feature=0 2",
       "tree 0: node 1: expected a feature below 2, got 2"},
      {"threshold=0.5 0", "threshold=0.5 1",
       "tree 0: \"threshold\": expected a bit set below 1, got 1"},
      {"threshold=0.5 0", "threshold=0.5 0.5",
       "tree 0: \"threshold\": expected a bit set below 1, got 0.5"},
      {"threshold=0.5 0", "threshold=nan 0", "tree 0: node 0: expected a threshold, got NaN"},
      {"decision_type=10 1", "decision_type=12 1",
       "tree 0: \"decision_type\": expected 0 to 11, got 12"},
      {"cat_boundaries=0 1", "cat_boundaries=0 2",
       "tree 0: \"cat_threshold\": expected 2 numbers, got \"5\""},
      {"cat_boundaries=0 1", "cat_boundaries=1 1",
       "tree 0: \"cat_boundaries\": expected ascending numbers from 0, got \"1 1\""},
      {"num_cat=1", "num_cat=18446744073709551615",
       "tree 0: \"cat_boundaries\": expected fewer bit sets, got \"0 1\""},
      {"is_linear=0", "is_linear=1", "tree 1: \"leaf_const\" is missing"},
  };
  for (const auto& c : cases) {
    const auto model = parse_lightgbm(changed(c.from, c.to));
    ASSERT_FALSE(model.ok()) << c.message;
    EXPECT_EQ(model.error().message(), c.message);
  }
}

TEST(LightGbmTest, HoldsTreesToTheirSizes) {
  const std::string text = read(kGoldens / "multiclass.txt");
  ASSERT_TRUE(parse_lightgbm(text).ok());
  const auto message = [](std::string_view spoilt) {
    const auto model = parse_lightgbm(spoilt);
    return model.ok() ? "accepted" : model.error().message();
  };
  const std::size_t last = text.find("Tree=8");
  EXPECT_EQ(message(text.substr(0, last)), "expected 9 trees, got 8");
  const std::size_t leaf = text.find("shrinkage", last);
  EXPECT_TRUE(message(text.substr(0, leaf)).starts_with("tree 8: expected ")) << "cut short";
  std::string more = text;
  more.insert(text.find("end of trees"), "Tree=9\nnum_leaves=1\nnum_cat=0\nleaf_value=1\n\n\n");
  EXPECT_EQ(message(more), "expected 9 trees, got more");
}

TEST(LightGbmTest, RefusesEveryPrefixThatEndsBeforeItsLastTree) {
  const std::string text = read(kGoldens / "regression.txt");
  const std::size_t end = text.find("end of trees");
  ASSERT_NE(end, std::string::npos);
  for (std::size_t length = 0; length + 2 < end; ++length) {
    ASSERT_FALSE(parse_lightgbm(std::string_view(text).substr(0, length)).ok()) << length;
  }
}

struct GoldenRows {
  std::vector<double> inputs;
  std::vector<double> raw;
};

GoldenRows read_rows(const fs::path& path) {
  GoldenRows rows;
  std::istringstream lines(read(path));
  std::string word;

  for (std::string line; std::getline(lines, line);) {
    std::istringstream values(line);
    auto* side = &rows.inputs;
    while (values >> word) {
      if (word == ";") {
        side = &rows.raw;
      } else {
        side->push_back(std::strtod(word.c_str(), nullptr));
      }
    }
  }
  return rows;
}

// What Booster.predict(raw_score=True) gives: sums, of boosting=rf too.
std::vector<double> raw_scores(const LightGbmModel& model, std::span<const double> rows) {
  const Ensemble& ensemble = model.ensemble;
  std::vector<double> raw(rows.size() / ensemble.features * ensemble.outputs);
  Scratch scratch;
  const auto forest = Forest::make(ensemble);
  EXPECT_TRUE(forest.ok());
  forest->score(rows, raw, scratch);
  return raw;
}

TEST(LightGbmGoldenTest, GivesLightGbmsRawScoresToTheBit) {
  std::size_t models = 0;
  for (const auto& entry : fs::directory_iterator(kGoldens)) {
    if (entry.path().extension() != ".rows") continue;
    SCOPED_TRACE(entry.path().filename().string());
    const auto model = parse_lightgbm(read(fs::path(entry.path()).replace_extension(".txt")));
    ASSERT_TRUE(model.ok()) << model.error().message();
    const GoldenRows rows = read_rows(entry.path());
    const auto raw = raw_scores(*model, rows.inputs);
    ASSERT_EQ(raw.size(), rows.raw.size());
    for (std::size_t i = 0; i < raw.size(); ++i) {
      EXPECT_EQ(std::bit_cast<std::uint64_t>(raw[i]), std::bit_cast<std::uint64_t>(rows.raw[i]))
          << "score " << i << ": " << raw[i] << " instead of " << rows.raw[i];
    }
    ++models;
  }
  EXPECT_GE(models, 12U);
}

class LightGbmMaterialTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* material = std::getenv("SOOTH_MATERIAL");
    const fs::path root = material != nullptr ? fs::path(material)
                                              : fs::path(SOOTH_SOURCE_DIR) / "../shared/material";
    folder_ = root / "trees/jpmml-lightgbm";
    if (!fs::exists(folder_)) GTEST_SKIP() << folder_ << " is absent";
  }

  LightGbmModel model(const std::string& name) const {
    auto parsed = parse_lightgbm(read(folder_ / "lgbm" / (name + ".txt")));
    EXPECT_TRUE(parsed.ok()) << name << ": " << parsed.error().message();
    return *std::move(parsed);
  }

  // Column names to values; what is no number is NaN.
  std::vector<std::vector<double>> columns(const std::string& name,
                                           const std::vector<std::string>& names) const {
    std::istringstream lines(read(folder_ / "csv" / (name + ".csv")));
    std::vector<std::vector<double>> out(names.size());
    std::vector<std::string> header;
    for (std::string line; std::getline(lines, line);) {
      std::vector<std::string> cells;
      std::istringstream parts(line);
      for (std::string cell; std::getline(parts, cell, ',');) cells.push_back(cell);
      if (header.empty()) {
        header = cells;
        continue;
      }
      for (std::size_t i = 0; i < names.size(); ++i) {
        const auto at = std::find(header.begin(), header.end(), names[i]);
        const std::string& cell = cells.at(static_cast<std::size_t>(at - header.begin()));
        out[i].push_back(cell == "N/A" ? kNaN : std::strtod(cell.c_str(), nullptr));
      }
    }
    return out;
  }

  std::vector<double> margins(const std::string& name, const std::string& csv) const {
    const LightGbmModel read_model = model(name);
    const auto inputs = columns(csv, read_model.feature_names);
    std::vector<double> rows;
    for (std::size_t row = 0; row < inputs[0].size(); ++row) {
      for (const auto& column : inputs) rows.push_back(column[row]);
    }
    auto raw = raw_scores(read_model, rows);
    if (read_model.average_output) {
      for (double& sum : raw) sum /= static_cast<double>(read_model.iterations);
    }
    return raw;
  }

  fs::path folder_;
};

TEST_F(LightGbmMaterialTest, ReadsEveryModel) {
  for (const auto& entry : fs::directory_iterator(folder_ / "lgbm")) {
    const std::string name = entry.path().filename().string();
    const auto parsed = parse_lightgbm(read(entry.path()));
    ASSERT_TRUE(parsed.ok()) << name << ": " << parsed.error().message();
    const bool linear = name.starts_with("LinearTree");
    EXPECT_EQ(parsed->linear.size(), linear ? parsed->ensemble.trees.size() : 0U) << name;
    EXPECT_TRUE(Forest::make(parsed->ensemble).ok());
  }
}

// The expected probabilities are printed shortest-round-trip; log and exp here may differ from
// LightGBM's by a rounding.
constexpr double kClose = 1e-14;

TEST_F(LightGbmMaterialTest, AgreesOnMulticlass) {
  const std::pair<const char*, const char*> cases[] = {{"ClassificationIris", "Iris"},
                                                       {"ClassificationIrisNA", "IrisNA"},
                                                       {"RFClassificationIris", "Iris"}};
  for (const auto& [name, csv] : cases) {
    const auto raw = margins(name, csv);
    const auto wanted = columns(name, {"probability(0)", "probability(1)", "probability(2)"});
    for (std::size_t row = 0; row < wanted[0].size(); ++row) {
      const double* of_row = &raw[row * 3];
      double sum = 0;
      for (std::size_t k = 0; k < 3; ++k) sum += std::exp(of_row[k]);
      for (std::size_t k = 0; k < 3; ++k) {
        EXPECT_NEAR(std::exp(of_row[k]) / sum, wanted[k][row], kClose) << name << " row " << row;
      }
    }
  }
}

TEST_F(LightGbmMaterialTest, AgreesOnBinary) {
  const auto raw = margins("ClassificationVersicolor", "Versicolor");
  const auto wanted = columns("ClassificationVersicolor", {"probability(1)"})[0];
  ASSERT_EQ(raw.size(), wanted.size());
  for (std::size_t row = 0; row < raw.size(); ++row) {
    EXPECT_NEAR(1 / (1 + std::exp(-raw[row])), wanted[row], kClose) << "row " << row;
  }
}

TEST_F(LightGbmMaterialTest, AgreesOnRegressionWithMissingValues) {
  const auto raw = margins("RegressionHousingNA", "HousingNA");
  const auto wanted = columns("RegressionHousingNA", {"_target"})[0];
  ASSERT_EQ(raw.size(), wanted.size());
  for (std::size_t row = 0; row < raw.size(); ++row) EXPECT_EQ(raw[row], wanted[row]);
}

}  // namespace
}  // namespace forest
