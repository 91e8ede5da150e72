// What readers of other libraries' transformers take, and what they refuse; and of features chosen
// by what a booster found important.
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "data/frame.h"
#include "fitted/test_pickle.h"
#include "pickle/document.h"
#include "sklearn/model.h"

namespace sklearn {
namespace {

namespace held = fitted::test_pickle;

std::string encoder(const std::string& name, held::Attributes more) {
  more.emplace_back("cols", held::list({held::text("kind")}));
  more.emplace_back("feature_names_in_", held::list({held::text("kind")}));
  return held::object("category_encoders." + name, name, more);
}

// Why there is no plan of transform; empty where there is one.
std::string refusal_of(const std::string& value) {
  const std::string file = held::file(value);
  const auto document = pickle::Document::read(base::as_bytes(file));
  if (!document.ok()) return document.error().message();
  const auto model = Model::read(document->root(), {});
  if (!model.ok()) return model.error().message();
  const auto plan = model->compile(plan::Method::Transform);
  return plan.ok() ? "" : plan.error().message();
}

// What transform makes of one column of texts, a null one for a missing value; or the refusal.
std::string encoded(const std::string& value, const std::vector<const char*>& rows) {
  const std::string file = held::file(value);
  const auto document = pickle::Document::read(base::as_bytes(file));
  const auto model = Model::read(document->root(), {});
  if (!model.ok()) return model.error().message();
  const auto plan = model->compile(plan::Method::Transform);
  if (!plan.ok()) return plan.error().message();
  data::Frame frame(plan->signature());
  for (const char* text : rows) {
    const std::size_t at = frame.add_row();
    if (text != nullptr) frame.set_text(at, 0, text);
  }
  plan::Plan::Scratch scratch(*plan);
  const auto answer = plan->run(frame, scratch);
  if (!answer.ok()) return answer.error().message();
  std::string shown;
  for (const double each : (*answer)->dense.values) {
    shown += std::isnan(each) ? "-" : std::to_string(static_cast<int>(each));
  }
  return shown;
}

std::string hashing(const std::string& buckets, const std::string& method) {
  return encoder("HashingEncoder", {{"n_components", buckets}, {"hash_method", method}});
}

TEST(CompanionReadersTest, HashesTextsAsHashlibDoes) {
  // The last byte of the digest.
  const std::string model = hashing(held::integer(256), held::text("md5"));
  const std::string ant = encoded(model, {"ant"});
  ASSERT_EQ(ant.size(), 256U);
  EXPECT_EQ(ant.find('1'), 0x05U);
  EXPECT_EQ(encoded(model, {"ant", "ant"}), ant + ant);
  EXPECT_NE(encoded(model, {nullptr}).find("\"kind\": expected a text, got a missing value"),
            std::string::npos);
}

TEST(CompanionReadersTest, RefusesHashesThatCannotBeCounted) {
  EXPECT_EQ(
      refusal_of(hashing(held::integer(0), held::text("md5"))),
      "model: category_encoders.HashingEncoder \"n_components\": expected 1 to 1000000, got 0");
  EXPECT_EQ(refusal_of(hashing(held::integer(std::int64_t{1} << 40), held::text("md5"))),
            "model: category_encoders.HashingEncoder \"n_components\": expected 1 to 1000000, got "
            "1099511627776");
  EXPECT_EQ(
      refusal_of(hashing(held::integer(8), held::text("crc32"))),
      "model: category_encoders.HashingEncoder \"hash_method\": expected a hash function that this "
      "machine has, got \"crc32\"");
}

std::string multi_hot(const std::string& places, const std::string& unknown) {
  const std::string column = held::dict(
      {{"col", held::text("kind")},
       {"columns", held::list({held::text("kind_1"), held::text("kind_2"), held::text("kind_3")})},
       {"item_pos", places},
       {"nan_value_pos", held::integer(2)},
       {"unknown_pos", held::none()},
       {"missing_pos", held::none()}});
  return encoder("MultiHotEncoder", {{"mapping", held::list({column})},
                                     {"delimiter", held::text("||")},
                                     {"handle_unknown", held::text(unknown)},
                                     {"handle_missing", held::text("value")}});
}

TEST(CompanionReadersTest, MarksTheItemsOfAText) {
  const std::string places = held::dict({{"red", held::integer(0)}, {"blue", held::integer(1)}});
  const std::vector<const char*> rows = {"red", " blue\xC2\xA0||red", "", nullptr, "||red||||"};
  EXPECT_EQ(encoded(multi_hot(places, "value"), rows), "100110000001100");
  EXPECT_EQ(encoded(multi_hot(places, "value"), {"mauve||blue"}), "010");
  EXPECT_EQ(encoded(multi_hot(places, "return_nan"), {"mauve||blue"}), "---");
  EXPECT_EQ(encoded(multi_hot(places, "error"), {"mauve||blue"}),
            "row 0, column \"kind\": expected items of 2 known ones, got \"mauve\"");
}

TEST(CompanionReadersTest, RefusesAnItemWithoutAColumn) {
  EXPECT_EQ(
      refusal_of(multi_hot(held::dict({{"red", held::integer(3)}}), "value")),
      "model: category_encoders.MultiHotEncoder \"mapping\": expected positions below 3, got 3");
}

// What predict or predict_proba makes of rows of the columns a and b; or the refusal.
std::string answered(const std::string& value, plan::Method method,
                     const std::vector<std::vector<double>>& rows) {
  const std::string file = held::file(value);
  const auto document = pickle::Document::read(base::as_bytes(file));
  const auto model = Model::read(document->root(), {});
  if (!model.ok()) return model.error().message();
  const auto plan = model->compile(method);
  if (!plan.ok()) return plan.error().message();
  data::Frame frame(plan->signature());
  for (const auto& row : rows) {
    const std::size_t at = frame.add_row();
    for (std::size_t c = 0; c < row.size(); ++c) frame.set_number(at, c, row[c]);
  }
  plan::Plan::Scratch scratch(*plan);
  const auto answer = plan->run(frame, scratch);
  if (!answer.ok()) return answer.error().message();
  std::string shown;
  for (const double each : (*answer)->dense.values) shown += fmt::format("{} ", each);
  return shown;
}

constexpr char kPositive[] = "def positive(x):\n\treturn 1 if x > 0 else 0\n";

std::string expression(const std::string& text) {
  return held::object(
      "sklearn2pmml.util", "Expression",
      {{"expr", held::text(text)}, {"function_defs", held::list({held::text(kPositive)})}});
}

std::string expressions(const held::Attributes& of_classes, const std::string& normalization,
                        const held::Items& classes) {
  return held::object("sklearn2pmml.expression", "ExpressionClassifier",
                      {{"class_exprs", held::dict(of_classes)},
                       {"normalization_method", held::text(normalization)},
                       {"classes_", held::list(classes)},
                       {"feature_names_in_", held::list({held::text("a"), held::text("b")})}});
}

TEST(CompanionReadersTest, GivesProbabilitiesOfExpressions) {
  const held::Items two = {held::text("no"), held::text("yes")};
  const held::Items three = {held::text("no"), held::text("perhaps"), held::text("yes")};
  const held::Attributes yes = {{"yes", expression("X['a'] + X['b']")}};
  const held::Attributes no = {{"no", expression("X['a'] + X['b']")}};
  const auto shares = [](const std::string& model, double a, double b) {
    return answered(model, plan::Method::PredictProba, {{a, b}});
  };
  EXPECT_EQ(shares(expressions(yes, "none", two), 0.5, 0.25), "0.25 0.75 ");
  EXPECT_EQ(shares(expressions(yes, "none", two), 2, 0), "0 1 ");
  EXPECT_EQ(shares(expressions(no, "none", two), 0.5, 0.25), "0.75 0.25 ");
  EXPECT_EQ(shares(expressions(yes, "logit", two), 0, 0), "0.5 0.5 ");
  const held::Attributes some = {{"perhaps", expression("X['b']")}, {"no", expression("X['a']")}};
  EXPECT_EQ(shares(expressions(some, "none", three), 0.25, 0.5), "0.25 0.5 0.25 ");
  held::Attributes all = some;
  all.emplace_back("yes", expression("positive(X['a']) * 2"));
  EXPECT_EQ(shares(expressions(all, "simplemax", three), 1, 1), "0.25 0.25 0.5 ");
  EXPECT_EQ(shares(expressions(all, "softmax", three), -1, -1),
            "0.21194155761708544 0.21194155761708544 0.5761168847658291 ");
  EXPECT_EQ(answered(expressions(all, "softmax", three), plan::Method::Predict, {{0, 3}, {5, 3}}),
            "1 0 ");
}

TEST(CompanionReadersTest, WantsAsManyExpressionsAsClassesNeed) {
  const held::Items three = {held::text("no"), held::text("perhaps"), held::text("yes")};
  const held::Attributes last = {{"perhaps", expression("X[0]")}, {"yes", expression("X[0]")}};
  EXPECT_EQ(refusal_of(expressions(last, "none", three)),
            "model: sklearn2pmml.ExpressionClassifier \"class_exprs\": expected one each "
            "for 2 of 3 classes, got dict");
  EXPECT_EQ(refusal_of(expressions({{"maybe", expression("X[0]")}}, "softmax", three)),
            "model: sklearn2pmml.ExpressionClassifier \"class_exprs\": expected keys of "
            "classes_, got \"maybe\"");
}

TEST(CompanionReadersTest, GivesTheScoreOfTheFirstRuleThatHolds) {
  const auto rule = [](const std::string& predicate, const std::string& score) {
    return held::tuple({held::text(predicate), score});
  };
  const auto rules = [](const held::Items& items, const std::string& otherwise) {
    return held::object("sklearn2pmml.ruleset", "RuleSetClassifier",
                        {{"rules", held::list(items)},
                         {"default_score", otherwise},
                         {"feature_names_in_", held::list({held::text("a"), held::text("b")})}});
  };
  const std::string model =
      rules({rule("X['a'] > 1 and X['b'] > 1", held::text("both")),
             rule("X['a'] > 1", held::text("one")), rule("X['b'] > 1", held::text("one"))},
            held::text("both"));
  EXPECT_EQ(answered(model, plan::Method::Predict, {{2, 2}, {2, 0}, {0, 2}, {0, 0}}), "0 1 1 0 ");
  EXPECT_EQ(refusal_of(rules({rule("X['a'] > 1", held::integer(1))}, held::none())),
            "model: sklearn2pmml.RuleSetClassifier \"default_score\": expected a score for "
            "rows for which no rule holds, got None");
}

std::string chosen_by(const std::string& estimator, const std::string& threshold) {
  return held::object("sklearn.feature_selection._from_model", "SelectFromModel",
                      {{"estimator_", estimator},
                       {"threshold", threshold},
                       {"_sklearn_version", held::text("1.4.2")}});
}

TEST(CompanionReadersTest, ChoosesByWhatCatBoostHasWorkedOut) {
  const std::string model =
      held::object("catboost.core", "CatBoostRegressor",
                   {{"_prediction_values_change",
                     held::list({held::number(70), held::number(10), held::number(20)})}});
  EXPECT_EQ(refusal_of(chosen_by(model, held::text("mean"))), "");
  EXPECT_EQ(
      refusal_of(
          chosen_by(held::object("catboost.core", "CatBoostRanker", {}), held::text("mean"))),
      "model: catboost.CatBoostRanker \"feature_importances_\": expected importances that were "
      "worked out when it was fitted, got none, as rankers and models with embeddings have "
      "it");
}

// One tree of one decision, by the second of three features.
std::string booster(std::string_view more) {
  const std::string text =
      R"({"version": [3, 2, 0], "learner": {
  "learner_model_param": {"base_score": "0", "num_class": "0", "num_feature": "3"},
  "objective": {"name": "reg:squarederror"},
  "gradient_booster": {"name": "gbtree", "model": {
    "gbtree_model_param": {"num_parallel_tree": "1"}, "tree_info": [0], "trees": [{
      "left_children": [1, -1, -1], "right_children": [2, -1, -1], "split_indices": [1, 0, 0],
      "split_conditions": [0.5, -1.5, 2.5], "default_left": [1, 0, 0])" +
      std::string(more) + "}]}}}}";
  const std::string handle = "B" + held::bytes_of(text.size(), 4, false) + text;
  return held::object("xgboost.sklearn", "XGBRegressor",
                      {{"_Booster", held::object("xgboost.core", "Booster", {{"handle", handle}})},
                       {"importance_type", held::none()}});
}

TEST(CompanionReadersTest, ChoosesByWhatXgboostsTreesGained) {
  constexpr std::string_view kGains = R"(, "loss_changes": [7.5, 0, 0], "sum_hessian": [10, 4, 6])";
  EXPECT_EQ(refusal_of(chosen_by(booster(kGains), held::text("mean"))), "");
  EXPECT_EQ(refusal_of(chosen_by(booster(""), held::text("mean"))),
            "model: xgboost.Booster: tree 0: \"loss_changes\" is missing");
}

}  // namespace
}  // namespace sklearn
