#include "sklearn/model.h"

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "data/frame.h"
#include "fitted/test_pickle.h"
#include "pickle/document.h"

namespace sklearn {
namespace {

using fitted::test_pickle::array;
using fitted::test_pickle::Attributes;
using fitted::test_pickle::bytes_of;
using fitted::test_pickle::dict;
using fitted::test_pickle::flag;
using fitted::test_pickle::get;
using fitted::test_pickle::global;
using fitted::test_pickle::integer;
using fitted::test_pickle::Items;
using fitted::test_pickle::list;
using fitted::test_pickle::none;
using fitted::test_pickle::number;
using fitted::test_pickle::object;
using fitted::test_pickle::put;
using fitted::test_pickle::text;
using fitted::test_pickle::tuple;

base::Result<Model> read(const std::string& value) {
  const std::string file = fitted::test_pickle::file(value);
  const auto document = pickle::Document::read(base::as_bytes(file));
  if (!document.ok()) return document.error();
  return Model::read(document->root(), {});
}

std::string refusal(const std::string& value) {
  const auto model = read(value);
  return model.ok() ? "accepted" : model.error().message();
}

// What compiling the first method says.
std::string compile_refusal(const std::string& value) {
  const auto model = read(value);
  if (!model.ok()) return model.error().message();
  const auto plan = model->compile(model->methods().front());
  return plan.ok() ? "accepted" : plan.error().message();
}

// The attributes with one of them changed, or left out where `value` is empty.
Attributes with(Attributes attributes, const std::string& name, const std::string& value) {
  std::erase_if(attributes, [&](const auto& each) { return each.first == name; });
  if (!value.empty()) attributes.emplace_back(name, value);
  return attributes;
}

const Attributes kLogistic = {{"coef_", array({1, 2}, {1, -2})},
                              {"intercept_", array({1}, {0.5})},
                              {"classes_", list({text("no"), text("yes")})},
                              {"solver", text("lbfgs")}};
const Attributes kScaler = {{"with_mean", flag(true)},
                            {"with_std", flag(true)},
                            {"mean_", array({2}, {1, 2})},
                            {"scale_", array({2}, {4, 8})}};
const Attributes kEncoder = {{"handle_unknown", text("error")},
                             {"categories_", list({list({text("a"), text("b"), text("c")})})}};
const Attributes kImputer = {{"strategy", text("mean")}, {"statistics_", array({2}, {1, 2})}};
const Attributes kHasher = {{"analyzer", text("word")},
                            {"lowercase", flag(true)},
                            {"binary", flag(false)},
                            {"n_features", integer(8)},
                            {"ngram_range", tuple({integer(1), integer(1)})}};

std::string logistic(const Attributes& attributes = kLogistic) {
  return object("sklearn.linear_model._logistic", "LogisticRegression", attributes);
}
std::string scaler(const Attributes& attributes = kScaler) {
  return object("sklearn.preprocessing._data", "StandardScaler", attributes);
}
std::string encoder(const Attributes& attributes = kEncoder) {
  return object("sklearn.preprocessing._encoders", "OneHotEncoder", attributes);
}
std::string imputer(const Attributes& attributes = kImputer) {
  return object("sklearn.impute._base", "SimpleImputer", attributes);
}
std::string hasher(const Attributes& attributes = kHasher) {
  return object("sklearn.feature_extraction.text", "HashingVectorizer", attributes);
}
std::string feature_union(const Items& parts) {
  return object("sklearn.pipeline", "FeatureUnion", {{"transformer_list", list(parts)}});
}
std::string pipeline(const Items& estimators) {
  Items steps;
  for (const std::string& each : estimators) steps.push_back(tuple({text("s"), each}));
  return object("sklearn.pipeline", "Pipeline", {{"steps", list(steps)}});
}

// What one row of numbers gives.
std::vector<double> score(const Model& model, plan::Method method, const std::vector<double>& row) {
  const auto plan = model.compile(method);
  EXPECT_TRUE(plan.ok()) << (plan.ok() ? "" : plan.error().message());
  if (!plan.ok()) return {};
  data::Frame frame(plan->signature());
  frame.add_row();
  for (std::size_t c = 0; c < row.size(); ++c) frame.set_number(0, c, row[c]);
  plan::Plan::Scratch scratch(*plan);
  const auto answer = plan->run(frame, scratch);
  EXPECT_TRUE(answer.ok()) << (answer.ok() ? "" : answer.error().message());
  if (!answer.ok()) return {};
  if (plan->output().form == plan::Form::Dense) return (*answer)->dense.values;
  std::vector<double> spread((*answer)->sparse.columns);
  const auto indices = (*answer)->sparse.row_indices(0);
  for (std::size_t k = 0; k < indices.size(); ++k) {
    spread[indices[k]] = (*answer)->sparse.row_values(0)[k];
  }
  return spread;
}

std::vector<double> score(const std::string& value, plan::Method method,
                          const std::vector<double>& row) {
  const auto model = read(value);
  EXPECT_TRUE(model.ok()) << (model.ok() ? "" : model.error().message());
  return model.ok() ? score(*model, method, row) : std::vector<double>();
}

// As Model::read_file reads it in place; the document is gone once it returns.
base::Result<Model> read_in_place(const std::shared_ptr<const std::string>& file) {
  const base::Bytes bytes = base::as_bytes(*file);
  return Model::read_file(bytes, nullptr, {}, {.in_place = {bytes, file}});
}

TEST(ModelTest, ReadsCoefficientsInPlaceAndKeepsTheirFile) {
  for (const bool sparse : {false, true}) {
    const std::string value =
        sparse ? pipeline({hasher(with(kHasher, "n_features", integer(2))), logistic()})
               : pipeline({scaler(), logistic()});
    const auto file = std::make_shared<const std::string>(fitted::test_pickle::file(value));
    auto model = read_in_place(file);
    ASSERT_TRUE(model.ok()) << model.error().message();
    EXPECT_EQ(file.use_count(), 2);
    if (sparse) {
      // Sparse rows want them in another order, and the file is not needed any more.
      EXPECT_TRUE(model->compile(plan::Method::Predict).ok());
      EXPECT_EQ(file.use_count(), 1);
    } else {
      EXPECT_EQ(score(*model, plan::Method::DecisionFunction, {5, 10}), std::vector<double>{-0.5});
      EXPECT_EQ(score(*model, plan::Method::Predict, {5, 10}), std::vector<double>{0});
    }
  }
}

TEST(ModelTest, CopiesCoefficientsThatDoNotLieInTheFile) {
  const auto file = std::make_shared<const std::string>(
      fitted::test_pickle::file(pipeline({scaler(), logistic()})));
  const auto elsewhere = std::make_shared<const std::string>("other bytes");
  const auto model = Model::read_file(base::as_bytes(*file), nullptr, {},
                                      {.in_place = {base::as_bytes(*elsewhere), elsewhere}});
  ASSERT_TRUE(model.ok());
  EXPECT_EQ(elsewhere.use_count(), 1);
  EXPECT_EQ(score(*model, plan::Method::Predict, {5, 10}), std::vector<double>{0});
}

TEST(ModelTest, AnswersEachMethodThatTheEstimatorHas) {
  const std::string model = pipeline({scaler(), logistic()});
  EXPECT_EQ(score(model, plan::Method::DecisionFunction, {5, 10}), std::vector<double>{-0.5});
  const double p = 1 / (1 + std::exp(0.5));
  EXPECT_EQ(score(model, plan::Method::PredictProba, {5, 10}), (std::vector<double>{1 - p, p}));
  EXPECT_EQ(score(model, plan::Method::Predict, {5, 10}), std::vector<double>{0});
  const auto read_model = read(model);
  ASSERT_TRUE(read_model.ok());
  const auto refused = read_model->compile(plan::Method::Transform);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message(), "sklearn.pipeline.Pipeline: it has no transform");
}

TEST(ModelTest, NamesTheColumnsOfAnAnswerByClass) {
  const auto model = read(logistic());
  ASSERT_TRUE(model.ok());
  const auto plan = model->compile(plan::Method::PredictProba);
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->output().names,
            (std::vector<std::string>{"predict_proba(no)", "predict_proba(yes)"}));
}

