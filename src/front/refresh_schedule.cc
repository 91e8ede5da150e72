#include "front/refresh_schedule.h"

#include <algorithm>

namespace front {
namespace {

constexpr std::chrono::milliseconds kFirstPause{1000};
constexpr int kDoublingsMax = 16;

}  // namespace

RefreshSchedule::Time RefreshSchedule::after(Time now, std::chrono::milliseconds time,
                                             double factor) const {
  const auto spread = static_cast<double>(time.count()) * factor;
  return now + std::chrono::milliseconds(static_cast<std::int64_t>(spread));
}

void RefreshSchedule::wish() {
  if (failures_ > 0 || !last_) return;  // It is tried again soon as it is.
  next_ = std::min(next_, *last_ + options_.least);
}

void RefreshSchedule::succeeded(Time now, double chance) {
  last_ = now;
  last_good_ = now;
  failures_ = 0;
  next_ = after(now, options_.period, 0.9 + 0.2 * chance);
}

void RefreshSchedule::failed(Time now, double chance) {
  last_ = now;
  std::chrono::milliseconds pause = options_.least;
  if (!last_good_ || is_stale(now)) {
    pause = std::min(pause, kFirstPause * (1 << std::min(failures_, kDoublingsMax)));
  }
  ++failures_;
  next_ = after(now, pause, 1 + chance / 2);
}

}  // namespace front
