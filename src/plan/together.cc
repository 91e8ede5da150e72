#include "plan/together.h"

#include <algorithm>

namespace plan {
namespace {

// With how many instructions both begin.
std::size_t common(const std::vector<Instruction>& a, const std::vector<Instruction>& b) {
  const auto same = [](const Instruction& x, const Instruction& y) {
    return x.inputs == y.inputs && x.output == y.output && x.step->same_as(*y.step);
  };
  return static_cast<std::size_t>(
      std::mismatch(a.begin(), a.end(), b.begin(), b.end(), same).first - a.begin());
}

}  // namespace

Together::Together(std::span<const Plan* const> plans)
    : instructions_(merge(plans, results_)), scratch_(instructions_, instructions_.size()) {}

// The instruction of a place writes the slot of that place.
std::vector<Instruction> Together::merge(std::span<const Plan* const> plans,
                                         std::vector<std::size_t>& results) {
  std::vector<Instruction> merged;
  const std::vector<Instruction>& first = plans.front()->instructions();
  for (const Plan* plan : plans) {
    const std::size_t shared = plan == plans.front() ? 0 : common(first, plan->instructions());
    std::vector<std::size_t> slots(plan->slots());  // Of the plan, in `merged`.
    for (std::size_t i = 0; i < plan->instructions().size(); ++i) {
      const Instruction& each = plan->instructions()[i];
      slots[each.output] = i < shared ? i : merged.size();
      if (i < shared) continue;
      merged.push_back({each.step, {}, merged.size()});
      for (const std::size_t slot : each.inputs) merged.back().inputs.push_back(slots[slot]);
    }
    results.push_back(slots[plan->result()]);
  }
  return merged;
}

base::Result<void> Together::run(const data::Frame& frame) {
  return plan::run(instructions_, Window::all_of(frame), scratch_);
}

}  // namespace plan
