#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
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

// What the statistics of one node say.
struct XgbStat {
  float gain = 0;
  float cover = 0;
};
// Adds the decisions of a tree that make_xgb_tree has taken: a statistic for each node.
void add_xgb_splits(std::span<const XgbNode> nodes, std::span<const XgbStat> stats,
                    XgbModel& model);

// The binary form, with "binf" before it or not. What follows it is let be.
base::Result<XgbModel> read_xgb_binary(std::string_view bytes, bool with_splits);
// Whether bytes without a mark begin as that form does: it starts with numbers alone.
bool looks_like_xgb_binary(std::string_view bytes);

}  // namespace forest
