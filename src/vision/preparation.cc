#include "vision/preparation.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "vision/resize.h"

namespace vision {
namespace {

// Where the pixels of one side come from, and where in the outcome they begin: past black ones
// where more is cut out than there is.
struct Placed {
  Axis axis;
  std::uint32_t at = 0;
};

Placed squash_side(std::uint32_t in, std::uint32_t out) {
  return {{.in = in, .end = static_cast<float>(in), .out = out, .count = out}};
}

// Half of it, rounded as Python's round(): to the even of two neighbours.
std::uint64_t even_half(std::uint64_t whole) {
  const std::uint64_t half = whole / 2;
  return half + (whole % 2 != 0 && half % 2 != 0 ? 1 : 0);
}

// The middle `out` pixels of a side that became `resized`.
Placed crop_side(std::uint32_t in, std::uint64_t resized, std::uint32_t out) {
  Placed placed{{.in = in, .end = static_cast<float>(in), .out = resized}};
  if (out > resized) {
    placed.axis.count = static_cast<std::uint32_t>(resized);
    placed.at = (out - placed.axis.count) / 2;
  } else {
    placed.axis.count = out;
    placed.axis.first = even_half(resized - out);
  }
  return placed;
}

// int(shorter * longer side / shorter side), the division being one of doubles.
std::uint64_t longer_side(std::uint32_t shorter, std::uint32_t longer, std::uint32_t shortest) {
  const auto product = static_cast<double>(std::uint64_t{shorter} * longer);
  return static_cast<std::uint64_t>(product / shortest);
}

struct Plan {
  Placed across;
  Placed down;
};

Plan plan_crop(const Picture& picture, const Preparation& how) {
  const std::uint32_t shortest = std::min(picture.width, picture.height);
  const std::uint64_t width =
      picture.width == shortest ? how.shorter : longer_side(how.shorter, picture.width, shortest);
  const std::uint64_t height = picture.width <= picture.height
                                   ? longer_side(how.shorter, picture.height, shortest)
                                   : how.shorter;
  return {crop_side(picture.width, width, how.size.width),
          crop_side(picture.height, height, how.size.height)};
}

Plan plan_fit(const Picture& picture, Size size) {
  const double width = picture.width;
  const double height = picture.height;
  const double wanted = static_cast<double>(size.width) / size.height;
  double cut_width = width;
  double cut_height = height;
  if (width / height > wanted) cut_width = wanted * height;
  if (width / height < wanted) cut_height = width / wanted;
  const double left = (width - cut_width) * 0.5;
  const double top = (height - cut_height) * 0.5;
  Plan plan{squash_side(picture.width, size.width), squash_side(picture.height, size.height)};
  plan.across.axis.begin = static_cast<float>(left);
  plan.across.axis.end = static_cast<float>(std::min(left + cut_width, width));
  plan.down.axis.begin = static_cast<float>(top);
  plan.down.axis.end = static_cast<float>(std::min(top + cut_height, height));
  return plan;
}

Plan plan_of(const Picture& picture, const Preparation& how) {
  switch (how.geometry) {
    case Geometry::Squash: break;
    case Geometry::Crop: return plan_crop(picture, how);
    case Geometry::Fit: return plan_fit(picture, how.size);
  }
  return {squash_side(picture.width, how.size.width), squash_side(picture.height, how.size.height)};
}

// What each byte of a channel becomes.
template <typename T>
using Table = std::array<T, 256>;

template <typename T>
Table<T> table_of(const Preparation& how, std::size_t channel) {
  Table<T> table;
  for (unsigned i = 0; i < table.size(); ++i) {
    if constexpr (std::is_same_v<T, float>) {
      const float scaled = static_cast<float>(i) / how.divisor;
      const float centred = scaled - how.mean[channel];
      table[i] = centred / how.deviation[channel];
    } else {
      table[i] = static_cast<T>(i);
    }
  }
  return table;
}

template <typename T>
void store(std::byte* to, std::size_t at, T value) {
  std::memcpy(to + at * sizeof value, &value, sizeof value);
}

template <typename T>
void write_tensor(const std::vector<std::uint8_t>& pixels, const Preparation& how, std::byte* out) {
  const Table<T> first = table_of<T>(how, 0);
  const Table<T> second = table_of<T>(how, 1);
  const Table<T> third = table_of<T>(how, 2);
  const std::size_t count = pixels.size() / kChannels;
  const bool planes = how.layout == Layout::Nchw;
  const std::size_t step = planes ? 1 : kChannels;
  const std::size_t apart = planes ? count : 1;
  // The tensor's first channel is the pixel's last where blue comes first.
  const std::size_t red = how.bgr ? 2 : 0;
  const std::size_t blue = 2 - red;
  const std::uint8_t* pixel = pixels.data();
  for (std::size_t i = 0; i < count; ++i, pixel += kChannels) {
    store(out, i * step, first[pixel[red]]);
    store(out, i * step + apart, second[pixel[1]]);
    store(out, i * step + 2 * apart, third[pixel[blue]]);
  }
}

}  // namespace

std::size_t prepared_bytes(const Preparation& preparation) {
  const std::size_t pixels = std::size_t{preparation.size.width} * preparation.size.height;
  return pixels * kChannels * (preparation.type == Type::Uint8 ? 1 : sizeof(float));
}

void prepare(const Picture& picture, const Preparation& preparation, std::span<std::byte> out) {
  const Plan plan = plan_of(picture, preparation);
  const std::size_t row_bytes = preparation.size.width * kChannels;
  std::vector<std::uint8_t> pixels(row_bytes * preparation.size.height);
  std::uint8_t* const corner =
      pixels.data() + plan.down.at * row_bytes + plan.across.at * kChannels;
  resize_part(picture, plan.across.axis, plan.down.axis, preparation.filter, {corner, row_bytes});
  if (preparation.type == Type::Uint8) {
    write_tensor<std::uint8_t>(pixels, preparation, out.data());
  } else {
    write_tensor<float>(pixels, preparation, out.data());
  }
}

}  // namespace vision