struct Refusal {
  std::string name;
  std::string value;
  std::string message;
};

class ModelRefusalTest : public ::testing::TestWithParam<Refusal> {};

TEST_P(ModelRefusalTest, NamesClassAttributeExpectedAndGot) {
  EXPECT_EQ(refusal(GetParam().value), "model: " + GetParam().message);
}

const std::string kIsLogistic = "sklearn.linear_model.LogisticRegression ";
const std::string kIsScaler = "sklearn.preprocessing.StandardScaler ";
const std::string kIsEncoder = "sklearn.preprocessing.OneHotEncoder ";

INSTANTIATE_TEST_SUITE_P(
    Attributes, ModelRefusalTest,
    ::testing::Values(
        Refusal{"not_an_object", integer(7), "expected a fitted estimator, got 7"},
        Refusal{"other_class", object("sklearn.cluster._mine", "Mine", {}),
                "sklearn.cluster._mine.Mine: this class is not one that can be run"},
        Refusal{
            "absent", logistic(with(kLogistic, "coef_", "")),
            kIsLogistic + R"("coef_": expected this attribute of a fitted estimator, got none)"},
        Refusal{"not_a_matrix", logistic(with(kLogistic, "coef_", text("x"))),
                kIsLogistic + R"("coef_": expected a matrix of numbers, got "x")"},
        Refusal{"three_dimensions", logistic(with(kLogistic, "coef_", array({1, 1, 1}, {1}))),
                kIsLogistic + R"("coef_": expected a matrix of numbers, got f64[1, 1, 1])"},
        Refusal{"empty_matrix", logistic(with(kLogistic, "coef_", array({5, 0}, {}))),
                kIsLogistic + R"("coef_": expected at least one number, got f64[5, 0])"},
        Refusal{"rows", logistic(with(kLogistic, "coef_", array({3, 2}, {1, 2, 3, 4, 5, 6}))),
                kIsLogistic + R"("coef_": expected rows for 2 classes, got 3)"},
        Refusal{"intercepts", logistic(with(kLogistic, "intercept_", array({2}, {1, 2}))),
                kIsLogistic + R"("intercept_": expected 1 numbers, got 2)"},
        Refusal{"labels", logistic(with(kLogistic, "classes_", list({text("a"), integer(1)}))),
                kIsLogistic + R"("classes_": expected labels of one type, got a list of 2)"},
        Refusal{"not_a_flag", scaler(with(kScaler, "with_mean", text("yes"))),
                kIsScaler + R"("with_mean": expected True or False, got "yes")"},
        Refusal{"other_width", scaler(with(kScaler, "scale_", array({3}, {1, 2, 3}))),
                kIsScaler + R"("scale_": expected 2 numbers, got 3)"},
        Refusal{"negative_width",
                scaler({{"with_mean", flag(false)},
                        {"with_std", flag(false)},
                        {"n_features_in_", integer(-1)}}),
                kIsScaler + R"("n_features_in_": expected a number of features, got -1)"},
        Refusal{"mixed_categories",
                encoder(with(kEncoder, "categories_", list({list({text("a"), integer(1)})}))),
                kIsEncoder +
                    R"("categories_": expected numbers or texts, not both in one column, got 1)"},
        Refusal{"dropped_too_far", encoder(with(kEncoder, "drop_idx_", list({integer(3)}))),
                kIsEncoder + R"("drop_idx_": expected a position of a category, got 3)"},
        Refusal{"dropped_group_too_far",
                encoder(with(with(kEncoder, "_drop_idx_after_grouping", list({integer(2)})),
                             "_default_to_infrequent_mappings",
                             list({list({integer(0), integer(0), integer(0)})}))),
                kIsEncoder + R"("drop_idx_": expected a position of a category, got 2)"},
        Refusal{"groups_of_other_columns",
                encoder(with(kEncoder, "_default_to_infrequent_mappings", list({none(), none()}))),
                kIsEncoder + R"("_default_to_infrequent_mappings": expected 1 elements, got 2)"},
        Refusal{
            "imputed_text", imputer(with(kImputer, "missing_values", text("?"))),
            R"(sklearn.impute.SimpleImputer "missing_values": expected NaN or a number, got ?)"},
        Refusal{
            "hashed_to_nothing", hasher(with(kHasher, "n_features", integer(0))),
            R"(sklearn.feature_extraction.HashingVectorizer "n_features": expected 1 to 2147483647, got 0)"},
        Refusal{
            "own_tokenizer", hasher(with(kHasher, "tokenizer", global("nltk", "tokenize"))),
            R"(sklearn.feature_extraction.HashingVectorizer "tokenizer": expected None, got nltk.tokenize)"},
        Refusal{
            "function",
            object("sklearn.preprocessing._function_transformer", "FunctionTransformer",
                   {{"func", global("mine", "clean")}}),
            R"(sklearn.preprocessing.FunctionTransformer "func": expected None or a function of NumPy )"
            "for each number, got mine.clean"},
        Refusal{"no_steps", pipeline({}),
                R"(sklearn.pipeline.Pipeline "steps": expected at least one step, got none)"}),
    [](const auto& test) { return test.param.name; });

