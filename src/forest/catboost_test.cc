#include "forest/catboost.h"

#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "forest/catboost_columns.h"
#include "forest/traversal.h"

namespace forest {
namespace {

constexpr double kAbsent = std::numeric_limits<double>::quiet_NaN();

std::string cbm_bytes(const std::string& name) {
  std::ifstream file(
      std::string(SOOTH_SOURCE_DIR "/tests/fuzz/corpus/forest_catboost_fuzz/") + name,
      std::ios::binary);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

CatModel parsed_cbm(const std::string& name) {
  auto model = parse_catboost(cbm_bytes(name));
  EXPECT_TRUE(model.ok()) << (model.ok() ? "" : model.error().message());
  return model.ok() ? *std::move(model) : CatModel();
}

std::vector<double> answers_of(const CatModel& model, const std::vector<double>& rows) {
  const auto forest = Forest::make(model.ensemble);
  EXPECT_TRUE(forest.ok());
  const std::size_t outputs = model.ensemble.outputs;
  std::vector<double> raw(rows.size() / model.ensemble.features * outputs);
  Scratch scratch;
  forest->score(rows, raw, scratch);
  for (std::size_t i = 0; i < raw.size(); ++i) {
    raw[i] = raw[i] * model.scale + model.biases[i % outputs];
  }
  return raw;
}

TEST(CatboostTest, AddsUpAsCatboostDoesToTheBit) {
  const std::vector<double> rows = {0.3,     -0.2, 1.5,  -1.2, kAbsent, 0.1,
                                    kAbsent, 0.9,  -0.4, 2.5,  -1.1,    kAbsent};
  EXPECT_EQ(answers_of(parsed_cbm("binary.cbm"), rows),
            (std::vector<double>{0.5170835863450991, -0.3956377397275752, -0.3956377397275752,
                                 0.9353842399398703}));
  EXPECT_EQ(answers_of(parsed_cbm("multi.cbm"), rows),
            (std::vector<double>{-0.2201346491382096, 0.8364630756237836, -0.6163284264855766,
                                 0.2991981943219651, 0.4339193356176421, -0.7331175299396104,
                                 0.2991981943219651, 0.4339193356176421, -0.7331175299396104,
                                 -0.29598158889117676, -0.2959815888911767, 0.5919631777823535}));
  EXPECT_EQ(answers_of(parsed_cbm("steps.cbm"), rows),
            (std::vector<double>{1.0931872444064776, 0.6804888354924867, 0.6804888354924867,
                                 1.6626262486583054}));
}

TEST(CatboostTest, ComputesStatisticsOfCategories) {
  const CatModel model = parsed_cbm("categories.cbm");
  ASSERT_EQ(model.names, (std::vector<std::string>{"k", "j", "x"}));
  ASSERT_EQ(model.category_columns, (std::vector<std::size_t>{0, 1}));
  const char* categories[][2] = {{"a", "1"}, {"b", "2"}, {"zz", "77"}};
  const double numbers[] = {0.3, kAbsent, -1.0};
  std::vector<double> rows;
  for (std::size_t i = 0; i < 3; ++i) {
    std::vector<double> row(model.ensemble.features);
    row[0] = numbers[i];
    CatScratch scratch;
    for (const char* category : categories[i]) scratch.hashes.push_back(catboost_hash(category));
    fill_category_columns(model, scratch, row);
    rows.insert(rows.end(), row.begin(), row.end());
  }
  EXPECT_EQ(answers_of(model, rows),
            (std::vector<double>{-0.1809955166160061, -0.4864284030351602, -0.4864284030351602}));
}

TEST(CatboostTest, HashesAsCatboostDoes) {
  EXPECT_EQ(static_cast<std::uint32_t>(catboost_hash("35")), 1551952625U);
  EXPECT_EQ(static_cast<std::uint32_t>(catboost_hash("a")), 3489901818U);
  EXPECT_EQ(catboost_hash("Female"), -2114564283);
  EXPECT_EQ(catboost_hash("Protective-serv"), -2075156126);
  EXPECT_EQ(catboost_hash("Married-civ-spouse"), -2019910086);
  EXPECT_EQ(catboost_hash("?"), -1576664757);
}

TEST(CatboostTest, KnowsClassesAndLoss) {
  const CatModel model = parsed_cbm("multi.cbm");
  EXPECT_EQ(model.loss, "MultiClass");
  EXPECT_EQ(std::get<std::vector<std::int64_t>>(model.classes),
            (std::vector<std::int64_t>{0, 1, 2}));
  EXPECT_TRUE(is_catboost(cbm_bytes("multi.cbm")));
  EXPECT_FALSE(is_catboost("CBM2"));
}

TEST(CatboostTest, RefusesFilesCutShort) {
  for (const char* name : {"binary.cbm", "categories.cbm"}) {
    const std::string whole = cbm_bytes(name);
    for (std::size_t size = 0; size + 1 < whole.size(); size += 13) {
      EXPECT_FALSE(parse_catboost(std::string_view(whole).substr(0, size)).ok()) << name << size;
    }
  }
}

// Whatever a byte becomes, the file is refused or its trees are whole.
TEST(CatboostTest, TakesNoDamagedFileForMoreThanItIs) {
  for (const char* name : {"steps.cbm", "categories.cbm"}) {
    std::string bytes = cbm_bytes(name);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
      const char before = bytes[at];
      bytes[at] = static_cast<char>(before ^ 0x55);
      const auto model = parse_catboost(bytes);
      if (model.ok()) {
        EXPECT_TRUE(check(model->ensemble).ok());
      }
      bytes[at] = before;
    }
  }
}

}  // namespace
}  // namespace forest
