#pragma once

#include <cstddef>
#include <cstdint>

#include "vision/taps.h"

namespace vision {

// Rows of RGB that begin `stride` bytes apart; at least one.
struct Rows {
  const std::uint8_t* data = nullptr;
  std::size_t stride = 0;
  std::uint32_t width = 0;
  std::uint32_t count = 0;
};

// Rows that are written, at places that the caller has made room for.
struct Target {
  std::uint8_t* data = nullptr;
  std::size_t stride = 0;
};

// How far past a row's end `across` may write. Rows of its target are so much longer, the last too.
inline constexpr std::size_t kSlack = 4;

// Sums of pixels by their weights. Each set of kernels gives the same bytes.
struct Kernels {
  // Of each row: as many pixels as there are runs, which count the row's pixels.
  void (*across)(const Rows& from, const Taps& taps, Target to);
  // As many rows as there are runs, which count the rows of `from`, each as wide as those.
  void (*down)(const Rows& from, const Taps& taps, Target to);
};

extern const Kernels kPlainKernels;
// Nothing where the processor has no AVX2.
const Kernels* find_avx2_kernels();

}  // namespace vision
