#include "engine_onnx/turns.h"

#include <chrono>

namespace engine_onnx {

Turns::Turn Turns::take() {
  auto state = state_.lock();
  if (state->free > 0) {
    --state->free;
    return Turn(*this);
  }
  Waiter waiter;
  state->waiting.push_back(&waiter);
  while (!waiter.has_turn) {
    state.wait_until(waiter.called, std::chrono::steady_clock::now() + std::chrono::hours(1),
                     [&](const State&) { return waiter.has_turn; });
  }
  return Turn(*this);
}

void Turns::give_back() {
  auto state = state_.lock();
  if (state->waiting.empty()) {
    ++state->free;
    return;
  }
  Waiter& next = *state->waiting.front();
  state->waiting.pop_front();
  next.has_turn = true;
  next.called.notify_one();  // Under the lock: the waiter goes as soon as it can have it.
}

}  // namespace engine_onnx
