#include "sklearn/estimators.h"

#include "boosters/catboost.h"
#include "boosters/lightgbm.h"
#include "boosters/xgboost.h"
#include "companions/category_encoders.h"
#include "companions/column_selector.h"
#include "companions/domains.h"
#include "companions/pmml_lookup.h"
#include "companions/pmml_preprocessing.h"
#include "companions/sklearn_pandas.h"
#include "sklearn/ada_boost.h"
#include "sklearn/bagging.h"
#include "sklearn/calibration.h"
#include "sklearn/cluster.h"
#include "sklearn/compose.h"
#include "sklearn/covariance.h"
#include "sklearn/cross_decomposition.h"
#include "sklearn/decomposition.h"
#include "sklearn/dict_vectorizer.h"
#include "sklearn/dictionary_learning.h"
#include "sklearn/discriminant_analysis.h"
#include "sklearn/distributions.h"
#include "sklearn/dummy.h"
#include "sklearn/encoders.h"
#include "sklearn/ensemble.h"
#include "sklearn/expansions.h"
#include "sklearn/feature_extraction.h"
#include "sklearn/feature_hasher.h"
#include "sklearn/feature_selection.h"
#include "sklearn/fit_only.h"
#include "sklearn/function_transformer.h"
#include "sklearn/gaussian_process.h"
#include "sklearn/gradient_boosting.h"
#include "sklearn/hist_gradient_boosting.h"
#include "sklearn/impute.h"
#include "sklearn/impute_models.h"
#include "sklearn/isolation_forest.h"
#include "sklearn/isotonic.h"
#include "sklearn/kernel_approximation.h"
#include "sklearn/kernel_methods.h"
#include "sklearn/linear_model.h"
#include "sklearn/linear_regressors.h"
#include "sklearn/manifold.h"
#include "sklearn/mixture.h"
#include "sklearn/multiclass.h"
#include "sklearn/multioutput.h"
#include "sklearn/naive_bayes.h"
#include "sklearn/neighbors.h"
#include "sklearn/neural_network.h"
#include "sklearn/one_hot_encoder.h"
#include "sklearn/pipeline.h"
#include "sklearn/random_projection.h"
#include "sklearn/scalers.h"
#include "sklearn/search.h"
#include "sklearn/semi_supervised.h"
#include "sklearn/spline_transformer.h"
#include "sklearn/stacking.h"
#include "sklearn/svm.h"
#include "sklearn/topics.h"
#include "sklearn/tree.h"
#include "sklearn/voting.h"

namespace sklearn {

const fitted::Registry& registry() {
  static const fitted::Registry kRegistry(
      {
          boosters::catboost_entries(),
          boosters::lightgbm_entries(),
          boosters::xgboost_entries(),
          companions::category_encoders_entries(),
          companions::domains_entries(),
          companions::pmml_ensemble_entries(),
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
