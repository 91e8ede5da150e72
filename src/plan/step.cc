#include "plan/step.h"

namespace plan {

Scratch::Scratch(std::span<const Instruction> instructions, std::size_t slots) : buffers_(slots) {
  states_.reserve(instructions.size());
  for (const Instruction& each : instructions) states_.push_back(each.step->make_state());
}

base::Result<void> run(std::span<const Instruction> instructions, const Window& window,
                       Scratch& scratch) {
  for (std::size_t i = 0; i < instructions.size(); ++i) {
    const Instruction& each = instructions[i];
    const Inputs inputs(window, scratch.buffers_, each.inputs);
    TRY(each.step->run(inputs, scratch.buffers_[each.output], scratch.states_[i].get()));
  }
  return {};
}

}  // namespace plan
