#pragma once

#include <bit>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <span>
#include <vector>

#include "forest/plain_score.h"
#include "forest/traversal.h"

// For fuzz targets: scores rows near those that a model knows, and aborts where the traversal does
// not agree with the definition to the bit.
namespace forest {

inline constexpr std::size_t kFuzzRows = 14;
inline constexpr std::size_t kFuzzFeaturesMax = 4096;
inline constexpr std::size_t kFuzzOutputsMax = 4096;

// Values near those that models and rows have in common.
inline double fuzz_value(std::uint64_t seed) {
  seed = (seed + 0x9E3779B97F4A7C15U) * 0xBF58476D1CE4E5B9U;
  seed ^= seed >> 29U;
  switch (seed % 8) {
    case 0: return std::numeric_limits<double>::quiet_NaN();
    case 1: return 0;
    case 2: return static_cast<double>(seed >> 58U);
    case 3: return std::bit_cast<double>(seed * 0x94D049BB133111EBU);
    default: return static_cast<double>(static_cast<std::int64_t>(seed)) * 0x1p-62;
  }
}

inline bool same_or_nan(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) || (a != a && b != b);
}

// Precondition: check(ensemble).
inline void compare_with_definition(const Ensemble& ensemble, std::uint64_t seed) {
  if (ensemble.features > kFuzzFeaturesMax || ensemble.outputs > kFuzzOutputsMax) return;
  const auto forest = Forest::make(ensemble);
  if (!forest.ok()) std::abort();
  std::vector<double> rows(kFuzzRows * ensemble.features);
  for (double& x : rows) x = fuzz_value(seed++);
  std::vector<double> raw(kFuzzRows * ensemble.outputs);
  Scratch scratch;
  forest->score(rows, raw, scratch);
  for (std::size_t row = 0; row < kFuzzRows; ++row) {
    const auto wanted =
        plain_score(ensemble, std::span(rows).subspan(row * ensemble.features, ensemble.features));
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (!same_or_nan(raw[row * ensemble.outputs + i], wanted[i])) std::abort();
    }
  }
  std::vector<double> alone(ensemble.outputs);
  forest->score(std::span(rows).first(ensemble.features), alone, scratch);
  for (std::size_t i = 0; i < alone.size(); ++i) {
    if (!same_or_nan(alone[i], raw[i])) std::abort();
  }
}

}  // namespace forest
