#include "sklearn/estimators.h"

#include "boosters/catboost.h"
#include "boosters/lightgbm.h"
#include "boosters/xgboost.h"
#include "companions/category_encoders.h"
#include "companions/column_selector.h"
#include "companions/domains.h"
#include "companions/pmml_expression.h"
#include "companions/pmml_lookup.h"
#include "companions/pmml_preprocessing.h"
#include "companions/sklearn_pandas.h"
#include "sklearn/fit_only.h"
#include "sklearn_linear/covariance.h"
#include "sklearn_linear/cross_decomposition.h"
#include "sklearn_linear/decomposition.h"
#include "sklearn_linear/dictionary_learning.h"
#include "sklearn_linear/discriminant_analysis.h"
#include "sklearn_linear/dummy.h"
#include "sklearn_linear/isotonic.h"
#include "sklearn_linear/linear_model.h"
#include "sklearn_linear/linear_regressors.h"
#include "sklearn_linear/mixture.h"
#include "sklearn_linear/naive_bayes.h"
#include "sklearn_linear/neural_network.h"
#include "sklearn_linear/random_projection.h"
#include "sklearn_linear/topics.h"
#include "sklearn_preparation/dict_vectorizer.h"
#include "sklearn_preparation/distributions.h"
#include "sklearn_preparation/encoders.h"
#include "sklearn_preparation/expansions.h"
#include "sklearn_preparation/feature_extraction.h"
#include "sklearn_preparation/feature_hasher.h"
#include "sklearn_preparation/function_transformer.h"
#include "sklearn_preparation/impute.h"
#include "sklearn_preparation/impute_models.h"
#include "sklearn_preparation/one_hot_encoder.h"
#include "sklearn_preparation/scalers.h"
#include "sklearn_preparation/spline_transformer.h"
#include "sklearn_stored/cluster.h"
#include "sklearn_stored/gaussian_process.h"
#include "sklearn_stored/kernel_approximation.h"
#include "sklearn_stored/kernel_methods.h"
#include "sklearn_stored/manifold.h"
#include "sklearn_stored/neighbors.h"
#include "sklearn_stored/semi_supervised.h"
#include "sklearn_stored/svm.h"
#include "sklearn_trees/ada_boost.h"
#include "sklearn_trees/bagging.h"
#include "sklearn_trees/ensemble.h"
#include "sklearn_trees/gradient_boosting.h"
#include "sklearn_trees/hist_gradient_boosting.h"
#include "sklearn_trees/isolation_forest.h"
#include "sklearn_trees/tree.h"
#include "sklearn_wrappers/calibration.h"
#include "sklearn_wrappers/compose.h"
#include "sklearn_wrappers/feature_selection.h"
#include "sklearn_wrappers/multiclass.h"
#include "sklearn_wrappers/multioutput.h"
#include "sklearn_wrappers/pipeline.h"
#include "sklearn_wrappers/search.h"
#include "sklearn_wrappers/stacking.h"
#include "sklearn_wrappers/voting.h"

namespace sklearn {

// NOLINTNEXTLINE(readability-function-size): a table.
const fitted::Registry& registry() {
  static const fitted::Registry kRegistry(
      {
          boosters::catboost_entries(),
          boosters::lightgbm_entries(),
          boosters::xgboost_entries(),
          companions::category_encoders_entries(),
          companions::domains_entries(),
          companions::pmml_classifiers_entries(),
          companions::pmml_ensemble_entries(),
          companions::pmml_expression_entries(),
          companions::pmml_lookup_entries(),
          companions::pmml_preprocessing_entries(),
          companions::pmml_text_entries(),
          companions::pmml_wrappers_entries(),
          companions::sklearn_pandas_entries(),
          ada_boost_entries(),
          bagging_entries(),
          calibration_entries(),
          cluster_entries(),
          compose_entries(),
          covariance_entries(),
          cross_decomposition_entries(),
          decomposition_entries(),
          dict_vectorizer_entries(),
          dictionary_learning_entries(),
          discriminant_analysis_entries(),
          distribution_entries(),
          dummy_entries(),
          encoder_entries(),
          ensemble_entries(),
          expansion_entries(),
          feature_extraction_entries(),
          feature_hasher_entries(),
          feature_selection_entries(),
          fit_only_entries(),
          function_transformer_entries(),
          gaussian_process_entries(),
          gradient_boosting_entries(),
          hist_gradient_boosting_entries(),
          impute_entries(),
          impute_model_entries(),
          isolation_forest_entries(),
          isotonic_entries(),
          kernel_approximation_entries(),
          kernel_pca_entries(),
          kernel_ridge_entries(),
          linear_model_entries(),
          linear_regressor_entries(),
          manifold_entries(),
          mixture_entries(),
          multiclass_entries(),
          multioutput_entries(),
          naive_bayes_entries(),
          neighbors_entries(),
          neural_network_entries(),
          one_hot_encoder_entries(),
          pipeline_entries(),
          random_projection_entries(),
          scaler_entries(),
          search_entries(),
          semi_supervised_entries(),
          spline_transformer_entries(),
          stacking_entries(),
          svm_entries(),
          topics_entries(),
          tree_entries(),
          voting_entries(),
      },
      {companions::column_selector_guess()});
  return kRegistry;
}

}  // namespace sklearn
