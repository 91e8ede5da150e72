#pragma once

#include <cstdint>

namespace scorer {

// One candidate or category of an answer: its number, and its score.
struct Ranked {
  std::uint32_t candidate = 0;
  double score = 0;
};

}  // namespace scorer
