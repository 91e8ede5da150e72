#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sklearn_values/words.h"

namespace sklearn {

struct Importances {
  std::vector<double> values;
  bool single = false;  // Of single precision, as is what is made of them.
};

// How much a fitted estimator makes of each feature, as feature selection asks for it: the norm of
// coef_ over its rows, or feature_importances_, which trees do not keep and their nodes tell.
// `getter`: "auto", the name of the attribute, or a path to it through parts of a pipeline.
base::Result<Importances> read_importances(const Object& object, std::string_view getter,
                                           double norm_order);

// Whether the default threshold for this estimator is that of an l1 penalty, almost zero.
bool has_l1_penalty(const Object& object);

// Whether the estimator lets NaN through to itself (its allow_nan tag), as far as its class tells.
bool takes_missing(const Object& object);

// numpy.argsort of kind "mergesort".
std::vector<std::size_t> ascending(const std::vector<double>& values);

// The `count` most important; of equals the first.
std::vector<bool> best_by_importance(const std::vector<double>& scores, std::size_t count);

// As NumPy rounds them: sums in pairs of eight. At least one value.
double mean_of(const Importances& importances);
double median_of(Importances importances);

// "1.25 " as Python's float() reads it.
std::optional<double> parse_scale(std::string_view text);

}  // namespace sklearn
