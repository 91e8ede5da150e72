#include "vision/resize.h"

#include <cstring>
#include <memory>

namespace vision {
namespace {

const Kernels& choose_kernels() {
  const Kernels* avx2 = find_avx2_kernels();
  return avx2 != nullptr ? *avx2 : kPlainKernels;
}

// Where a cut begins.
std::size_t cut_at(const Axis& axis) { return static_cast<std::size_t>(axis.begin) + axis.first; }

void copy_rows(const Rows& from, Target to) {
  for (std::size_t y = 0; y < from.count; ++y) {
    std::memcpy(to.data + y * to.stride, from.data + y * from.stride, from.width * kChannels);
  }
}

void pick_nearest(const Picture& picture, const Axis& across, const Axis& down, Target to) {
  const std::vector<std::uint32_t> columns = nearest_of(across);
  const std::vector<std::uint32_t> rows = nearest_of(down);
  for (std::size_t y = 0; y < rows.size(); ++y) {
    std::uint8_t* out = to.data + y * to.stride;
    const std::uint8_t* row = picture.pixels.data() + rows[y] * picture.row_bytes();
    for (const std::uint32_t column : columns) {
      if (rows[y] < down.in && column < across.in) {
        std::memcpy(out, row + column * kChannels, kChannels);
      } else {
        std::memset(out, 0, kChannels);
      }
      out += kChannels;
    }
  }
}

// Rows of the source that the sums of a column need, which the runs then count from.
Rows take_rows(const Picture& picture, Taps& taps) {
  const std::uint32_t top = taps.runs.front().first;
  const std::uint32_t bottom = taps.runs.back().first + taps.runs.back().count;
  for (Taps::Run& run : taps.runs) run.first -= top;
  return {picture.pixels.data() + top * picture.row_bytes(), picture.row_bytes(), picture.width,
          bottom - top};
}

Axis whole_axis(std::uint32_t in, float begin, float end, std::uint32_t out) {
  return {.in = in, .begin = begin, .end = end, .out = out, .first = 0, .count = out};
}

}  // namespace

Box whole_of(const Picture& picture) {
  return {0, 0, static_cast<float>(picture.width), static_cast<float>(picture.height)};
}

void resize_part(const Picture& picture, const Axis& across, const Axis& down, Filter filter,
                 Target to) {
  if (across.count == 0 || down.count == 0) return;
  if (filter == Filter::Nearest) {
    pick_nearest(picture, across, down, to);
    return;
  }
  const Kernels& kernels = choose_kernels();
  Taps down_taps;
  Rows rows{picture.pixels.data(), picture.row_bytes(), picture.width, down.count};
  if (is_cut(down)) {
    rows.data += cut_at(down) * rows.stride;
  } else {
    down_taps = make_taps(down, filter);
    rows = take_rows(picture, down_taps);
  }
  // The rows resized across, where they are to be.
  std::unique_ptr<std::uint8_t[]> kept;
  if (is_cut(across)) {
    rows.data += cut_at(across) * kChannels;
  } else {
    const Taps taps = make_taps(across, filter);
    const std::size_t stride = across.count * kChannels + kSlack;
    kept = std::make_unique_for_overwrite<std::uint8_t[]>(stride * rows.count);
    kernels.across(rows, taps, {kept.get(), stride});
    rows.data = kept.get();
    rows.stride = stride;
  }
  rows.width = across.count;
  if (down_taps.runs.empty()) {
    copy_rows(rows, to);
  } else {
    kernels.down(rows, down_taps, to);
  }
}

Picture resize(const Picture& picture, Size size, Filter filter) {
  return resize(picture, size, filter, whole_of(picture));
}

Picture resize(const Picture& picture, Size size, Filter filter, const Box& box) {
  Picture resized{size.width, size.height, {}};
  resized.pixels.resize(resized.row_bytes() * size.height);
  resize_part(picture, whole_axis(picture.width, box.left, box.right, size.width),
              whole_axis(picture.height, box.top, box.bottom, size.height), filter,
              {resized.pixels.data(), resized.row_bytes()});
  return resized;
}

}  // namespace vision
