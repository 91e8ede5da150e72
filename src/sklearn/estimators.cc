#include "sklearn/estimators.h"

#include <array>

#include <fmt/format.h>

#include "sklearn/column_selector.h"
#include "sklearn/compose.h"
#include "sklearn/ensemble.h"
#include "sklearn/feature_extraction.h"
#include "sklearn/impute.h"
#include "sklearn/lightgbm.h"
#include "sklearn/linear_model.h"
#include "sklearn/pipeline.h"
#include "sklearn/preprocessing.h"
#include "sklearn/tree.h"

namespace sklearn {
namespace {

constexpr Entry kEstimators[] = {
    {"lightgbm", "LGBMClassifier", read_lgbm_classifier},
    {"lightgbm", "LGBMRegressor", read_lgbm_regressor},
    {"lightgbm", "Booster", read_lgbm_booster},
    {"sklearn.compose", "ColumnTransformer", read_column_transformer},
    {"sklearn.ensemble", "ExtraTreesClassifier", read_forest_classifier},
    {"sklearn.ensemble", "ExtraTreesRegressor", read_forest_regressor},
    {"sklearn.ensemble", "RandomForestClassifier", read_forest_classifier},
    {"sklearn.ensemble", "RandomForestRegressor", read_forest_regressor},
    {"sklearn.feature_extraction", "CountVectorizer", read_count_vectorizer},
    {"sklearn.feature_extraction", "HashingVectorizer", read_hashing_vectorizer},
    {"sklearn.feature_extraction", "TfidfTransformer", read_tfidf_transformer},
    {"sklearn.feature_extraction", "TfidfVectorizer", read_tfidf_vectorizer},
    {"sklearn.impute", "SimpleImputer", read_simple_imputer},
    {"sklearn.linear_model", "LogisticRegression", read_logistic_regression},
    {"sklearn.linear_model", "LogisticRegressionCV", read_logistic_regression},
    {"sklearn.pipeline", "FeatureUnion", read_feature_union},
    {"sklearn.pipeline", "Pipeline", read_pipeline},
    {"sklearn.preprocessing", "FunctionTransformer", read_function_transformer},
    {"sklearn.preprocessing", "Imputer", read_simple_imputer},
    {"sklearn.preprocessing", "OneHotEncoder", read_one_hot_encoder},
    {"sklearn.preprocessing", "StandardScaler", read_standard_scaler},
    {"sklearn.tree", "DecisionTreeClassifier", read_tree_classifier},
    {"sklearn.tree", "DecisionTreeRegressor", read_tree_regressor},
    {"sklearn.tree", "ExtraTreeClassifier", read_tree_classifier},
    {"sklearn.tree", "ExtraTreeRegressor", read_tree_regressor},
    {"sklearn2pmml", "PMMLPipeline", read_pipeline},
};

}  // namespace

std::span<const Entry> estimators() { return kEstimators; }

base::Result<Read> find_reader(const Object& object) {
  const std::string package = object.package();
  for (const Entry& entry : kEstimators) {
    if (entry.package == package && entry.class_name == object.class_name()) return entry.read;
  }
  if (is_column_selector(object)) return Read(read_column_selector);
  return base::Error(base::Code::Unsupported,
                     fmt::format("{}.{}: this class is not one that can be run", object.module(),
                                 object.class_name()));
}

}  // namespace sklearn
