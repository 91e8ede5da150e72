#include <algorithm>
#include <iterator>

#include "vision/preparation.h"

namespace vision {
namespace {

constexpr std::array<float, 3> kImageNetMean{0.485F, 0.456F, 0.406F};
constexpr std::array<float, 3> kImageNetDeviation{0.229F, 0.224F, 0.225F};
// Caffe's, of bytes: blue, green, red.
constexpr std::array<float, 3> kCaffeMean{103.939F, 116.779F, 123.68F};

constexpr std::string_view kNames[] = {"torchvision", "torchvision-squash", "keras-caffe",
                                       "keras-tf", "keras-torch"};

constexpr Preparation kPresets[] = {
    {.divisor = 255, .mean = kImageNetMean, .deviation = kImageNetDeviation},
    {.geometry = Geometry::Squash,
     .filter = Filter::Bicubic,
     .divisor = 255,
     .mean = kImageNetMean,
     .deviation = kImageNetDeviation},
    {.geometry = Geometry::Fit,
     .filter = Filter::Lanczos,
     .bgr = true,
     .mean = kCaffeMean,
     .layout = Layout::Nhwc},
    {.geometry = Geometry::Fit,
     .filter = Filter::Lanczos,
     .divisor = 127.5F,
     .mean = {1, 1, 1},
     .layout = Layout::Nhwc},
    {.geometry = Geometry::Fit,
     .filter = Filter::Lanczos,
     .divisor = 255,
     .mean = kImageNetMean,
     .deviation = kImageNetDeviation,
     .layout = Layout::Nhwc},
};
static_assert(std::size(kNames) == std::size(kPresets));

}  // namespace

std::optional<Preparation> find_preset(std::string_view name) {
  const auto* const found = std::find(std::begin(kNames), std::end(kNames), name);
  if (found == std::end(kNames)) return std::nullopt;
  return kPresets[found - std::begin(kNames)];
}

std::span<const std::string_view> preset_names() { return kNames; }

}  // namespace vision
