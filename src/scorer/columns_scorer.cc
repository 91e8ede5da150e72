#include "scorer/columns_scorer.h"

#include <optional>
#include <utility>

#include "sklearn/model.h"

namespace scorer {

base::Result<ColumnsScorer> ColumnsScorer::make(const sklearn::Model& model,
                                                const std::vector<std::string>& columns) {
  ColumnsScorer made;
  std::optional<base::Error> first;
  for (const plan::Method method : model.methods()) {
    auto plan = model.compile(method);
    if (!plan.ok() && model.takes_any_columns(method)) {
      if (columns.empty()) {
        return base::Error(base::Code::Unsupported,
                           "columns of a row: expected to be said by the model, by \"columns\" in "
                           "sooth.yaml or by example rows, got none");
      }
      made.took_columns_ = true;
      plan = model.compile(method, columns);
    }
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
