// Accepted means safe to score: whatever parse_lightgbm takes, the traversal scores like the
// definition, to the bit.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "forest/fuzz_rows.h"
#include "forest/lightgbm.h"
#include "forest/summary.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto model = forest::parse_lightgbm(text, {.iterations_max = size % 3});
  if (!model.ok()) return 0;
  const forest::Ensemble& ensemble = model->ensemble;
  if (forest::describe(forest::summarize(ensemble)).empty()) std::abort();
  forest::compare_with_definition(ensemble, size);
  return 0;
}
