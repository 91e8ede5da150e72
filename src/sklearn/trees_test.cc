// What readers of trees and of what is made of trees take, and what they refuse.
#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "data/frame.h"
#include "fitted/test_pickle.h"
#include "pickle/document.h"
#include "sklearn/model.h"

namespace sklearn {
namespace {

namespace made = fitted::test_pickle;
using TreeAnswer = std::vector<double>;

std::string element_type(const std::string& name) {
  return made::global("numpy", "dtype") +
         made::tuple({made::text(name), made::integer(0), made::integer(1)}) + "R" +
         made::tuple({made::integer(3), made::text("<"), made::none(), made::none(), made::none(),
                      made::integer(-1), made::integer(-1), made::integer(0)}) +
         "b";
}

std::string array_of(const made::Items& extents, const std::string& type,
                     const std::string& contents) {
  return made::global("numpy.core.multiarray", "_reconstruct") +
         made::tuple(
             {made::global("numpy", "ndarray"), made::tuple({made::integer(0)}), made::text("b")}) +
         "R" +
         made::tuple({made::integer(1), made::tuple(extents), type, made::flag(false), contents}) +
         "b";
}

// The nodes of a stump, x0 <= 0.5, of which the left leaf had one sample and the right one three.
std::string stump_nodes() {
  const char* const names[] = {"left_child", "right_child", "feature", "threshold",
                               "n_node_samples"};
  made::Items listed;
  made::Attributes fields;
  for (std::int64_t i = 0; i < 5; ++i) {
    listed.push_back(made::text(names[i]));
    fields.emplace_back(names[i],
                        made::tuple({element_type(i == 3 ? "f8" : "i8"), made::integer(8 * i)}));
  }
  const std::string type =
      made::global("numpy", "dtype") +
      made::tuple({made::text("V40"), made::integer(0), made::integer(1)}) + "R" +
      made::tuple({made::integer(3), made::text("|"), made::none(), made::tuple(listed),
                   made::dict(fields), made::integer(40), made::integer(1), made::integer(16)}) +
      "b";
  std::string bytes;
  const auto put_node = [&](std::int64_t left, std::int64_t right, std::int64_t feature,
                            std::int64_t samples) {
    for (const std::int64_t number : {left, right, feature}) {
      bytes += made::bytes_of(static_cast<std::uint64_t>(number), 8, false);
    }
    bytes += made::bytes_of(std::bit_cast<std::uint64_t>(0.5), 8, false);
    bytes += made::bytes_of(static_cast<std::uint64_t>(samples), 8, false);
  };
  put_node(1, 2, 0, 4);
  put_node(-1, -1, -2, 1);
  put_node(-1, -1, -2, 3);
  return array_of({made::integer(3)}, type, "B" + made::bytes_of(bytes.size(), 4, false) + bytes);
}

std::string stump(const std::string& name, const std::vector<std::int64_t>& shape,
                  const TreeAnswer& values, made::Attributes more = {}) {
  more.emplace_back(
      "tree_", made::object("sklearn.tree._tree", "Tree",
                            {{"nodes", stump_nodes()}, {"values", made::array(shape, values)}}));
  return made::object("sklearn.tree._classes", name, more);
}

std::string regression_stump(double left, double right) {
  return stump("DecisionTreeRegressor", {3, 1, 1}, {0, left, right});
}

base::Result<Model> read_made(const std::string& value) {
  const std::string file = made::file(value);
  const auto document = pickle::Document::read(base::as_bytes(file));
  if (!document.ok()) return document.error();
  return Model::read(document->root(), {});
}

std::string tree_refusal(const std::string& value) {
  const auto model = read_made(value);
  return model.ok() ? "accepted" : model.error().message();
}

TreeAnswer tree_answer(const std::string& value, plan::Method method, const TreeAnswer& row) {
  const auto model = read_made(value);
  EXPECT_TRUE(model.ok()) << (model.ok() ? "" : model.error().message());
  if (!model.ok()) return {};
  const auto plan = model->compile(method);
  EXPECT_TRUE(plan.ok()) << (plan.ok() ? "" : plan.error().message());
  if (!plan.ok()) return {};
  data::Frame frame(plan->signature());
  frame.add_row();
  for (std::size_t c = 0; c < row.size(); ++c) frame.set_number(0, c, row[c]);
  plan::Plan::Scratch scratch(*plan);
  const auto buffer = plan->run(frame, scratch);
  EXPECT_TRUE(buffer.ok());
  return buffer.ok() ? (*buffer)->dense.values : TreeAnswer{};
}

made::Attributes boosting(std::vector<std::int64_t> shape, const made::Items& trees) {
  made::Items extents;
  for (const std::int64_t extent : shape) extents.push_back(made::integer(extent));
  return {{"n_features_in_", made::integer(1)},
          {"learning_rate", made::number(0.5)},
          {"init_", made::object("sklearn.dummy", "DummyRegressor",
                                 {{"constant_", made::array({1, 1}, {10})}})},
          {"estimators_", array_of(extents, element_type("O8"), made::list(trees))}};
}

std::string boosted_regressor(const made::Attributes& attributes) {
  return made::object("sklearn.ensemble._gb", "GradientBoostingRegressor", attributes);
}

TEST(TreeReadersTest, AddStagesToWhatTheSumStartsWith) {
  const std::string model =
      boosted_regressor(boosting({2, 1}, {regression_stump(1, 2), regression_stump(3, 6)}));
  EXPECT_EQ(tree_answer(model, plan::Method::Predict, {0}), TreeAnswer{12});
  EXPECT_EQ(tree_answer(model, plan::Method::Predict, {1}), TreeAnswer{14});
  EXPECT_EQ(tree_answer(model, plan::Method::Apply, {0}), (TreeAnswer{1, 1}));
  EXPECT_EQ(tree_answer(model, plan::Method::Apply, {1}), (TreeAnswer{2, 2}));
}

// As scikit-learn's apply has one dimension for a tree, and two for a forest of one.
TEST(TreeReadersTest, SayWhichLeavesAreOneDimension) {
  const auto is_flat = [](const std::string& value, plan::Method method) {
    const auto model = read_made(value);
    EXPECT_TRUE(model.ok()) << (model.ok() ? "" : model.error().message());
    const auto plan = model->compile(method);
    return plan->output().names.size() == 1 && plan->output().flat;
  };
  const std::string forest = made::object("sklearn.ensemble._forest", "RandomForestRegressor",
                                          {{"n_features_in_", made::integer(1)},
                                           {"n_outputs_", made::integer(1)},
                                           {"estimators_", made::list({regression_stump(1, 2)})}});
  const std::string tree =
      stump("DecisionTreeRegressor", {3, 1, 1}, {0, 1, 2},
            {{"n_features_in_", made::integer(1)}, {"n_outputs_", made::integer(1)}});
  EXPECT_TRUE(is_flat(tree, plan::Method::Apply));
  EXPECT_FALSE(is_flat(tree, plan::Method::Predict));
  EXPECT_FALSE(is_flat(forest, plan::Method::Apply));
}

TEST(TreeReadersTest, RefuseStagesOfAnotherShape) {
  EXPECT_EQ(tree_refusal(boosted_regressor(
                boosting({1, 2}, {regression_stump(1, 2), regression_stump(3, 6)}))),
            "model: sklearn.ensemble.GradientBoostingRegressor \"estimators_\": expected trees "
            "[stages, 1], got object[1, 2]");
  EXPECT_EQ(tree_refusal(boosted_regressor(
                boosting({1, 1}, {stump("DecisionTreeRegressor", {3, 1, 2}, {1, 2, 3, 4, 5, 6})}))),
            "model: estimators_[0]: sklearn.tree.DecisionTreeRegressor \"tree_\": expected 1 value "
            "for each node, got 6");
}

std::string counting_tree(const std::string& release) {
  return stump("DecisionTreeClassifier", {3, 1, 2}, {4, 4, 1, 3, 0.25, 0.5},
               {{"_sklearn_version", made::text(release)},
                {"n_features_in_", made::integer(1)},
                {"n_outputs_", made::integer(1)},
                {"classes_", made::list({made::integer(5), made::integer(7)})}});
}

TEST(TreeReadersTest, DivideCountsBefore1_4Alone) {
  EXPECT_EQ(tree_answer(counting_tree("1.3.2"), plan::Method::PredictProba, {0}),
            (TreeAnswer{0.25, 0.75}));
  EXPECT_EQ(tree_answer(counting_tree("1.4.2"), plan::Method::PredictProba, {1}),
            (TreeAnswer{0.25, 0.5}));
  EXPECT_EQ(tree_answer(counting_tree("1.3.2"), plan::Method::Predict, {0}), TreeAnswer{1});
}

TEST(TreeReadersTest, AnswerForEachOutput) {
  const std::string model =
      stump("DecisionTreeClassifier", {3, 2, 3},
            {0, 0, 0, 0, 0, 0, 0.1, 0.9, 0, 0.2, 0.3, 0.5, 1, 0, 0, 1, 0, 0},
            {{"_sklearn_version", made::text("1.9.1")},
             {"n_features_in_", made::integer(1)},
             {"n_outputs_", made::integer(2)},
             {"classes_",
              made::list({made::list({made::integer(0), made::integer(1)}),
                          made::list({made::text("a"), made::text("b"), made::text("c")})})}});
  EXPECT_EQ(tree_answer(model, plan::Method::PredictProba, {0}),
            (TreeAnswer{0.1, 0.9, 0.2, 0.3, 0.5}));
  EXPECT_EQ(tree_answer(model, plan::Method::Predict, {0}), (TreeAnswer{1, 2}));
  EXPECT_EQ(tree_answer(model, plan::Method::Predict, {1}), (TreeAnswer{0, 0}));
}

made::Attributes isolation(const std::string& features) {
  const std::string tree = stump("ExtraTreeRegressor", {3, 1, 1}, {0, 0, 0});
  return {{"_sklearn_version", made::text("1.9.1")},
          {"n_features_in_", made::integer(2)},
          {"_max_features", made::integer(1)},
          {"_max_samples", made::integer(4)},
          {"offset_", made::number(-0.5)},
          {"estimators_", made::list({tree, tree})},
          {"estimators_features_", made::list({features, features})}};
}

std::string isolation_forest(const made::Attributes& attributes) {
  return made::object("sklearn.ensemble._iforest", "IsolationForest", attributes);
}

TEST(TreeReadersTest, CountHowDeepALeafLies) {
  const std::string model = isolation_forest(isolation(made::array({1}, {1})));
  const auto path = [](double n) {
    return 2 * (std::log(n - 1) + std::numbers::egamma) - 2 * (n - 1) / n;
  };
  // Column 1 decides: the trees saw no other.
  EXPECT_DOUBLE_EQ(tree_answer(model, plan::Method::ScoreSamples, {9, 0}).at(0),
                   -std::pow(2, -1 / path(4)));
  EXPECT_DOUBLE_EQ(tree_answer(model, plan::Method::ScoreSamples, {0, 9}).at(0),
                   -std::pow(2, -(1 + path(3)) / path(4)));
  EXPECT_EQ(tree_answer(model, plan::Method::Predict, {9, 0}), TreeAnswer{-1});
  EXPECT_EQ(tree_refusal(isolation_forest(isolation(made::array({1}, {2})))),
            "model: estimators_[0]: node 0: expected a feature below 2, got 2");
  EXPECT_EQ(tree_refusal(isolation_forest(isolation(made::list({})))),
            "model: estimators_[0]: sklearn.ensemble.IsolationForest \"estimators_features_\": "
            "expected more than 0 features, got 0");
}

std::string embedding(const std::string& leaves) {
  return made::object(
      "sklearn.ensemble._forest", "RandomTreesEmbedding",
      {{"n_features_in_", made::integer(1)},
       {"sparse_output", made::flag(false)},
       {"one_hot_encoder_", made::object("sklearn.preprocessing._encoders", "OneHotEncoder",
                                         {{"categories_", made::list({leaves})}})},
       {"estimators_", made::list({stump("ExtraTreeRegressor", {3, 1, 1}, {0, 0, 0})})}});
}

TEST(TreeReadersTest, GiveEachLeafItsColumn) {
  const std::string model = embedding(made::array({2}, {1, 2}));
  EXPECT_EQ(tree_answer(model, plan::Method::Transform, {0}), (TreeAnswer{1, 0}));
  EXPECT_EQ(tree_answer(model, plan::Method::Transform, {1}), (TreeAnswer{0, 1}));
  EXPECT_EQ(
      tree_refusal(embedding(made::array({1}, {1}))),
      "model: estimators_[0]: sklearn.tree.ExtraTreeRegressor \"tree_\": expected a column for "
      "each leaf, got none for leaf 2");
  EXPECT_EQ(tree_refusal(embedding(made::array({2}, {1, 3}))),
            "model: estimators_[0]: sklearn.tree.ExtraTreeRegressor \"tree_\": expected a leaf 3, "
            "got 3");
}

}  // namespace
}  // namespace sklearn
