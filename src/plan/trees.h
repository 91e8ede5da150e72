#pragma once

#include <memory>
#include <string>

#include "forest/traversal.h"
#include "plan/step.h"

namespace plan {

// The raw sums of a forest over dense or sparse rows. It may keep the ensemble that the forest was
// made of, for the pair factorisation, which looks at every node once more.
class Trees final : public Step {
 public:
  Trees(Form form, std::size_t trees, std::shared_ptr<const forest::Forest> forest,
        std::shared_ptr<const forest::Ensemble> ensemble);
  std::string describe() const override;
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State* state) const override;
  double row_ns() const override { return 20 + 40 * static_cast<double>(trees_); }
  bool same_as(const Step& other) const override;

  // Null unless it was kept.
  const std::shared_ptr<const forest::Ensemble>& ensemble() const { return ensemble_; }

 private:
  Form form_;
  std::size_t trees_;
  std::shared_ptr<const forest::Forest> forest_;
  std::shared_ptr<const forest::Ensemble> ensemble_;
};

}  // namespace plan
