#include "scorer/columns_scorer.h"

#include <optional>
#include <utility>

#include "sklearn/model.h"

namespace scorer {

base::Result<ColumnsScorer> ColumnsScorer::make(const sklearn::Model& model) {
  ColumnsScorer made;
  std::optional<base::Error> first;
  for (const plan::Method method : model.methods()) {
    auto plan = model.compile(method);
    if (!plan.ok()) {
      if (!first) first = plan.error();
      continue;
    }
    made.methods_.push_back(method);
    made.plans_.emplace(method, std::make_shared<const plan::Plan>(*std::move(plan)));
  }
  if (!made.methods_.empty()) return made;
  return first.value_or(
      base::Error(base::Code::Unsupported, "model: expected a method to call, got none"));
}

}  // namespace scorer
