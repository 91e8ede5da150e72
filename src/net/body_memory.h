#pragma once

#include <atomic>
#include <cstdint>

namespace net {

// The memory that the bodies and answers of all connections take together, and how much they may.
// Any thread may ask; each share is one connection's or request's, on the thread of its loop.
class BodyMemory {
 public:
  explicit BodyMemory(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}
  BodyMemory(const BodyMemory&) = delete;
  BodyMemory& operator=(const BodyMemory&) = delete;

  std::uint64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

  // What one holder has of it. Little is not counted: connections_max bounds it, and most requests
  // need no more.
  class Share {
   public:
    static constexpr std::uint64_t kUncounted = 16 << 10;

    explicit Share(BodyMemory& of) : of_(of) {}
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    ~Share() { set(0); }

    // Whether it may hold so many bytes for a body; where not, it has what it had. No more than it
    // has it may always hold.
    bool grow(std::uint64_t bytes) {
      const std::uint64_t counted = count_of(bytes);
      if (counted <= counted_) return true;
      const std::uint64_t more = counted - counted_;
      const std::uint64_t before = of_.bytes_.fetch_add(more, std::memory_order_relaxed);
      if (before > of_.bytes_max_ || more > of_.bytes_max_ - before) {
        of_.bytes_.fetch_sub(more, std::memory_order_relaxed);
        return false;
      }
      counted_ = counted;
      return true;
    }
    // It holds so many, whether it may or not: answers are computed already.
    void set(std::uint64_t bytes) {
      const std::uint64_t counted = count_of(bytes);
      if (counted == counted_) return;
      of_.bytes_.fetch_add(counted - counted_, std::memory_order_relaxed);
      counted_ = counted;
    }

   private:
    static std::uint64_t count_of(std::uint64_t bytes) { return bytes > kUncounted ? bytes : 0; }

    BodyMemory& of_;
    std::uint64_t counted_ = 0;
  };

 private:
  const std::uint64_t bytes_max_;
  std::atomic<std::uint64_t> bytes_ = 0;
};

}  // namespace net
