#pragma once

#include <chrono>
#include <optional>

namespace front {

// When to ask an issuer for its keys again, and how long those from before may stand in. Pure but
// for what it was told: the caller has the clock, and chance as a number from 0 to 1, which spreads
// servers that started together.
//   all is well      every period, a tenth more or less
//   somebody wishes  at once, but never within `least` of the last time
//   it failed        after `least` and up to half as much more; while there are no keys at all
//                    after a second, then two, four and so on up to that
class RefreshSchedule {
 public:
  using Time = std::chrono::steady_clock::time_point;
  struct Options {
    std::chrono::milliseconds period = std::chrono::minutes(10);
    std::chrono::milliseconds least = std::chrono::minutes(1);
    std::chrono::milliseconds age_max = std::chrono::hours(24);
  };

  explicit RefreshSchedule(Options options) : options_(options) {}

  bool is_due(Time now) const { return now >= next_; }  // The first time at once.
  void wish();
  void succeeded(Time now, double chance);
  void failed(Time now, double chance);

  // Whether keys were had, so long ago that they may not be used any more.
  bool is_stale(Time now) const { return last_good_ && now - *last_good_ > options_.age_max; }

 private:
  Time after(Time now, std::chrono::milliseconds time, double factor) const;

  const Options options_;
  Time next_ = Time::min();
  std::optional<Time> last_;  // Tried, and come to an end.
  std::optional<Time> last_good_;
  int failures_ = 0;  // Since keys were had.
};

}  // namespace front
