#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace pickle {

// Memory that only grows and is given back whole. What is made in it must need no destructor.
class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // `align` is a power of two, at most that of std::max_align_t.
  void* allocate(std::size_t bytes, std::size_t align);
  // What was handed out so far.
  std::uint64_t spent() const { return spent_; }

 private:
  std::vector<std::unique_ptr<std::byte[]>> chunks_;
  std::byte* at_ = nullptr;
  std::size_t left_ = 0;
  std::size_t next_chunk_ = 4096;
  std::uint64_t spent_ = 0;
};

}  // namespace pickle
