#include "pickle/arena.h"

#include <algorithm>

namespace pickle {
namespace {

constexpr std::size_t kChunkMax = std::size_t{1} << 20U;

}  // namespace

void* Arena::allocate(std::size_t bytes, std::size_t align) {
  std::size_t skip = (align - reinterpret_cast<std::uintptr_t>(at_) % align) % align;
  if (skip > left_ || bytes > left_ - skip) {
    const std::size_t size = std::max(bytes, next_chunk_);
    next_chunk_ = std::min(next_chunk_ * 2, kChunkMax);
    // Left uninitialised: every caller writes what it asked for.
    chunks_.emplace_back(new std::byte[size]);
    at_ = chunks_.back().get();
    left_ = size;
    skip = 0;
  }
  std::byte* place = at_ + skip;
  at_ = place + bytes;
  left_ -= skip + bytes;
  spent_ += skip + bytes;
  return place;
}

}  // namespace pickle
