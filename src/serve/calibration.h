#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace serve {

// How many times longer work takes on this machine, under this load, than was estimated: an
// average of what was measured, in which one outlier counts for little. Any thread may ask and
// teach; of two that teach at once one may be lost.
class Calibration {
 public:
  double ratio() const { return ratio_.load(std::memory_order_relaxed); }

  // What was estimated, and what it took. Precondition: neither is negative.
  void learn(double estimate_us, double took_us) {
    const double before = ratio();
    const double sample =
        std::clamp(took_us / std::max(estimate_us, kTimeUsMin), kRatioMin, kRatioMax);
    const std::uint32_t seen = seen_.load(std::memory_order_relaxed);
    if (seen < kFirst) {
      // The first few count alike, so that a cold one weighs no more than another.
      store(before + (sample - before) / (seen + 1));
      seen_.store(seen + 1, std::memory_order_relaxed);
    } else {
      const double step = std::clamp(sample, before / kStepMax, before * kStepMax) - before;
      store(before + step / kSpan);
    }
  }

 private:
  static constexpr double kTimeUsMin = 0.01;
  static constexpr double kRatioMin = 1e-6;
  static constexpr double kRatioMax = 1e6;
  static constexpr std::uint32_t kFirst = 8;  // Samples.
  static constexpr double kSpan = 16;         // Samples that the average is of.
  static constexpr double kStepMax = 2;       // What lies further off counts as so many times.

  void store(double ratio) { ratio_.store(ratio, std::memory_order_relaxed); }

  std::atomic<double> ratio_ = 1;
  std::atomic<std::uint32_t> seen_ = 0;
};

}  // namespace serve