TEST(ModelTest, RemembersEveryProblemWithItsPath) {
  const std::string model =
      pipeline({object("sklearn.cluster._dbscan", "DBSCAN", {}), scaler(),
                feature_union({tuple({text("a"), object("mine", "Step", {})})}), logistic()});
  const std::string file = fitted::test_pickle::file(model);
  const auto document = pickle::Document::read(base::as_bytes(file));
  ASSERT_TRUE(document.ok());
  const auto problems = find_problems(document->root(), {});
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_EQ(problems[0].path, R"(model.steps[0] "s")");
  EXPECT_EQ(problems[1].path, R"(model.steps[2] "s".transformer_list[0] "a")");
  EXPECT_EQ(problems[1].error.message(),
            "mine.Step: this class is not one that can be run; where it answers as one that can, "
            "say so: --class mine.Step=PACKAGE.CLASS");
  EXPECT_EQ(refusal(model),
            R"(model.steps[0] "s": sklearn.cluster.DBSCAN: expected an estimator that answers for )"
            "new rows, got one that has no predict or transform, only fit_predict (and 1 more: "
            "see `sooth inspect`)");
}

// Only of a class that nobody published is it worth a try to say what it answers as.
TEST(ModelTest, HintsAtNoOtherClassForAPublishedOne) {
  const std::string published = object("ngboost.api", "NGBClassifier", {});
  EXPECT_EQ(refusal(published),
            "model: ngboost.api.NGBClassifier: this class is not one that can be run");
}

