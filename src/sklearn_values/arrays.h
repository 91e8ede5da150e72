#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "plan_scores/coefficients.h"
#include "sklearn_values/words.h"

// Matrices of an estimator's attributes, where they are read as a whole. Each refusal names the
// attribute and what came.
namespace sklearn {

// rows x columns, row-major, neither of them 0.
struct Numbers {
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::vector<double> values;
};

// An array of two dimensions, or of one, which is one row.
base::Result<Numbers> numbers_of(const Object& object, std::string_view attribute);
// The arrays of two dimensions of a list.
base::Result<std::vector<Numbers>> number_matrices(const Object& object,
                                                   std::string_view attribute);
// The arrays of one dimension of a list.
base::Result<std::vector<std::vector<double>>> number_rows(const Object& object,
                                                           std::string_view attribute);

// Refuses `got` where it is not `expected`: `sklearn.x.Y "coef_": expected 3 rows, got 2`
base::Result<void> same_count(const Object& object, std::string_view attribute,
                              std::size_t expected, std::size_t got);

// "pca0", "pca1", ...: what get_feature_names_out calls columns that have no names of their own.
std::vector<std::string> prefixed_names(const Object& object, std::size_t count);

// `features` x outputs as it is multiplied from the right, and outputs x features as coef_ is.
std::shared_ptr<const plan::Coefficients> by_feature(const Numbers& features_by_outputs);
std::shared_ptr<const plan::Coefficients> by_output(const Numbers& outputs_by_features);

}  // namespace sklearn
