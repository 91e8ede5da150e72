#pragma once

#include <cstddef>

namespace plan {

// What numpy.add.reduce gives for numbers that lie side by side, to the bit: eight sums that run
// beside each other, joined in halves, and halves of what is longer than 128.
template <typename Number>
Number pairwise_sum(const Number* values, std::size_t count) {
  constexpr std::size_t kBlock = 128;
  constexpr std::size_t kLanes = 8;
  if (count < kLanes) {
    Number sum = 0;
    for (std::size_t i = 0; i < count; ++i) sum += values[i];
    return sum;
  }
  if (count > kBlock) {
    const std::size_t half = count / 2 - count / 2 % kLanes;
    return pairwise_sum(values, half) + pairwise_sum(values + half, count - half);
  }
  Number lane[kLanes];
  for (std::size_t k = 0; k < kLanes; ++k) lane[k] = values[k];
  const std::size_t whole = count - count % kLanes;
  for (std::size_t i = kLanes; i < whole; i += kLanes) {
    for (std::size_t k = 0; k < kLanes; ++k) lane[k] += values[i + k];
  }
  Number sum =
      ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]));
  for (std::size_t i = whole; i < count; ++i) sum += values[i];
  return sum;
}

}  // namespace plan
