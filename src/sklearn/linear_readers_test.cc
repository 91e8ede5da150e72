// What the readers of linear models, naive Bayes, projections, networks and the simple estimators
// take, and what they refuse.
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "data/frame.h"
#include "fitted/test_pickle.h"
#include "pickle/document.h"
#include "plan/plan.h"
#include "sklearn/model.h"

namespace sklearn {
namespace {

namespace tp = fitted::test_pickle;
using Numbers1 = std::vector<double>;
using plan::Method;

base::Result<Model> read_linear(const std::string& value) {
  const std::string file = tp::file(value);
  const auto document = pickle::Document::read(base::as_bytes(file));
  if (!document.ok()) return document.error();
  return Model::read(document->root(), {});
}

std::string linear_refusal(const std::string& value) {
  const auto model = read_linear(value);
  return model.ok() ? "accepted" : model.error().message();
}

// What the model answers to one row.
base::Result<Numbers1> asked(const std::string& value, Method method, const Numbers1& row) {
  TRY_ASSIGN(const Model model, read_linear(value));
  TRY_ASSIGN(const plan::Plan plan, model.compile(method));
  data::Frame frame(plan.signature());
  frame.add_row();
  for (std::size_t c = 0; c < row.size(); ++c) frame.set_number(0, c, row[c]);
  plan::Plan::Scratch scratch(plan);
  TRY_ASSIGN(const plan::Buffer* answer, plan.run(frame, scratch));
  return answer->dense.values;
}

void expect_answer(const std::string& value, Method method, const Numbers1& row,
                   const Numbers1& expected) {
  const auto answer = asked(value, method, row);
  ASSERT_TRUE(answer.ok()) << answer.error().message();
  ASSERT_EQ(answer->size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR((*answer)[i], expected[i], 1e-14);
}

tp::Attributes changed(tp::Attributes attributes, const std::string& name,
                       const std::string& value) {
  std::erase_if(attributes, [&](const auto& each) { return each.first == name; });
  if (!value.empty()) attributes.emplace_back(name, value);
  return attributes;
}

std::string numbered(const std::vector<std::int64_t>& classes) {
  tp::Items items;
  for (const std::int64_t each : classes) items.push_back(tp::integer(each));
  return tp::list(items);
}

const tp::Attributes kSgd = {{"coef_", tp::array({1, 2}, {1, -2})},
                             {"intercept_", tp::array({1}, {0.5})},
                             {"classes_", numbered({3, 7})},
                             {"loss", tp::text("modified_huber")}};

std::string sgd(const tp::Attributes& attributes = kSgd) {
  return tp::object("sklearn.linear_model._stochastic_gradient", "SGDClassifier", attributes);
}

TEST(LinearReadersTest, GivesProbabilitiesWhereTheLossHasThem) {
  expect_answer(sgd(), Method::PredictProba, {0.5, 0.25}, {0.25, 0.75});
  const auto hinge = read_linear(sgd(changed(kSgd, "loss", tp::text("hinge"))));
  ASSERT_TRUE(hinge.ok());
  EXPECT_EQ(hinge->methods(), (std::vector<Method>{Method::Predict, Method::DecisionFunction}));
}

TEST(LinearReadersTest, RefusesWhatDoesNotFitTogether) {
  const std::string where = "model: sklearn.linear_model.SGDClassifier ";
  EXPECT_EQ(linear_refusal(sgd(changed(kSgd, "classes_", numbered({1, 2, 3})))),
            where + "\"coef_\": expected rows for 3 classes, got 1");
  EXPECT_EQ(linear_refusal(sgd(changed(kSgd, "intercept_", tp::array({3}, {1, 2, 3})))),
            where + "\"intercept_\": expected 1 numbers, got 3");
  EXPECT_EQ(linear_refusal(sgd(changed(kSgd, "loss", ""))),
            where + "\"loss\": expected this attribute of a fitted estimator, got none");
  EXPECT_EQ(linear_refusal(sgd(changed(kSgd, "coef_", tp::array({0, 2}, {})))),
            where + "\"coef_\": expected at least one number, got f64[0, 2]");
}

std::string sparse_coef(std::int64_t columns) {
  const auto integers = [](const std::vector<double>& values) {
    return tp::array({static_cast<std::int64_t>(values.size())}, values);
  };
  return tp::object("scipy.sparse._csr", "csr_matrix",
                    {{"_shape", tp::tuple({tp::integer(1), tp::integer(columns)})},
                     {"indptr", integers({0, 1})},
                     {"indices", integers({1})},
                     {"data", tp::array({1}, {-2})}});
}

TEST(LinearReadersTest, RefusesSparseCoefficientsThatAreNone) {
  EXPECT_NE(linear_refusal(sgd(changed(kSgd, "coef_", sparse_coef(2)))), "accepted");
}

const tp::Attributes kCategorical = {
    {"classes_", numbered({0, 1})},
    {"class_log_prior_", tp::array({2}, {-1, -2})},
    {"feature_log_prob_", tp::list({tp::array({2, 3}, {1, 2, 3, 4, 5, 6})})}};

TEST(LinearReadersTest, ReadsTheCategoriesOfEachFeature) {
  const auto make = [](const tp::Attributes& attributes) {
    return tp::object("sklearn.naive_bayes", "CategoricalNB", attributes);
  };
  expect_answer(make(kCategorical), Method::Predict, {2}, {1});
  const std::string where = "model: sklearn.naive_bayes.CategoricalNB ";
  EXPECT_EQ(linear_refusal(make(changed(kCategorical, "feature_log_prob_",
                                        tp::list({tp::array({3, 1}, {1, 2, 3})})))),
            where + "\"feature_log_prob_\": expected 2 of them, got 3");
  EXPECT_EQ(linear_refusal(make(changed(kCategorical, "feature_log_prob_", tp::list({})))),
            where + "\"feature_log_prob_\": expected at least one feature, got none");
}

TEST(LinearReadersTest, RefusesVariancesThatAreNotThoseOfTheMeans) {
  const tp::Attributes gaussian = {{"classes_", numbered({0, 1})},
                                   {"class_prior_", tp::array({2}, {0.5, 0.5})},
                                   {"theta_", tp::array({2, 2}, {0, 0, 1, 1})},
                                   {"var_", tp::array({2, 2}, {1, 1, 1, 1})}};
  const auto make = [](const tp::Attributes& attributes) {
    return tp::object("sklearn.naive_bayes", "GaussianNB", attributes);
  };
  expect_answer(make(gaussian), Method::PredictProba, {0.5, 0.5}, {0.5, 0.5});
  EXPECT_EQ(linear_refusal(make(changed(gaussian, "var_", tp::array({1, 2}, {1, 1})))),
            "model: sklearn.naive_bayes.GaussianNB \"theta_\": expected 4 of them, got 2");
}

std::string binarizer(const std::string& kind) {
  return tp::object("sklearn.preprocessing._label", "LabelBinarizer",
                    {{"y_type_", tp::text(kind)}, {"classes_", numbered({0, 1})}});
}

tp::Attributes network() {
  return {{"coefs_", tp::list({tp::array({2, 2}, {1, 0, 0, 1}), tp::array({2, 1}, {1, 1})})},
          {"intercepts_", tp::list({tp::array({2}, {0, 0}), tp::array({1}, {-1})})},
          {"activation", tp::text("relu")},
          {"out_activation_", tp::text("logistic")},
          {"_label_binarizer", binarizer("binary")},
          {"classes_", numbered({0, 1})}};
}

TEST(LinearReadersTest, RunsTheLayersOfANetwork) {
  const auto make = [](const tp::Attributes& attributes) {
    return tp::object("sklearn.neural_network._multilayer_perceptron", "MLPClassifier", attributes);
  };
  expect_answer(make(network()), Method::PredictProba, {-5, 1}, {0.5, 0.5});
  expect_answer(make(network()), Method::Predict, {3, -1}, {1});
  const std::string where = "model: sklearn.neural_network.MLPClassifier ";
  EXPECT_EQ(linear_refusal(make(changed(
                network(), "coefs_",
                tp::list({tp::array({2, 2}, {1, 0, 0, 1}), tp::array({3, 1}, {1, 1, 1})})))),
            where + "\"coefs_\": expected 2 of them, got 3");
  EXPECT_EQ(linear_refusal(make(changed(network(), "activation", tp::text("sinus")))),
            where + "\"activation\": expected a function of scikit-learn, got \"sinus\"");
  EXPECT_EQ(linear_refusal(make(changed(network(), "classes_", numbered({0, 1, 2})))),
            where + "\"intercepts_\": expected 3 of them, got 1");
}

TEST(LinearReadersTest, RefusesPointsThatDoNotAscend) {
  const auto make = [](const Numbers1& x) {
    return tp::object("sklearn.isotonic", "IsotonicRegression",
                      {{"X_thresholds_", tp::array({2}, x)},
                       {"y_thresholds_", tp::array({2}, {0, 1})},
                       {"X_min_", tp::number(0)},
                       {"X_max_", tp::number(2)}});
  };
  expect_answer(make({0, 2}), Method::Predict, {1}, {0.5});
  const std::string message =
      "model: sklearn.isotonic.IsotonicRegression \"X_thresholds_\": expected ascending numbers, "
      "got others";
  EXPECT_EQ(linear_refusal(make({2, 0})), message);
  EXPECT_EQ(linear_refusal(make({0, std::nan("")})), message);
}

TEST(LinearReadersTest, RefusesADummyThatDrawsItsAnswers) {
  const auto make = [](const std::string& strategy) {
    return tp::object("sklearn.dummy", "DummyClassifier",
                      {{"strategy", tp::text(strategy)},
                       {"classes_", numbered({5, 6})},
                       {"class_prior_", tp::array({2}, {0.25, 0.75})},
                       {"n_features_in_", tp::integer(1)}});
  };
  expect_answer(make("prior"), Method::PredictProba, {9}, {0.25, 0.75});
  expect_answer(make("most_frequent"), Method::Predict, {9}, {1});
  EXPECT_EQ(linear_refusal(make("uniform")),
            "model: sklearn.dummy.DummyClassifier \"strategy\": expected one that does not draw "
            "its answers, got \"uniform\"");
}

TEST(LinearReadersTest, RefusesRotationsOfOtherFeatures) {
  const tp::Attributes quadratic = {
      {"classes_", numbered({0, 1})},
      {"means_", tp::array({2, 2}, {0, 0, 1, 1})},
      {"priors_", tp::array({2}, {0.5, 0.5})},
      {"rotations_", tp::list({tp::array({2, 1}, {1, 0}), tp::array({2, 1}, {1, 0})})},
      {"scalings_", tp::list({tp::array({1}, {1}), tp::array({1}, {1})})}};
  const auto make = [](const tp::Attributes& attributes) {
    return tp::object("sklearn.discriminant_analysis", "QuadraticDiscriminantAnalysis", attributes);
  };
  expect_answer(make(quadratic), Method::DecisionFunction, {1, 0}, {0.5});
  EXPECT_EQ(linear_refusal(
                make(changed(quadratic, "rotations_",
                             tp::list({tp::array({3, 1}, {1, 0, 0}), tp::array({2, 1}, {1, 0})})))),
            "model: sklearn.discriminant_analysis.QuadraticDiscriminantAnalysis \"rotations_\": "
            "expected 2 of them, got 3");
}

// Read as another class, it is that class: TweedieRegressor has a link of its own, where the others
// of its file have a logarithm.
TEST(LinearReadersTest, AClassAnswersAsTheOneThatItIsSaidToBe) {
  const std::string mine = tp::object("__main__", "Mine",
                                      {{"coef_", tp::array({1}, {2})},
                                       {"intercept_", tp::number(1)},
                                       {"link", tp::text("identity")}});
  const std::string file = tp::file(mine);
  const auto document = pickle::Document::read(base::as_bytes(file));
  ASSERT_TRUE(document.ok());
  ReadOptions options;
  options.classes = {{"__main__.Mine", "sklearn.linear_model.TweedieRegressor"}};
  const auto model = Model::read(document->root(), options);
  ASSERT_TRUE(model.ok()) << model.error().message();
  const auto plan = model->compile(Method::Predict);
  ASSERT_TRUE(plan.ok()) << plan.error().message();
  data::Frame frame(plan->signature());
  frame.add_row();
  frame.set_number(0, 0, 3);
  plan::Plan::Scratch scratch(*plan);
  EXPECT_EQ((*plan->run(frame, scratch))->dense.values, Numbers1{7});
}

}  // namespace
}  // namespace sklearn
