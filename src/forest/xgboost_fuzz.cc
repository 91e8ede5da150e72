// Accepted means safe to score: whatever parse_xgboost takes of JSON, UBJSON and the binary form,
// the traversal scores like the definition, to the bit, and a limit leaves a model that it does
// too.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "forest/fuzz_rows.h"
#include "forest/summary.h"
#include "forest/xgboost.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)forest::is_xgboost(bytes);
  auto model = forest::parse_xgboost(bytes);
  // What decisions gained is another's to read, of trees that are safe either way.
  const auto with_splits = forest::parse_xgboost(bytes, true);
  if (with_splits.ok() && !model.ok()) std::abort();
  if (!model.ok()) return 0;
  if (model->booster == "gblinear") return 0;
  if (!model->weights.empty() && model->weights.size() != model->ensemble.trees.size()) {
    std::abort();
  }
  if (forest::describe(forest::summarize(model->ensemble)).empty()) std::abort();
  forest::compare_with_definition(model->ensemble, size);
  forest::keep_first({.iterations_max = 1 + size % 3, .trees_max = size % 2}, *model);
  forest::compare_with_definition(model->ensemble, size + 1);
  return 0;
}
