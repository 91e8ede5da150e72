#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pickle/value.h"

namespace sklearn {

// What a model file holds, for people: the estimators as a tree, whether they can be run or not.
// Files can share parts so often that the tree never ends, or contain themselves, so it has a
// depth and a size that it does not pass; what is left out says so.
struct Outline {
  std::string name;   // What the part above calls it: `steps[0] "scale"`, "coef_".
  std::string title;  // "sklearn.preprocessing.StandardScaler", "float64[3, 4]".
  // Constructor parameters that are short and not None, as they were given.
  std::vector<std::pair<std::string, std::string>> parameters;
  std::vector<Outline> parts;  // Fitted attributes and nested estimators, in the file's order.
  // Of a part that fitting has left and that has none itself: an array, many estimators. Lives as
  // long as the file it was read from.
  std::optional<pickle::Value> learned;
};

Outline make_outline(pickle::Value root);

// Of a LightGBM Booster: its model as text; nothing of anything else.
std::optional<std::string_view> booster_text(pickle::Value value);

// One line a part, indented below what holds it.
std::string outline_text(const Outline& outline);

// What wrote the file, as far as it says: "scikit-learn 1.9.1", "LightGBM text version v4", and
// the packages whose classes it names.
struct Origin {
  std::vector<std::string> versions;
  std::vector<std::string> packages;
};

Origin find_origin(pickle::Value root);

}  // namespace sklearn
