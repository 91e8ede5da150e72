#pragma once

#include <memory>
#include <string>
#include <vector>

#include "forest/traversal.h"
#include "plan/step.h"

namespace plan {

// The raw sums of a forest over dense or sparse rows: on top of `start`, or of what a second input
// holds, else of zeros. It may keep the ensemble that the forest was made of, for the pair
// factorisation, which looks at every node once more; that ensemble's sums start at zero, so what
// they start with is a tree of it.
class Trees final : public Step {
 public:
  Trees(Form form, std::size_t trees, std::shared_ptr<const forest::Forest> forest,
        std::shared_ptr<const forest::Ensemble> ensemble, std::vector<double> start = {});
  std::string describe() const override;
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State* state) const override;
  double row_ns() const override { return 20 + 40 * static_cast<double>(trees_); }
  bool same_as(const Step& other) const override;

  // Null unless it was kept.
  const std::shared_ptr<const forest::Ensemble>& ensemble() const { return ensemble_; }

 private:
  void begin(const Inputs& in, Matrix& out) const;

  Form form_;
  std::size_t trees_;
  std::shared_ptr<const forest::Forest> forest_;
  std::shared_ptr<const forest::Ensemble> ensemble_;
  std::vector<double> start_;  // Empty: zeros.
};

// The leaf of each tree that a row ends in, by the number that its library gives it.
class Leaves final : public Step {
 public:
  // Precondition: forest->numbered().
  Leaves(Form form, std::shared_ptr<const forest::Forest> forest)
      : form_(form), forest_(std::move(forest)) {}
  std::string describe() const override;
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State* state) const override;
  double row_ns() const override { return 20 + 40 * static_cast<double>(forest_->trees()); }
  bool same_as(const Step& other) const override;

 private:
  Form form_;
  std::shared_ptr<const forest::Forest> forest_;
};

}  // namespace plan