// What a class of the model's owner answers as, its owner says.
std::string said(const std::string& model, const std::string& from, const std::string& as) {
  const std::string file = fitted::test_pickle::file(model);
  const auto document = pickle::Document::read(base::as_bytes(file));
  if (!document.ok()) return document.error().message();
  const auto read = Model::read(document->root(), {.classes = {{from, as}}});
  return read.ok() ? read->title() : read.error().message();
}

TEST(ModelTest, AClassOfTheOwnersAnswersAsItsOwnerSays) {
  const std::string mine = object("__main__", "Mine", kLogistic);
  const std::string of_library = "sklearn.linear_model._logistic.LogisticRegression";
  EXPECT_EQ(said(mine, "__main__.Mine", of_library), "__main__.Mine");
  EXPECT_EQ(said(mine, "__main__.Mine", "sklearn.linear_model.LogisticRegression"),
            "__main__.Mine");
  EXPECT_EQ(said(mine, "__main__.Mine", "mine.Model"),
            "model: __main__.Mine: expected it to answer as a class that can be run, got "
            "\"mine.Model\"");
  EXPECT_EQ(said(mine, "__main__.Other", of_library),
            "model: __main__.Mine: this class is not one that can be run; where it answers as one "
            "that can, say so: --class __main__.Mine=PACKAGE.CLASS");
  // What is run anyway stays what it is, and is what its attributes say.
  EXPECT_EQ(said(scaler(), "sklearn.preprocessing._data.StandardScaler", of_library),
            "sklearn.preprocessing.StandardScaler");
}

TEST(ModelTest, ABoostersOwnFileHoldsNoClassOfItsOwners) {
  constexpr std::string_view kText = "tree\nversion=v4\n";
  const auto model = Model::read_file(base::as_bytes(kText), nullptr, {},
                                      {.classes = {{"__main__.Mine", "lightgbm.LGBMRegressor"}}});
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.error().code(), base::Code::Invalid);
  EXPECT_EQ(model.error().message(),
            "--class or \"classes\": expected none of a booster's own model file, which holds no "
            "class of yours, got \"__main__.Mine\"");
}

