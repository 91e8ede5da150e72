// Columns that a step casts to pandas' categories, before an XGBoost that was fitted with their
// codes.
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "data/frame.h"
#include "fitted/test_pickle.h"
#include "pickle/document.h"
#include "sklearn/model.h"

namespace sklearn {
namespace {

namespace pickled = fitted::test_pickle;

// One feature of categories and one tree: code 1 answers 2.5, the others, and a missing one, -1.5.
constexpr std::string_view kOldBooster = R"({"version": [2, 0, 3], "learner": {
  "learner_model_param": {"base_score": "0", "num_class": "0", "num_feature": "1"},
  "objective": {"name": "reg:squarederror"}, "feature_names": ["kind"], "feature_types": ["c"],
  "gradient_booster": {"name": "gbtree", "model": {
    "gbtree_model_param": {"num_parallel_tree": "1"}, "tree_info": [0], "trees": [{
      "left_children": [1, -1, -1], "right_children": [2, -1, -1], "split_indices": [0, 0, 0],
      "split_conditions": [0, -1.5, 2.5], "default_left": [1, 0, 0], "split_type": [1, 0, 0],
      "categories": [1], "categories_nodes": [0], "categories_segments": [0],
      "categories_sizes": [1]}]}}}})";

// The same of a release that keeps its categories: "a", "b", "c" have the codes 0, 1, 2.
std::string new_booster() {
  std::string text(kOldBooster);
  text.replace(text.find("2, 0, 3"), 7, "3, 1, 0");
  const std::string_view before = "\"gbtree_model_param\"";
  text.insert(text.find(before),
              R"("cats": {"enc": [{"offsets": [0, 1, 2, 3], "values": [97, 98, 99]}]}, )");
  return text;
}

std::string of_type(const std::string& categories) {
  return pickled::object("pandas.core.dtypes.dtypes", "CategoricalDtype",
                         {{"categories", categories}, {"ordered", pickled::flag(false)}});
}

// A CastTransformer to that type, and the regressor.
std::string pipeline_to(const std::string& dtype,
                        const std::string& model = std::string(kOldBooster)) {
  const std::string handle = "B" + pickled::bytes_of(model.size(), 4, false) + model;
  const std::string booster = pickled::object("xgboost.core", "Booster", {{"handle", handle}});
  const std::string steps = pickled::list(
      {pickled::tuple({pickled::text("cast"),
                       pickled::object("sklearn2pmml.preprocessing", "CastTransformer",
                                       {{"dtype", pickled::text("category")}, {"dtype_", dtype}})}),
       pickled::tuple({pickled::text("model"), pickled::object("xgboost.sklearn", "XGBRegressor",
                                                               {{"_Booster", booster}})})});
  return pickled::object("sklearn.pipeline", "Pipeline", {{"steps", steps}});
}

// The plan of predict, or why there is none.
base::Result<plan::Plan> plan_of(const std::string& value) {
  const std::string file = pickled::file(value);
  TRY_ASSIGN(const auto document, pickle::Document::read(base::as_bytes(file)));
  TRY_ASSIGN(const Model model, Model::read(document.root(), {}));
  return model.compile(plan::Method::Predict);
}

std::vector<double> answers(const plan::Plan& plan, const data::Frame& frame) {
  plan::Plan::Scratch scratch(plan);
  const auto answer = plan.run(frame, scratch);
  return answer.ok() ? (*answer)->dense.values : std::vector<double>();
}

TEST(CastCategoriesTest, TextsHaveTheCodesOfTheirPlacesInTheType) {
  const auto plan =
      plan_of(pipeline_to(of_type(pickled::list({pickled::text("b"), pickled::text("a")}))));
  ASSERT_TRUE(plan.ok()) << plan.error().message();
  ASSERT_EQ(plan->signature().columns.size(), 1U);
  EXPECT_EQ(plan->signature().columns[0].type, data::ColumnType::Text);
  data::Frame frame(plan->signature());
  for (int i = 0; i < 4; ++i) frame.add_row();
  frame.set_text(0, 0, "a");
  frame.set_text(1, 0, "b");
  frame.set_text(2, 0, "none of them");
  EXPECT_EQ(answers(*plan, frame), (std::vector<double>{2.5, -1.5, -1.5, -1.5}));
}

TEST(CastCategoriesTest, SoHaveNumbers) {
  const auto plan =
      plan_of(pipeline_to(of_type(pickled::list({pickled::integer(5), pickled::integer(30)}))));
  ASSERT_TRUE(plan.ok()) << plan.error().message();
  data::Frame frame(plan->signature());
  for (int i = 0; i < 4; ++i) frame.add_row();
  frame.set_number(0, 0, 30);
  frame.set_number(1, 0, 5);
  frame.set_number(2, 0, 1);
  EXPECT_EQ(answers(*plan, frame), (std::vector<double>{2.5, -1.5, -1.5, -1.5}));
}

TEST(CastCategoriesTest, WhatIsNotInTheTypeIsMissingToAReleaseThatKnowsItsCategories) {
  const std::string type = of_type(pickled::list({pickled::text("b"), pickled::text("a")}));
  const auto plan = plan_of(pipeline_to(type, new_booster()));
  ASSERT_TRUE(plan.ok()) << plan.error().message();
  data::Frame frame(plan->signature());
  for (int i = 0; i < 5; ++i) frame.add_row();
  frame.set_text(0, 0, "b");
  frame.set_text(1, 0, "a");
  frame.set_text(2, 0, "c");
  frame.set_text(3, 0, "none of them");
  EXPECT_EQ(answers(*plan, frame), (std::vector<double>{2.5, -1.5, -1.5, -1.5, -1.5}));
}

TEST(CastCategoriesTest, ATypeOfCategoriesThatItDoesNotKnowIsRefused) {
  const std::string type = of_type(pickled::list({pickled::text("a"), pickled::text("emu")}));
  const auto plan = plan_of(pipeline_to(type, new_booster()));
  ASSERT_FALSE(plan.ok());
  EXPECT_EQ(plan.error().message(),
            "sklearn.pipeline.Pipeline: xgboost.XGBRegressor: feature 0: expected a cast to "
            "categories that XGBoost was fitted with, since it refuses every row of others, got "
            "\"emu\" among them");
}

TEST(CastCategoriesTest, ATypeWithoutCategoriesIsRefused) {
  const auto plan = plan_of(pipeline_to(pickled::text("category")));
  ASSERT_FALSE(plan.ok());
  EXPECT_EQ(plan.error().message(),
            "sklearn.pipeline.Pipeline: xgboost.XGBRegressor: feature 0: expected a type with its "
            "categories, or XGBoost 3.1, whose models have them, got a cast to \"category\", whose "
            "codes depend on the other rows of a request");
}

}  // namespace
}  // namespace sklearn
