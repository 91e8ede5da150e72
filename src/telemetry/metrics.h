#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "threads/guarded.h"

namespace telemetry {

// Handles of metrics. Recording is one or two relaxed atomic additions; any thread may record.
// A handle lives as long as its Metrics, but for one that goes with its label (Metrics::release).
class Counter {
 public:
  void add(std::uint64_t count = 1) { value_.fetch_add(count, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

class Gauge {
 public:
  void add(std::int64_t change) { value_.fetch_add(change, std::memory_order_relaxed); }
  void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_ = 0;
};

// Durations, in buckets of 1, 2.5 and 5 from 10 microseconds to 10 seconds.
class Histogram {
 public:
  static constexpr std::array<std::int64_t, 19> kBoundsUs = {
      10,     25,     50,      100,     250,     500,       1'000,     2'500,     5'000,     10'000,
      25'000, 50'000, 100'000, 250'000, 500'000, 1'000'000, 2'500'000, 5'000'000, 10'000'000};

  void record(std::chrono::nanoseconds time);

  // How many were recorded up to each bound (not cumulative); the last is what lies beyond.
  std::array<std::uint64_t, kBoundsUs.size() + 1> buckets() const;
  std::chrono::nanoseconds sum() const;

 private:
  std::array<std::atomic<std::uint64_t>, kBoundsUs.size() + 1> buckets_{};
  std::atomic<std::int64_t> sum_ns_ = 0;
};

// Every metric of the program, by name and labels. Looking one up takes a lock and may allocate:
// do it once and keep the handle. Asking again for the same name and labels gives the same
// handle. Names, and names of labels, follow Prometheus; values of labels may be anything, but
// come from a closed set: never from a request. Should one come from elsewhere after all, a name
// has kSeriesMax handles at most: all beyond share one whose labels are all kOtherLabel.
class Metrics {
 public:
  using Labels = std::map<std::string, std::string>;
  // Room for two thousand endpoints with eight statuses each.
  static constexpr std::size_t kSeriesMax = 16'384;
  static constexpr std::string_view kOtherLabel = "other";

  Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;
  ~Metrics();

  Counter& counter(std::string_view name, std::string_view help, const Labels& labels = {});
  Gauge& gauge(std::string_view name, std::string_view help, const Labels& labels = {});
  Histogram& histogram(std::string_view name, std::string_view help, const Labels& labels = {});

  // Called before each text(), by whoever asks for it: brings handles up to date of what is counted
  // elsewhere.
  void before_text(std::function<void()> update);
  // Somebody records what has this label. Each says so once, before the first handle, and once that
  // it is over; when the last one has, every series with the label goes, and its handles with it.
  void hold(std::string_view label, std::string_view value);
  void release(std::string_view label, std::string_view value);

  // How many handles a counter of that name has.
  std::size_t series(std::string_view name) const;

  // The text exposition format, version 0.0.4, families in order of name.
  std::string text() const;

 private:
  template <typename T>
  struct Family;
  struct Holders;
  struct Families;
  template <typename T>
  using ByName = std::map<std::string, Family<T>, std::less<>>;
  template <typename T>
  T& handle(Families& all, ByName<T>& families, std::string_view name, std::string_view help,
            const Labels& labels);

  mutable threads::Guarded<std::unique_ptr<Families>> families_;
  mutable threads::Guarded<std::vector<std::function<void()>>> updates_;
};

}  // namespace telemetry
