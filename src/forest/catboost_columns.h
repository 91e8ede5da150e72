#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "forest/catboost.h"

namespace forest {

// What is kept from row to row, so that nothing is allocated.
struct CatScratch {
  std::vector<std::int32_t> hashes;  // Of the row's categories.
};

// Fills in what a CatBoost model computes of categories: `row` has the float features at its front
// and the hashes of `scratch` are those of its categories; behind the float features go the
// positions of one-hot categories and the statistics.
void fill_category_columns(const CatModel& model, const CatScratch& scratch, std::span<double> row);

}  // namespace forest
