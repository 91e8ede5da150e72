#include "vision/convolve.h"

#include <algorithm>
#include <vector>

#include "vision/picture.h"

namespace vision {
namespace {

constexpr std::int32_t kHalf = 1 << (kWeightBits - 1);

std::uint8_t byte_of(std::int32_t sum) {
  return static_cast<std::uint8_t>(std::clamp(sum >> kWeightBits, 0, 255));
}

void sum_across(const Rows& from, const Taps& taps, Target to) {
  for (std::size_t y = 0; y < from.count; ++y) {
    const std::uint8_t* row = from.data + y * from.stride;
    std::uint8_t* out = to.data + y * to.stride;
    for (std::size_t i = 0; i < taps.runs.size(); ++i, out += kChannels) {
      const std::uint8_t* pixel = row + taps.runs[i].first * kChannels;
      const std::int32_t* weights = taps.of(i);
      std::int32_t red = kHalf;
      std::int32_t green = kHalf;
      std::int32_t blue = kHalf;
      for (std::size_t k = 0; k < taps.runs[i].count; ++k, pixel += kChannels) {
        red += pixel[0] * weights[k];
        green += pixel[1] * weights[k];
        blue += pixel[2] * weights[k];
      }
      out[0] = byte_of(red);
      out[1] = byte_of(green);
      out[2] = byte_of(blue);
    }
  }
}

void sum_down(const Rows& from, const Taps& taps, Target to) {
  std::vector<std::int32_t> sums(from.width * kChannels);
  for (std::size_t y = 0; y < taps.runs.size(); ++y) {
    std::fill(sums.begin(), sums.end(), kHalf);
    for (std::size_t k = 0; k < taps.runs[y].count; ++k) {
      const std::uint8_t* row = from.data + (taps.runs[y].first + k) * from.stride;
      const std::int32_t weight = taps.of(y)[k];
      for (std::size_t x = 0; x < sums.size(); ++x) sums[x] += row[x] * weight;
    }
    std::uint8_t* out = to.data + y * to.stride;
    for (std::size_t x = 0; x < sums.size(); ++x) out[x] = byte_of(sums[x]);
  }
}

}  // namespace

const Kernels kPlainKernels{.across = sum_across, .down = sum_down};

}  // namespace vision
