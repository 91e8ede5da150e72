// What the readers of transformers that prepare features take, and what they refuse.
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "fitted/test_pickle.h"
#include "pickle/document.h"
#include "sklearn/model.h"

namespace sklearn {
namespace {

namespace tp = fitted::test_pickle;

std::string prepared(const std::string& module, const std::string& name,
                     const tp::Attributes& attributes) {
  const std::string file = tp::file(tp::object(module, name, attributes));
  const auto document = pickle::Document::read(base::as_bytes(file));
  if (!document.ok()) return document.error().message();
  const auto model = Model::read(document->root(), {});
  return model.ok() ? "accepted" : model.error().message();
}

std::string refused_preprocessing(const std::string& name, const tp::Attributes& attributes) {
  return prepared("sklearn.preprocessing._data", name, attributes);
}

TEST(PreparationReadersTest, RefuseScalersThatDoNotFitThemselves) {
  EXPECT_EQ(refused_preprocessing("MinMaxScaler", {{"scale_", tp::array({2}, {1, 2})},
                                                   {"min_", tp::array({1}, {1})}}),
            "model: sklearn.preprocessing.MinMaxScaler \"min_\": expected 2 numbers, got 1");
  EXPECT_EQ(refused_preprocessing("RobustScaler", {{"with_centering", tp::flag(true)},
                                                   {"with_scaling", tp::flag(true)},
                                                   {"center_", tp::array({2}, {1, 2})},
                                                   {"scale_", tp::array({1}, {1})}}),
            "model: sklearn.preprocessing.RobustScaler \"scale_\": expected 2 numbers, got 1");
  EXPECT_EQ(refused_preprocessing("Normalizer", {{"norm", tp::text("l3")}}),
            "model: sklearn.preprocessing.Normalizer \"norm\": expected \"l1\", \"l2\" or \"max\", "
            "got l3");
}

TEST(PreparationReadersTest, RefusePolynomialsThatAreTooMany) {
  EXPECT_EQ(refused_preprocessing("PolynomialFeatures", {{"degree", tp::integer(9)},
                                                         {"interaction_only", tp::flag(false)},
                                                         {"include_bias", tp::flag(true)},
                                                         {"n_features_in_", tp::integer(1000)}}),
            "model: sklearn.preprocessing.PolynomialFeatures \"degree\": expected 1 to 50000000 "
            "products, got others of 1000 features");
}

// scikit-learn takes the ends of the third feature where a single spline has none, and fails.
TEST(PreparationReadersTest, RefuseToContinueManySingleSplinesLinearly) {
  const std::string spline = tp::object(
      "scipy.interpolate._bsplines", "BSpline",
      {{"t", tp::array({2}, {0, 1})}, {"c", tp::array({1, 1}, {1})}, {"k", tp::integer(0)}});
  const auto read = [](const tp::Items& splines, const std::string& missing) {
    return prepared("sklearn.preprocessing._polynomial", "SplineTransformer",
                    {{"degree", tp::integer(0)},
                     {"extrapolation", tp::text("linear")},
                     {"handle_missing", tp::text(missing)},
                     {"bsplines_", tp::list(splines)}});
  };
  EXPECT_EQ(read({spline, spline}, "error"), "accepted");
  EXPECT_EQ(read({spline, spline}, "zeros"),
            "model: sklearn.preprocessing.SplineTransformer \"bsplines_\": expected at least 2 "
            "splines, got 1");
  EXPECT_EQ(read({spline, spline, spline}, "error"),
            "model: sklearn.preprocessing.SplineTransformer \"bsplines_\": expected at least 2 "
            "splines, got 1");
}

TEST(PreparationReadersTest, RefuseQuantilesOfOtherReferences) {
  EXPECT_EQ(
      refused_preprocessing("QuantileTransformer", {{"references_", tp::array({2}, {0, 1})},
                                                    {"quantiles_", tp::array({3, 1}, {0, 1, 2})},
                                                    {"output_distribution", tp::text("normal")}}),
      "model: sklearn.preprocessing.QuantileTransformer \"quantiles_\": expected 2 rows, "
      "got 3");
}

TEST(PreparationReadersTest, RefuseEncodersWithoutTheirCategories) {
  EXPECT_EQ(prepared("sklearn.preprocessing._target_encoder", "TargetEncoder",
                     {{"categories_", tp::list({tp::list({tp::text("a"), tp::text("b")})})},
                      {"target_mean_", tp::number(0.5)},
                      {"encodings_", tp::list({tp::array({1}, {0.5})})}}),
            "model: sklearn.preprocessing.TargetEncoder \"encodings_\": expected 2 numbers, got "
            "f64[1]");
  EXPECT_EQ(prepared("sklearn.preprocessing._label", "MultiLabelBinarizer", {}),
            "model: sklearn.preprocessing.MultiLabelBinarizer \"classes_\": expected one label in "
            "a cell, got a set of labels for each row");
}

TEST(PreparationReadersTest, RefuseImputersThatReachBeyondTheirFeatures) {
  const std::string initial =
      tp::object("sklearn.impute._base", "SimpleImputer",
                 {{"statistics_", tp::array({2}, {1, 2})}, {"strategy", tp::text("mean")}});
  const std::string turn = tp::tuple({tp::integer(2), tp::list({tp::integer(0)}), tp::none()});
  EXPECT_EQ(prepared("sklearn.impute._iterative", "IterativeImputer",
                     {{"initial_imputer_", initial},
                      {"n_iter_", tp::integer(1)},
                      {"_min_value", tp::array({2}, {0, 0})},
                      {"_max_value", tp::array({2}, {1, 1})},
                      {"imputation_sequence_", tp::list({turn})}}),
            "model: sklearn.impute.IterativeImputer \"imputation_sequence_\": expected positions "
            "below 2, got a list of 1");
  EXPECT_EQ(prepared("sklearn.impute._base", "MissingIndicator",
                     {{"_n_features", tp::integer(2)}, {"features_", tp::list({tp::integer(2)})}}),
            "model: sklearn.impute.MissingIndicator \"features_\": expected positions below 2, got "
            "2");
}

TEST(PreparationReadersTest, RefuseSketchesAndKeysThatAreAmiss) {
  EXPECT_EQ(prepared("sklearn.kernel_approximation", "PolynomialCountSketch",
                     {{"n_components", tp::integer(2)},
                      {"gamma", tp::number(1)},
                      {"coef0", tp::number(0)},
                      {"indexHash_", tp::array({1, 1}, {3})},
                      {"bitHash_", tp::array({1, 1}, {1})}}),
            "model: sklearn.kernel_approximation.PolynomialCountSketch \"indexHash_\": expected "
            "integers, got f64[1, 1]");
  EXPECT_EQ(prepared("sklearn.feature_extraction._dict_vectorizer", "DictVectorizer",
                     {{"feature_names_", tp::list({tp::text("a"), tp::text("a=b")})},
                      {"separator", tp::text("=")},
                      {"sparse", tp::flag(true)}}),
            "model: sklearn.feature_extraction.DictVectorizer \"feature_names_\": expected numbers "
            "or texts for each key, not both, got \"a\"");
}

TEST(PreparationReadersTest, RefuseTreesOfClustersThatNeverEnd) {
  const std::string node = tp::object("sklearn.cluster._bisect_k_means", "_BisectingTree",
                                      {{"center", tp::array({1}, {0})}, {"label", tp::none()}});
  EXPECT_EQ(prepared("sklearn.cluster._bisect_k_means", "BisectingKMeans",
                     {{"cluster_centers_", tp::array({1, 1}, {0})}, {"_bisecting_tree", node}}),
            "model: sklearn.cluster.BisectingKMeans \"_bisecting_tree\": expected a label of each "
            "leaf, got a sklearn.cluster._bisect_k_means._BisectingTree");
}

// What an encoder calls its features begins with what its column is called: of one long name and
// many categories a small file would make gigabytes.
TEST(PreparationReadersTest, FeaturesOfLongNamesAreCalledByTheirNumbers) {
  const auto first_name = [](std::size_t bytes) {
    const std::string file =
        tp::file(tp::object("sklearn.preprocessing._encoders", "OneHotEncoder",
                            {{"feature_names_in_", tp::list({tp::text(std::string(bytes, 'n'))})},
                             {"categories_", tp::list({tp::list({tp::text("a"), tp::text("b")})})},
                             {"handle_unknown", tp::text("ignore")},
                             {"drop_idx_", tp::none()},
                             {"sparse_output", tp::flag(true)},
                             {"_sklearn_version", tp::text("1.9.1")}}));
    const auto document = pickle::Document::read(base::as_bytes(file));
    EXPECT_TRUE(document.ok());
    const auto model = Model::read(document->root(), {});
    EXPECT_TRUE(model.ok()) << model.error().message();
    return model.ok() ? model->compile(plan::Method::Transform)->output().names[0] : "";
  };
  EXPECT_EQ(first_name(256), std::string(256, 'n') + "_a");
  EXPECT_EQ(first_name(257), "x0");
}

std::vector<std::string> one_hot_names(const std::string& categories, const std::string& release) {
  const std::string file = tp::file(tp::object("sklearn.preprocessing._encoders", "OneHotEncoder",
                                               {{"categories_", tp::list({categories})},
                                                {"handle_unknown", tp::text("ignore")},
                                                {"drop_idx_", tp::none()},
                                                {"sparse_output", tp::flag(true)},
                                                {"_sklearn_version", tp::text(release)}}));
  const auto document = pickle::Document::read(base::as_bytes(file));
  const auto model = Model::read(document->root(), {});
  EXPECT_TRUE(model.ok()) << (model.ok() ? "" : model.error().message());
  if (!model.ok()) return {};
  return model->compile(plan::Method::Transform)->output().names;
}

// As str() of each of them writes it.
TEST(PreparationReadersTest, CategoriesOfSeveralTypesAreCalledEachByItsOwn) {
  const std::string mixed = tp::list({tp::integer(-1), tp::flag(true), tp::number(2.5),
                                      tp::number(3), tp::number(-0.0), tp::none()});
  EXPECT_EQ(
      one_hot_names(mixed, "1.4.2"),
      (std::vector<std::string>{"x0_-1", "x0_True", "x0_2.5", "x0_3.0", "x0_-0.0", "x0_None"}));
  const std::string large = tp::list({tp::integer(1152921504606846977), tp::integer(5)});
  EXPECT_EQ(one_hot_names(large, "1.4.2"),
            (std::vector<std::string>{"x0_1152921504606846977", "x0_5"}));
}

}  // namespace
}  // namespace sklearn
