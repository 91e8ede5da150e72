#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "forest/xgboost.h"
#include "forest/xgboost_tree.h"

namespace forest {

// What the two readers of XGBoost's models (xgboost.cc, xgboost_binary.cc) share.

void add_xgb_tree(Tree tree, std::uint32_t output, XgbModel& model);
// Where the file does not say where iterations begin.
void set_iterations(std::size_t parallel, XgbModel& model);
// dart's weights of trees.
base::Result<void> set_weights(std::vector<float> weights, XgbModel& model);

// The binary form, with "binf" before it or not. What follows it is let be.
base::Result<XgbModel> read_xgb_binary(std::string_view bytes);
// Whether bytes without a mark begin as that form does: it starts with numbers alone.
bool looks_like_xgb_binary(std::string_view bytes);

}  // namespace forest
