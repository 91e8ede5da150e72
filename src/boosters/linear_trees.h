#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "forest/lightgbm.h"
#include "forest/traversal.h"
#include "plan/step.h"

namespace boosters {

// What the leaves of LightGBM's linear trees answer: tree t adds to output t % outputs.
struct LinearModels {
  std::size_t outputs = 1;
  std::vector<forest::LinearLeaves> leaves;  // One for each tree.
  std::vector<std::vector<double>> values;   // Of leaves one of whose features is NaN.
};

// The raw scores of linear trees over dense rows, added up in their order.
class LinearTrees final : public plan::Step {
 public:
  // Precondition: forest->numbered(), by the leaves of `models`.
  LinearTrees(std::shared_ptr<const forest::Forest> forest,
              std::shared_ptr<const LinearModels> models)
      : forest_(std::move(forest)), models_(std::move(models)) {}
  std::string describe() const override;
  std::unique_ptr<plan::State> make_state() const override;
  base::Result<void> run(const plan::Inputs& in, plan::Buffer& out,
                         plan::State* state) const override;
  double row_ns() const override { return 20 + 50 * static_cast<double>(forest_->trees()); }

 private:
  double answer(std::size_t tree, std::size_t leaf, const double* row) const;

  std::shared_ptr<const forest::Forest> forest_;
  std::shared_ptr<const LinearModels> models_;
};

}  // namespace boosters
