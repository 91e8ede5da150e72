#pragma once

#include <memory>
#include <string>
#include <vector>

#include "forest/catboost.h"
#include "plan/step.h"

namespace boosters {

// Cells of a row to what a CatBoost model's trees read: its numbers, the positions of one-hot
// categories, and statistics of the target by category. A missing category is none that was seen.
class CategoryColumns final : public plan::Step {
 public:
  // Precondition: the model was parsed, so that it names only features that it has.
  explicit CategoryColumns(std::shared_ptr<const forest::CatModel> model)
      : model_(std::move(model)) {}
  std::string describe() const override;
  std::unique_ptr<plan::State> make_state() const override;
  base::Result<void> run(const plan::Inputs& in, plan::Buffer& out,
                         plan::State* state) const override;
  double row_ns() const override;

 private:
  std::shared_ptr<const forest::CatModel> model_;
};

}  // namespace boosters
