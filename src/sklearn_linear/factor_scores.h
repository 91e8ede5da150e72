#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "plan/builder.h"
#include "plan_scores/coefficients.h"
#include "sklearn_values/words.h"

namespace sklearn {

// score_samples of PCA and FactorAnalysis: the logarithm of the density of a row under the normal
// distribution that the components and the noise make. Its precision is features x features, which
// a file need not hold, so it is made when somebody asks, and not for more than kFeaturesMax; nor
// for a distribution that is flat but for roundings, whose density is one of these.
class FactorScores {
 public:
  static constexpr std::size_t kFeaturesMax = 1024;

  struct Parts {
    std::shared_ptr<const plan::Coefficients> components;  // By feature.
    std::vector<double> mean;
    std::vector<double> variances;  // By which a component's square counts; empty: by 1.
    std::vector<double> noise;      // Of each feature.
    bool by_covariance = false;     // The precision is its inverse, else by the inversion lemma.
  };
  // Null where it cannot be told. Precondition: as many variances as components (or none), as many
  // means and noises as features.
  static std::unique_ptr<const FactorScores> make(Parts parts);

  // Null where it keeps no noise, or the density cannot be told.
  static base::Result<std::unique_ptr<const FactorScores>> of_pca(
      const Object& object, std::shared_ptr<const plan::Coefficients> components);

  // Of rows that were checked.
  base::Result<plan::Port> emit(plan::Builder& builder, const plan::Port& rows) const;

 private:
  struct Precision {
    plan::Matrix matrix;
    double log_determinant = 0;
  };
  explicit FactorScores(Parts parts) : parts_(std::move(parts)) {}
  std::optional<Precision> precision() const;
  std::optional<Precision> inverse_covariance() const;
  plan::Matrix covariance() const;
  bool is_flat() const;

  Parts parts_;
};

}  // namespace sklearn
