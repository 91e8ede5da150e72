#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

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

// What trying what somebody asked for has shown.
struct Proved {
  std::size_t rows_max = 1;
  std::string because;  // Why it is not as many as were asked for, or was not tried; else empty.
};

// Tries so many rows at once, and fewer before, each number once, so that the network has met the
// form: they may be computed together where the first of them is answered as it is alone, as
// measure() has it. What cannot be tried is allowed, since whoever asked may know.
Proved prove(const engine::Network& network, std::size_t asked, double agreement);

}  // namespace batching
