#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"
#include "data/frame.h"
#include "plan/plan.h"

namespace plan {

// Several plans of one model over the same rows: the steps with which they begin alike (all but the
// last of a classifier's predict and predict_proba) are run once.
class Together {
 public:
  // Precondition: at least one plan, and all take the same signature.
  explicit Together(std::span<const Plan* const> plans);

  // Fails where one of the plans does. Precondition: `frame` was made for that signature.
  base::Result<void> run(const data::Frame& frame);
  // What the plan of that place left; valid until run() is called again.
  const Buffer& result(std::size_t place) { return scratch_[results_[place]]; }

  // How many steps it runs.
  std::size_t steps() const { return instructions_.size(); }

 private:
  static std::vector<Instruction> merge(std::span<const Plan* const> plans,
                                        std::vector<std::size_t>& results);

  std::vector<std::size_t> results_;  // The slot of each plan's answer.
  std::vector<Instruction> instructions_;
  Scratch scratch_;
};

}  // namespace plan