TEST(ModelTest, RefusesAnEstimatorThatContainsItself) {
  // The union is kept before its state is set, and its state names it.
  const std::string part = tuple({text("me"), get(1)});
  const std::string model = global("sklearn.pipeline", "FeatureUnion") + ")\x81" + put(1) +
                            dict({{"transformer_list", list({part, part, part})}}) + "b";
  EXPECT_NE(refusal(model).find("expected at most 100000 estimators, 64 deep"), std::string::npos);
}

TEST(ModelTest, RefusesNestingThatIsTooDeep) {
  std::string model = scaler();
  for (int i = 0; i < 63; ++i) model = pipeline({model});
  EXPECT_EQ(compile_refusal(model), "accepted");
  EXPECT_NE(refusal(pipeline({model})).find("64 deep"), std::string::npos);
}

// The model has `width` columns of its own and is shared 3^levels times.
std::string shared(std::int64_t width, unsigned levels) {
  const std::vector<double> ones(static_cast<std::size_t>(width), 1.0);
  std::string model = scaler(
      {{"with_mean", flag(true)}, {"with_std", flag(false)}, {"mean_", array({width}, ones)}});
  for (unsigned level = 0; level < levels; ++level) {
    const std::string again = tuple({text("b"), get(level)});
    model = feature_union({tuple({text("a"), model + put(level)}), again, again});
  }
  return model;
}

TEST(ModelTest, RefusesSharedPartsThatUnfoldToFarMoreThanTheFile) {
  EXPECT_EQ(compile_refusal(shared(1000, 2)), "accepted");
  EXPECT_NE(refusal(shared(1000, 9)).find("expected shared parts that unfold to at most 16 times"),
            std::string::npos);
}

// An array of `count` records of no bytes.
std::string empty_records(std::int64_t count) {
  const std::string dtype =
      global("numpy", "dtype") + tuple({text("V0"), integer(0), integer(1)}) + "R" +
      tuple({integer(3), text("|"), none(), none(), none(), integer(0), integer(1), integer(0)}) +
      "b";
  return global("numpy.core.multiarray", "_reconstruct") +
         tuple({global("numpy", "ndarray"), tuple({integer(0)}), text("b")}) + "R" +
         tuple({integer(1), tuple({integer(count)}), dtype, flag(false),
                "B" + bytes_of(0, 4, false)}) +
         "b";
}

