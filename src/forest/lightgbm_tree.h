#pragma once

#include <string_view>

#include "base/result.h"
#include "forest/lightgbm.h"

namespace forest {

// Reads the lines of one tree of LightGBM's text model, without the line "Tree=<i>", and adds it
// to the ensemble: its nodes as a tree that adds to output 0, its bit sets to `ensemble.bits`.
// What it adds has sizes that fit together, but has not passed check(). The linear models of its
// leaves are empty where it has none. For lightgbm.cc alone.
base::Result<void> add_lightgbm_tree(std::string_view lines, LightGbmModel& model);

}  // namespace forest
