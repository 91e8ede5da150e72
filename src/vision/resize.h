#pragma once

#include "vision/convolve.h"
#include "vision/filter.h"
#include "vision/picture.h"
#include "vision/taps.h"

namespace vision {

// A part of a picture, in pixels and parts of them, as floats as in Pillow.
struct Box {
  float left = 0;
  float top = 0;
  float right = 0;
  float bottom = 0;
};

Box whole_of(const Picture& picture);

// Pillow's Image.resize(size, filter[, box]) of an RGB picture, byte for byte. The picture and the
// size have at least one pixel, and the box lies within the picture. Rows are summed before columns
// and rounded in between, as Pillow does to 12 and networks were trained on; Pillow 13 sums columns
// first where that is less work, which is off by one here and there.
Picture resize(const Picture& picture, Size size, Filter filter);
Picture resize(const Picture& picture, Size size, Filter filter, const Box& box);

// The same for a part of the outcome: across.count by down.count pixels, rows of which are written
// to `to`. What is not wanted is not computed.
void resize_part(const Picture& picture, const Axis& across, const Axis& down, Filter filter,
                 Target to);

}  // namespace vision