TEST(ModelTest, TakesNoRoomForTreesThatCostTheFileNothing) {
  const std::string tree =
      object("sklearn.tree._classes", "DecisionTreeRegressor",
             {{"tree_", object("sklearn.tree._tree", "Tree", {{"nodes", empty_records(65'536)}})}});
  const std::string forest = object("sklearn.ensemble._forest", "RandomForestRegressor",
                                    {{"n_features_in_", integer(1)},
                                     {"n_outputs_", integer(1)},
                                     {"estimators_", list(Items(2000, tree))}});
  EXPECT_NE(refusal(forest).find("no field \"left_child\""), std::string::npos) << refusal(forest);
}

TEST(ModelTest, RefusesWidthsThatCostTheFileNothing) {
  const Attributes wide = {{"with_mean", flag(false)},
                           {"with_std", flag(false)},
                           {"n_features_in_", integer(2'000'000'000)}};
  EXPECT_EQ(compile_refusal(scaler(wide)),
            "sklearn.preprocessing.StandardScaler: number of input columns: expected at most "
            "1000000, got 2000000000");
  EXPECT_EQ(compile_refusal(hasher(with(kHasher, "n_features", integer(2'147'483'647)))),
            "sklearn.feature_extraction.HashingVectorizer: expected an answer of at most 4194304 "
            "columns, got 2147483647");
  const std::string hashed =
      tuple({text("h"), hasher(with(kHasher, "n_features", integer(2'147'483'647)))});
  EXPECT_EQ(compile_refusal(feature_union({hashed, hashed})),
            "sklearn.pipeline.FeatureUnion: features: expected at most 2147483647, got more");
}

TEST(ModelTest, GroupsAndDropsCategoriesAsTheReleaseDid) {
  const auto grouped = [](const Attributes& more) {
    Attributes attributes = kEncoder;
    attributes[1].second = list({list({number(1), number(2), number(3)})});
    attributes.emplace_back("_default_to_infrequent_mappings",
                            list({list({integer(1), integer(0), integer(1)})}));
    attributes.insert(attributes.end(), more.begin(), more.end());
    return encoder(attributes);
  };
  using Row = std::vector<double>;
  const auto transform = [](const std::string& model, double value) {
    return score(model, plan::Method::Transform, {value});
  };
  EXPECT_EQ(transform(grouped({}), 1), (Row{0, 1}));
  EXPECT_EQ(transform(grouped({}), 2), (Row{1, 0}));
  // From 1.3 on there are two attributes; 1.1 and 1.2 had one, which counted groups as well.
  const Attributes newer = {{"_drop_idx_after_grouping", list({integer(0)})},
                            {"drop_idx_", list({integer(1)})}};
  EXPECT_EQ(transform(grouped(newer), 2), Row{0});
  EXPECT_EQ(transform(grouped(newer), 3), Row{1});
  EXPECT_EQ(transform(grouped({{"drop_idx_", list({integer(0)})}}), 2), Row{0});
}

TEST(ModelTest, DropsFeaturesWithoutStatisticsUnlessTheReleaseKeptThem) {
  const auto constant = [](std::string_view release) {
    return imputer({{"strategy", text("constant")},
                    {"statistics_", list({number(7), number(std::nan(""))})},
                    {"_sklearn_version", text(release)}});
  };
  EXPECT_EQ(score(constant("1.9.1"), plan::Method::Transform, {std::nan(""), 5}),
            std::vector<double>{7});
  EXPECT_EQ(score(constant("1.7.2"), plan::Method::Transform, {std::nan(""), 5}),
            (std::vector<double>{7, 5}));
}

const Attributes kNormalizer = {{"norm", text("l2")}};

std::string normalizer() {
  return object("sklearn.preprocessing._data", "Normalizer", kNormalizer);
}

std::string steps_of(const Items& steps) {
  Items named;
  for (const std::string& step : steps) named.push_back(tuple({text("step"), step}));
  return object("sklearn.pipeline", "Pipeline", {{"steps", list(named)}});
}

TEST(ModelTest, TakesAsManyColumnsAsComeWhereNobodySaysHowMany) {
  const auto model = read(normalizer());
  ASSERT_TRUE(model.ok()) << model.error().message();
  EXPECT_TRUE(model->takes_any_columns(plan::Method::Transform));
  EXPECT_EQ(
      compile_refusal(normalizer()),
      "sklearn.preprocessing.Normalizer: number of input columns: expected n_features_in_, got "
      "none");
  const auto plan = model->compile(plan::Method::Transform, {"a", "b"});
  ASSERT_TRUE(plan.ok()) << plan.error().message();
  EXPECT_EQ(plan->output().names, (std::vector<std::string>{"a", "b"}));
}

TEST(ModelTest, LearnsTheNumberOfColumnsFromALaterStep) {
  const auto behind = read(steps_of({normalizer(), logistic()}));
  ASSERT_TRUE(behind.ok()) << behind.error().message();
  EXPECT_FALSE(behind->takes_any_columns(plan::Method::Predict));
  const auto plan = behind->compile(plan::Method::Predict, {"a", "b", "c"});
  ASSERT_TRUE(plan.ok()) << plan.error().message();
  EXPECT_EQ(plan->signature().columns.size(), 2U);
  const std::string both =
      object("sklearn.pipeline", "FeatureUnion",
             {{"transformer_list",
               list({tuple({text("a"), normalizer()}), tuple({text("b"), normalizer()})})}});
  const auto odd = read(steps_of({both, object("sklearn.preprocessing._data", "StandardScaler",
                                               {{"with_mean", flag(true)},
                                                {"with_std", flag(false)},
                                                {"mean_", array({3}, {1, 2, 3})}})}));
  ASSERT_TRUE(odd.ok()) << odd.error().message();
  EXPECT_FALSE(odd->compile(plan::Method::Transform).ok());
}

}  // namespace
}  // namespace sklearn
