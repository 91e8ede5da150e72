#include "telemetry/metrics.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <sstream>

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

namespace telemetry {
namespace {

constexpr double kMicrosecondsInASecond = 1e6;
constexpr double kNanosecond = 1e-9;

prometheus::MetricType type_of(const Counter*) { return prometheus::MetricType::Counter; }
prometheus::MetricType type_of(const Gauge*) { return prometheus::MetricType::Gauge; }
prometheus::MetricType type_of(const Histogram*) { return prometheus::MetricType::Histogram; }

void fill(prometheus::ClientMetric& out, const Counter& counter) {
  out.counter.value = static_cast<double>(counter.value());
}
void fill(prometheus::ClientMetric& out, const Gauge& gauge) {
  out.gauge.value = static_cast<double>(gauge.value());
}
void fill(prometheus::ClientMetric& out, const Histogram& histogram) {
  const auto buckets = histogram.buckets();
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    total += buckets[i];
    prometheus::ClientMetric::Bucket bucket;
    bucket.cumulative_count = total;
    bucket.upper_bound = i < Histogram::kBoundsUs.size()
                             ? static_cast<double>(Histogram::kBoundsUs[i]) / kMicrosecondsInASecond
                             : std::numeric_limits<double>::infinity();
    out.histogram.bucket.push_back(bucket);
  }
  out.histogram.sample_count = total;
  out.histogram.sample_sum = static_cast<double>(histogram.sum().count()) * kNanosecond;
}

// The labels of what there is no room for.
Metrics::Labels others(Metrics::Labels labels) {
  for (auto& [name, value] : labels) value = Metrics::kOtherLabel;
  return labels;
}

}  // namespace

void Histogram::record(std::chrono::nanoseconds time) {
  // Prometheus' buckets include their upper bound.
  const auto* at = std::find_if(kBoundsUs.begin(), kBoundsUs.end(), [time](std::int64_t bound) {
    return time <= std::chrono::microseconds(bound);
  });
  buckets_[static_cast<std::size_t>(at - kBoundsUs.begin())].fetch_add(1,
                                                                       std::memory_order_relaxed);
  sum_ns_.fetch_add(time.count(), std::memory_order_relaxed);
}

std::array<std::uint64_t, Histogram::kBoundsUs.size() + 1> Histogram::buckets() const {
  std::array<std::uint64_t, kBoundsUs.size() + 1> counts{};
  for (std::size_t i = 0; i < counts.size(); ++i) {
    counts[i] = buckets_[i].load(std::memory_order_relaxed);
  }
  return counts;
}

std::chrono::nanoseconds Histogram::sum() const {
  return std::chrono::nanoseconds(sum_ns_.load(std::memory_order_relaxed));
}

template <typename T>
struct Metrics::Family {
  std::string help;
  std::map<Labels, std::unique_ptr<T>> handles;
};

// Those who record what has a label, and how its series are taken away.
struct Metrics::Holders {
  std::size_t count = 0;
  std::vector<std::function<void()>> erase;
};

struct Metrics::Families {
  std::map<std::pair<std::string, std::string>, Holders> holders;  // By name and value.
  std::map<std::string, Family<Counter>, std::less<>> counters;
  std::map<std::string, Family<Gauge>, std::less<>> gauges;
  std::map<std::string, Family<Histogram>, std::less<>> histograms;
};

Metrics::Metrics() { *families_.lock() = std::make_unique<Families>(); }
Metrics::~Metrics() = default;

template <typename T>
T& Metrics::handle(Families& all, ByName<T>& families, std::string_view name, std::string_view help,
                   const Labels& labels) {
  Family<T>& family = families[std::string(name)];
  if (family.help.empty()) family.help = help;
  if (const auto known = family.handles.find(labels); known != family.handles.end()) {
    return *known->second;
  }
  const Labels shared = others(labels);
  const bool full = family.handles.size() >= kSeriesMax;
  auto& handle = family.handles[full ? shared : labels];
  if (handle != nullptr) return *handle;
  handle = std::make_unique<T>();
  // What has no room shares a handle, which stays whoever goes.
  if (full || labels == shared) return *handle;
  for (const auto& label : labels) {
    const auto held = all.holders.find(label);
    if (held == all.holders.end()) continue;
    held->second.erase.emplace_back([&family, labels] { family.handles.erase(labels); });
  }
  return *handle;
}

Counter& Metrics::counter(std::string_view name, std::string_view help, const Labels& labels) {
  auto families = families_.lock();
  return handle(**families, (*families)->counters, name, help, labels);
}
Gauge& Metrics::gauge(std::string_view name, std::string_view help, const Labels& labels) {
  auto families = families_.lock();
  return handle(**families, (*families)->gauges, name, help, labels);
}
Histogram& Metrics::histogram(std::string_view name, std::string_view help, const Labels& labels) {
  auto families = families_.lock();
  return handle(**families, (*families)->histograms, name, help, labels);
}

void Metrics::hold(std::string_view label, std::string_view value) {
  auto families = families_.lock();
  ++(*families)->holders[{std::string(label), std::string(value)}].count;
}

void Metrics::release(std::string_view label, std::string_view value) {
  const std::pair<std::string, std::string> key(label, value);
  auto families = families_.lock();
  const auto at = (*families)->holders.find(key);
  if (at == (*families)->holders.end() || --at->second.count > 0) return;
  for (const auto& erase : at->second.erase) erase();
  (*families)->holders.erase(at);
}

std::size_t Metrics::series(std::string_view name) const {
  auto families = families_.lock();
  const auto at = (*families)->counters.find(name);
  return at == (*families)->counters.end() ? 0 : at->second.handles.size();
}

void Metrics::before_text(std::function<void()> update) {
  updates_.lock()->push_back(std::move(update));
}

std::string Metrics::text() const {
  const std::vector<std::function<void()>> updates = *updates_.lock();
  for (const auto& update : updates) update();
  std::vector<prometheus::MetricFamily> collected;
  const auto collect =
      [&collected]<typename T>(const std::map<std::string, Family<T>, std::less<>>& families) {
        for (const auto& [name, family] : families) {
          prometheus::MetricFamily out{name, family.help, type_of(static_cast<T*>(nullptr)), {}};
          for (const auto& [labels, handle] : family.handles) {
            prometheus::ClientMetric metric;
            for (const auto& [label, value] : labels) metric.label.push_back({label, value});
            fill(metric, *handle);
            out.metric.push_back(std::move(metric));
          }
          collected.push_back(std::move(out));
        }
      };
  {
    auto families = families_.lock();
    collect((*families)->counters);
    collect((*families)->gauges);
    collect((*families)->histograms);
  }
  std::sort(collected.begin(), collected.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, collected);
  return out.str();
}

}  // namespace telemetry
