#pragma once

#include <cstddef>
#include <string>

#include "forest/ensemble.h"

namespace forest {

// What a person wants to know of an ensemble before running it.
struct Summary {
  std::size_t trees = 0;
  std::size_t nodes = 0;        // Decisions.
  std::size_t categorical = 0;  // Decisions of them on a set of categories.
  std::size_t leaves = 0;
  std::size_t depth = 0;  // Decisions on the longest way to a leaf.
  std::size_t features = 0;
  std::size_t outputs = 0;

  friend bool operator==(const Summary&, const Summary&) = default;
};

// Precondition: check(ensemble).
Summary summarize(const Ensemble& ensemble);

// "100 trees, 225074 decisions, 225174 leaves, depth 37, 30 features, 2 outputs".
std::string describe(const Summary& summary);

}  // namespace forest
