#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "forest/histogram_tree.h"
#include "plan/categories.h"
#include "sklearn_values/words.h"

namespace sklearn {

// What a HistGradientBoosting knows of features that are categories.
struct HistCategories {
  // Since 1.4 categories of any type are numbered first, one for each feature (of numbers:
  // nothing). Empty: the rows have the categories as numbers already, or there are none.
  std::vector<std::optional<plan::Categories>> encoders;
  // Where the trees' features stand among the columns, if elsewhere: categories come first there.
  std::vector<std::size_t> original;
  std::vector<std::size_t> features;        // Those that rows have as numbers already.
  bool negative_is_missing = true;          // Of the same; since 1.3.
  std::vector<forest::CategoryBits> known;  // By feature of the trees; empty: none has categories.
};

base::Result<HistCategories> read_hist_categories(const Object& object, std::size_t features);

}  // namespace sklearn
