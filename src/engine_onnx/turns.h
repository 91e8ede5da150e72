#pragma once

#include <condition_variable>
#include <deque>
#include <utility>

#include "threads/guarded.h"

namespace engine_onnx {

// At most so many at once, and who came first goes first: a waiter is handed the turn of the one
// that ends, so that nobody who comes later can take it.
class Turns {
 public:
  class Turn {
   public:
    explicit Turn(Turns& turns) : turns_(&turns) {}
    Turn(Turn&& other) noexcept : turns_(std::exchange(other.turns_, nullptr)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (turns_ != nullptr) turns_->give_back();
    }

   private:
    Turns* turns_;
  };

  explicit Turns(unsigned at_once) { state_.lock()->free = at_once; }
  Turns(const Turns&) = delete;
  Turns& operator=(const Turns&) = delete;

  // Waits for one.
  [[nodiscard]] Turn take();

 private:
  struct Waiter {
    std::condition_variable called;
    bool has_turn = false;
  };
  struct State {
    unsigned free = 1;
    std::deque<Waiter*> waiting;
  };
  void give_back();

  threads::Guarded<State> state_;
};

}  // namespace engine_onnx
