#pragma once

#include <chrono>
#include <cstddef>
#include <functional>

#include "engine/network.h"

namespace batching {

using Now = std::function<std::chrono::steady_clock::time_point()>;

// What trying has shown.
struct Measured {
  std::size_t rows_max = 1;  // What pays best; 1: each alone.
  double gain = 1;           // How many times as many rows a second as one by one.
};

// Tries powers of two up to `limit` rows at once with numbers of its own, in the calling thread;
// `time_max` bounds the whole, so that a slow network is tried with few. Rows are computed together
// where at least an eighth more are done in a second, and where each is answered as it is alone:
// within `agreement` of the largest number of an output. A network whose ends do not join, or leave
// more open than their rows, is not tried.
Measured measure(const engine::Network& network, std::size_t limit, double agreement,
                 std::chrono::nanoseconds time_max, const Now& now);

// Runs the network once with so many rows, so that it has met the form.
void warm_up(const engine::Network& network, std::size_t rows);

}  // namespace batching
