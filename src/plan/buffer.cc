#include "plan/buffer.h"

#include <algorithm>

namespace plan {
namespace {

constexpr std::size_t kTextChunkBytes = std::size_t{64} << 10U;

}  // namespace

char* TextArena::reserve(std::size_t bytes) {
  while (chunk_ < chunks_.size() && chunks_[chunk_].size - used_ < bytes) {
    ++chunk_;
    used_ = 0;
  }
  if (chunk_ == chunks_.size()) {
    const std::size_t size = std::max(kTextChunkBytes, bytes);
    chunks_.push_back({std::make_unique<char[]>(size), size});
  }
  char* at = chunks_[chunk_].bytes.get() + used_;
  used_ += bytes;
  return at;
}

}  // namespace plan
