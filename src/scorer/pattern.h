#pragma once

#include <cstdint>
#include <string>

namespace scorer {

// A picture that is the same everywhere, as PNG: a ramp of colours with stripes and grain that
// depend on the number, `side` pixels wide and high. What a network answers to it tells machines
// apart, and means nothing.
std::string pattern_png(unsigned number, std::uint32_t side);

}  // namespace scorer
