#include "boosters/catboost_importances.h"

namespace boosters {

base::Result<std::vector<double>> catboost_importances(const fitted::Object& model) {
  constexpr const char* kOfPredictions = "_prediction_values_change";
  constexpr const char* kOfLoss = "_loss_value_change";
  const bool of_predictions = model.has(kOfPredictions);
  const bool of_loss = model.has(kOfLoss);
  if (of_predictions && of_loss) {
    return model.unsupported(kOfLoss, "only one kind of importances", "both");
  }
  if (!of_predictions && !of_loss) {
    return model.unsupported("feature_importances_",
                             "importances that were worked out when it was fitted",
                             "none, as rankers and models with embeddings have it");
  }
  return model.doubles(of_predictions ? kOfPredictions : kOfLoss);
}

}  // namespace boosters
