#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "publish/difference.h"
#include "sklearn/outline.h"

namespace publish {

// What fitting has left in two models: attributes that are not the same by what they hold, however
// they were written. Of arrays of numbers of one shape it says how many differ and by how much at
// most, of vocabularies how many entries came and went, of ensembles how many of the estimators are
// others. The files that the outlines are of must live.
std::vector<Difference::Item> compare_learned(const sklearn::Outline& before,
                                              const sklearn::Outline& after);

// The same of LightGBM models as text, which differ in how many trees or in which.
std::vector<Difference::Item> compare_boosters(const std::string& what, std::string_view before,
                                               std::string_view after);

}  // namespace publish
