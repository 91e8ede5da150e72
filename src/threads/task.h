#pragma once

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace threads {

// A move-only call without arguments, kept in place: queueing one allocates nothing. What is
// too large for it does not compile; a caller with more state owns it behind a unique_ptr.
class Task {
 public:
  static constexpr std::size_t kBytesMax = 64;

  Task() = default;

  template <typename F, typename = std::enable_if_t<!std::is_same_v<std::decay_t<F>, Task>>>
  Task(F&& call) {  // NOLINT(google-explicit-constructor): a task is written as a lambda.
    using Call = std::decay_t<F>;
    static_assert(sizeof(Call) <= kBytesMax, "too much captured: own it behind a unique_ptr");
    static_assert(alignof(Call) <= alignof(std::max_align_t));
    static_assert(std::is_nothrow_move_constructible_v<Call>);
    static_assert(std::is_invocable_v<Call&>);
    ::new (static_cast<void*>(storage_)) Call(std::forward<F>(call));
    actions_ = &kActions<Call>;
  }

  Task(Task&& other) noexcept { take(other); }
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      reset();
      take(other);
    }
    return *this;
  }
  ~Task() { reset(); }

  explicit operator bool() const { return actions_ != nullptr; }

  // Precondition: holds a call.
  void operator()() { actions_->call(storage_); }

 private:
  struct Actions {
    void (*call)(void*);
    void (*move)(void* from, void* to) noexcept;  // Leaves `from` destroyed.
    void (*destroy)(void*) noexcept;
  };

  template <typename Call>
  static constexpr Actions kActions = {
      [](void* at) { (*static_cast<Call*>(at))(); },
      [](void* from, void* to) noexcept {
        ::new (to) Call(std::move(*static_cast<Call*>(from)));
        static_cast<Call*>(from)->~Call();
      },
      [](void* at) noexcept { static_cast<Call*>(at)->~Call(); },
  };

  void take(Task& other) noexcept {
    actions_ = std::exchange(other.actions_, nullptr);
    if (actions_ != nullptr) actions_->move(other.storage_, storage_);
  }
  void reset() noexcept {
    if (actions_ != nullptr) std::exchange(actions_, nullptr)->destroy(storage_);
  }

  const Actions* actions_ = nullptr;
  alignas(std::max_align_t) std::byte storage_[kBytesMax];
};

}  // namespace threads
