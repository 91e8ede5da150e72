#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "vision/filter.h"

namespace vision {

// How one side of a picture is resized, and what of the outcome is wanted.
struct Axis {
  std::uint32_t in = 0;
  // The part of `in` that is resized, in pixels and parts of them.
  float begin = 0;
  float end = 0;
  std::uint64_t out = 0;    // What all of it becomes.
  std::uint64_t first = 0;  // Wanted: `count` pixels of `out` from here on.
  std::uint32_t count = 0;
};

// Weights are whole numbers, 1 being 2^22: a sum of bytes by them fits into 32 bits.
inline constexpr unsigned kWeightBits = 22;

// Of each wanted pixel: which pixels of the source are added, and by how much.
struct Taps {
  struct Run {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
  };
  std::vector<Run> runs;
  std::size_t stride = 0;             // Of the weights of a run; the largest count.
  std::vector<std::int32_t> weights;  // runs x stride

  const std::int32_t* of(std::size_t run) const { return weights.data() + run * stride; }
};

// Where it is not Filter::Nearest: the weights of Pillow's Image.resize, whose filters grow wider
// as a picture becomes smaller. They are taken in double, add up to 1, and are then rounded.
Taps make_taps(const Axis& axis, Filter filter);

// Filter::Nearest: the pixel of the source that each wanted one is; `in` where it would lie
// outside.
std::vector<std::uint32_t> nearest_of(const Axis& axis);

// Whether wanted pixels are pixels of the source as they are, from `begin + first` on.
bool is_cut(const Axis& axis);

}  // namespace vision
