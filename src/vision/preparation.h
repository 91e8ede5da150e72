#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "vision/filter.h"
#include "vision/picture.h"

namespace vision {

enum class Geometry : unsigned char {
  // Both sides become the size: Image.resize(size), torchvision's Resize((h, w)).
  Squash,
  // The shorter side becomes `shorter`, then the middle is cut out: torchvision's Resize(shorter)
  // and
  // CenterCrop(size), each with its own rounding. What is cut out of nothing is black.
  Crop,
  // The largest middle part of the size's own proportions: PIL.ImageOps.fit(size).
  Fit,
};
enum class Type : unsigned char { Uint8, Float32 };
enum class Layout : unsigned char { Nchw, Nhwc };

// How a picture becomes the input of a network: resized, then, of each byte x of channel c,
//   ((x / divisor) - mean[c]) / deviation[c]
// in float32 with a rounding after each step, as torchvision's ToTensor and Normalize and Keras'
// preprocess_input do it. As Uint8 the bytes stay what they are. What check() refuses must not be
// prepared by.
struct Preparation {
  Size size{224, 224};
  Geometry geometry = Geometry::Crop;
  std::uint32_t shorter = 256;
  Filter filter = Filter::Bilinear;
  bool bgr = false;
  float divisor = 1;
  // In the order of the tensor's channels: blue first where it is `bgr`.
  std::array<float, 3> mean{};
  std::array<float, 3> deviation{1, 1, 1};
  Layout layout = Layout::Nchw;
  Type type = Type::Float32;
  // For DecodeOptions: no library's own preparation turns pictures, but people do before.
  bool orient = true;

  bool operator==(const Preparation&) const = default;
};

// A tensor of more is taken for a mistake: 192 MiB of float32.
inline constexpr std::uint32_t kTensorSideMax = 4096;

// Refuses a size or a `shorter` of nothing or past its bound (kTensorSideMax, kSideMax), numbers
// that are not finite, and divisors and deviations of zero.
base::Result<void> check(const Preparation& preparation);

// What networks were trained on:
//   torchvision         the weights of torchvision.models (ImageNet): 256 bilinear, centre 224,
//   0..1
//                       less ImageNet's means, by its deviations
//   torchvision-squash  the same numbers of a bicubic Resize((224, 224)), which cuts nothing
//   keras-caffe         preprocess_input of ResNet, VGG (mode "caffe"): BGR less ImageNet's means
//   keras-tf            of MobileNet, Inception, Xception, ResNetV2 (mode "tf"): -1..1
//   keras-torch         of DenseNet (mode "torch"): torchvision's numbers
// Those of Keras are NHWC, 224 x 224 by ImageOps.fit with Lanczos; keras.utils.load_img would
// squash, by the nearest pixel.
std::optional<Preparation> find_preset(std::string_view name);
std::span<const std::string_view> preset_names();

// 1 x 3 x height x width numbers, or 1 x height x width x 3.
std::size_t prepared_bytes(const Preparation& preparation);

// Writes prepared_bytes() bytes. The picture has at least one pixel; `out` may lie anywhere.
void prepare(const Picture& picture, const Preparation& preparation, std::span<std::byte> out);

}  // namespace vision
