// Accepted means safe to score: whatever parse_catboost takes, columns are computed of any
// categories, and the traversal scores like the definition, to the bit.

#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "forest/catboost.h"
#include "forest/catboost_columns.h"
#include "forest/fuzz_rows.h"
#include "forest/summary.h"

namespace {

void fill_columns(const forest::CatModel& model, std::string_view bytes) {
  forest::CatScratch scratch;
  scratch.hashes.resize(model.category_columns.size());
  for (std::size_t f = 0; f < scratch.hashes.size(); ++f) {
    scratch.hashes[f] = forest::catboost_hash(bytes.substr(f % (bytes.size() + 1), f % 130));
  }
  std::vector<double> row(model.ensemble.features);
  for (std::size_t i = 0; i < row.size(); ++i) row[i] = forest::fuzz_value(i + bytes.size());
  forest::fill_category_columns(model, scratch, row);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto model = forest::parse_catboost(bytes);
  if (!model.ok()) return 0;
  if (forest::describe(forest::summarize(model->ensemble)).empty()) std::abort();
  if (model->ensemble.features <= forest::kFuzzFeaturesMax) fill_columns(*model, bytes);
  forest::compare_with_definition(model->ensemble, size);
  return 0;
}
