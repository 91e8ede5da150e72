#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>
#include <utility>

#include "base/error.h"

namespace serve {

// Why a piece of work is not done.
enum class Reason : std::uint8_t {
  QueueFull,    // As many wait as may.
  WaitTooLong,  // It would wait longer than is worth while.
  TooLate,      // It would be done after its deadline.
  Expired,      // Its deadline has passed.
  Abandoned,    // Who asked has left.
  Stopping,
};

struct Refusal {
  Reason reason = Reason::QueueFull;
  // When to try again, as Retry-After says it; 0: trying again is not worth while.
  std::chrono::seconds retry_after{0};
};

// What clients are told. Exhausted (429, RESOURCE_EXHAUSTED) for what may succeed when it is
// tried again later, Deadline (504) for what expired, Cancelled (499), Unavailable (503).
base::Error error_of(const Refusal& refusal);

// A piece of work that is either run or dropped, exactly once, and kept in place: queueing one
// allocates nothing. It is made of any movable value of at most kBytesMax bytes with
//   void run();                      does it, and answers; does not throw
//   bool abandoned() const;          whether nobody waits for it any more; any thread may ask
//   void drop(const Refusal& why);   answers that it was not done
// A value that was moved from is destroyed without being called.
class Work {
 public:
  static constexpr std::size_t kBytesMax = 96;

  Work() = default;

  template <typename W, typename = std::enable_if_t<!std::is_same_v<std::decay_t<W>, Work>>>
  Work(W&& work) {  // NOLINT(google-explicit-constructor): a queue takes the value itself.
    using Value = std::decay_t<W>;
    static_assert(sizeof(Value) <= kBytesMax, "too much: own it behind a unique_ptr");
    static_assert(alignof(Value) <= alignof(std::max_align_t));
    static_assert(std::is_nothrow_move_constructible_v<Value>);
    ::new (static_cast<void*>(storage_)) Value(std::forward<W>(work));
    actions_ = &kActions<Value>;
  }

  Work(Work&& other) noexcept { take(other); }
  Work& operator=(Work&& other) noexcept {
    if (this != &other) {
      reset();
      take(other);
    }
    return *this;
  }
  ~Work() { reset(); }

  explicit operator bool() const { return actions_ != nullptr; }

  // Precondition of all three: holds work. It is destroyed with this, not by these.
  void run() { actions_->run(storage_); }
  bool abandoned() const { return actions_->abandoned(storage_); }
  void drop(const Refusal& why) { actions_->drop(storage_, why); }

 private:
  struct Actions {
    void (*run)(void*);
    bool (*abandoned)(const void*);
    void (*drop)(void*, const Refusal&);
    void (*move)(void* from, void* to) noexcept;  // Leaves `from` destroyed.
    void (*destroy)(void*) noexcept;
  };

  template <typename Value>
  static constexpr Actions kActions = {
      [](void* at) { static_cast<Value*>(at)->run(); },
      [](const void* at) -> bool { return static_cast<const Value*>(at)->abandoned(); },
      [](void* at, const Refusal& why) { static_cast<Value*>(at)->drop(why); },
      [](void* from, void* to) noexcept {
        ::new (to) Value(std::move(*static_cast<Value*>(from)));
        static_cast<Value*>(from)->~Value();
      },
      [](void* at) noexcept { static_cast<Value*>(at)->~Value(); },
  };

  void take(Work& other) noexcept {
    actions_ = std::exchange(other.actions_, nullptr);
    if (actions_ != nullptr) actions_->move(other.storage_, storage_);
  }
  void reset() noexcept {
    if (actions_ != nullptr) std::exchange(actions_, nullptr)->destroy(storage_);
  }

  const Actions* actions_ = nullptr;
  alignas(std::max_align_t) std::byte storage_[kBytesMax];
};

}  // namespace serve
