// Accepted means safe to score: whatever parse_lightgbm takes, the traversal scores like the
// definition, to the bit.

#include <bit>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string_view>
#include <vector>

#include "forest/lightgbm.h"
#include "forest/plain_score.h"
#include "forest/summary.h"
#include "forest/traversal.h"

namespace {

constexpr std::size_t kRows = 14;
constexpr std::size_t kFeaturesMax = 4096;
constexpr std::size_t kOutputsMax = 4096;

// Values near those that models and rows have in common.
double value_at(std::uint64_t seed) {
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

bool same(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) || (a != a && b != b);
}

void compare(const forest::Ensemble& ensemble, std::uint64_t seed) {
  const auto forest = forest::Forest::make(ensemble);
  if (!forest.ok()) std::abort();
  std::vector<double> rows(kRows * ensemble.features);
  for (double& x : rows) x = value_at(seed++);
  std::vector<double> raw(kRows * ensemble.outputs);
  forest::Scratch scratch;
  forest->score(rows, raw, scratch);
  for (std::size_t row = 0; row < kRows; ++row) {
    const auto wanted = forest::plain_score(
        ensemble, std::span(rows).subspan(row * ensemble.features, ensemble.features));
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (!same(raw[row * ensemble.outputs + i], wanted[i])) std::abort();
    }
  }
  std::vector<double> alone(ensemble.outputs);
  forest->score(std::span(rows).first(ensemble.features), alone, scratch);
  for (std::size_t i = 0; i < alone.size(); ++i) {
    if (!same(alone[i], raw[i])) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto model = forest::parse_lightgbm(text, {.iterations_max = size % 3});
  if (!model.ok()) return 0;
  const forest::Ensemble& ensemble = model->ensemble;
  if (forest::describe(forest::summarize(ensemble)).empty()) std::abort();
  if (ensemble.features <= kFeaturesMax && ensemble.outputs <= kOutputsMax) {
    compare(ensemble, size);
  }
  return 0;
}
