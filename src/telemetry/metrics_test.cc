#include "telemetry/metrics.h"

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "telemetry/endpoint_metrics.h"

namespace telemetry {
namespace {

using std::chrono::microseconds;
using std::chrono::nanoseconds;

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST(MetricsTest, TheSameNameAndLabelsAreTheSameHandle) {
  Metrics metrics;
  Counter& a = metrics.counter("a_total", "A.", {{"x", "1"}});
  EXPECT_EQ(&a, &metrics.counter("a_total", "A.", {{"x", "1"}}));
  EXPECT_NE(&a, &metrics.counter("a_total", "A.", {{"x", "2"}}));
}

TEST(MetricsTest, WritesTheTextFormat) {
  Metrics metrics;
  metrics.gauge("b_now", "B.").set(-3);
  metrics.counter("a_total", "A.", {{"path", "a\"b\\c\nd"}}).add(2);
  EXPECT_EQ(metrics.text(),
            "# HELP a_total A.\n# TYPE a_total counter\na_total{path=\"a\\\"b\\\\c\\nd\"} 2\n"
            "# HELP b_now B.\n# TYPE b_now gauge\nb_now -3\n");
}

TEST(MetricsTest, ANameHasABoundedNumberOfSeries) {
  Metrics metrics;
  Counter& first = metrics.counter("a_total", "A.", {{"path", "/0"}, {"kind", "x"}});
  constexpr std::size_t kMany = Metrics::kSeriesMax + 1000;
  for (std::size_t i = 0; i < kMany; ++i) {
    metrics.counter("a_total", "A.", {{"path", "/" + std::to_string(i)}, {"kind", "x"}}).add();
  }
  const std::string text = metrics.text();
  const auto series = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) - 2;
  EXPECT_EQ(series, Metrics::kSeriesMax + 1);
  EXPECT_TRUE(has_line(text, "a_total{kind=\"other\",path=\"other\"} " +
                                 std::to_string(kMany - Metrics::kSeriesMax)));
  // What is known stays, and other names have room of their own.
  EXPECT_EQ(&first, &metrics.counter("a_total", "A.", {{"path", "/0"}, {"kind", "x"}}));
  metrics.gauge("b_now", "B.", {{"path", "/"}}).set(1);
  EXPECT_TRUE(has_line(metrics.text(), "b_now{path=\"/\"} 1"));
}

TEST(HistogramTest, ABucketIncludesItsUpperBound) {
  Histogram histogram;
  histogram.record(nanoseconds(0));
  histogram.record(microseconds(10));
  histogram.record(nanoseconds(10'001));
  histogram.record(std::chrono::seconds(10));
  histogram.record(std::chrono::hours(1));
  const auto buckets = histogram.buckets();
  EXPECT_EQ(buckets[0], 2U);
  EXPECT_EQ(buckets[1], 1U);
  EXPECT_EQ(buckets[buckets.size() - 2], 1U);
  EXPECT_EQ(buckets.back(), 1U);
  EXPECT_EQ(histogram.sum(), nanoseconds(20'001) + std::chrono::seconds(3610));
}

TEST(HistogramTest, IsExposedInSecondsAndCumulative) {
  Metrics metrics;
  Histogram& histogram = metrics.histogram("t_seconds", "T.");
  histogram.record(microseconds(20));
  histogram.record(microseconds(400));
  const std::string text = metrics.text();
  EXPECT_TRUE(has_line(text, "t_seconds_count 2")) << text;
  EXPECT_NE(text.find("t_seconds_sum 0.00042"), std::string::npos) << text;
  EXPECT_TRUE(has_line(text, "t_seconds_bucket{le=\"2.5e-05\"} 1") ||
              text.find("_bucket{le=\"2.5") != std::string::npos)
      << text;
  EXPECT_TRUE(has_line(text, "t_seconds_bucket{le=\"0.001\"} 2")) << text;
  EXPECT_TRUE(has_line(text, "t_seconds_bucket{le=\"+Inf\"} 2")) << text;
}

TEST(EndpointMetricsTest, RecordsWhatHappenedToRequests) {
  Metrics metrics;
  EndpointMetrics endpoint(metrics, "faq");
  endpoint.started();
  endpoint.started();
  endpoint.answered(200, microseconds(50));
  endpoint.failed(base::Code::Deadline);
  endpoint.refused(Refused::QueueFull);
  const std::string text = metrics.text();
  for (const char* line : {"sooth_requests_total{code=\"200\",endpoint=\"faq\"} 1",
                           "sooth_errors_total{endpoint=\"faq\",kind=\"deadline_exceeded\"} 1",
                           "sooth_refused_total{endpoint=\"faq\",reason=\"queue_full\"} 1",
                           "sooth_refused_total{endpoint=\"faq\",reason=\"not_ready\"} 0",
                           "sooth_requests_in_flight{endpoint=\"faq\"} 1",
                           "sooth_request_seconds_count{endpoint=\"faq\"} 1"}) {
    EXPECT_TRUE(has_line(text, line)) << line << "\n" << text;
  }
  EXPECT_EQ(text.find("code=\"500\""), std::string::npos);
}

TEST(EndpointMetricsTest, SeriesGoWithTheLastOfTheirEndpoint) {
  Metrics metrics;
  const EndpointMetrics stays(metrics, "faq");
  auto first = std::make_unique<EndpointMetrics>(metrics, "gone");
  auto second = std::make_unique<EndpointMetrics>(metrics, "gone");
  first->started();
  first->answered(200, nanoseconds(1));
  first.reset();
  EXPECT_TRUE(has_line(metrics.text(), "sooth_requests_total{code=\"200\",endpoint=\"gone\"} 1"));
  second->refused(Refused::Denied);
  second.reset();
  const std::string text = metrics.text();
  EXPECT_EQ(text.find("gone"), std::string::npos) << text;
  EXPECT_TRUE(has_line(text, "sooth_requests_in_flight{endpoint=\"faq\"} 0"));
}

TEST(EndpointMetricsTest, WhatHadNoRoomStaysForTheOthers) {
  Metrics metrics;
  std::vector<std::unique_ptr<EndpointMetrics>> many;
  for (std::size_t i = 0; i < Metrics::kSeriesMax + 2; ++i) {
    many.push_back(std::make_unique<EndpointMetrics>(metrics, "endpoint-" + std::to_string(i)));
  }
  many.pop_back();
  many.back()->started();
  EXPECT_TRUE(has_line(metrics.text(), "sooth_requests_in_flight{endpoint=\"other\"} 1"));
  // One that is called as they are goes without taking theirs away.
  static_cast<void>(EndpointMetrics(metrics, "other"));
  EXPECT_TRUE(has_line(metrics.text(), "sooth_requests_in_flight{endpoint=\"other\"} 1"));
}

TEST(EndpointMetricsTest, OfVeryManyEndpointsErrorsAreExposedWhenThereAreAny) {
  Metrics metrics;
  std::vector<std::unique_ptr<EndpointMetrics>> many;
  for (int i = 0; i < 2000; ++i) {
    many.push_back(std::make_unique<EndpointMetrics>(metrics, "endpoint-" + std::to_string(i)));
  }
  EXPECT_LT(metrics.series("sooth_errors_total"), 3000U);
  many.back()->failed(base::Code::Internal);
  EXPECT_TRUE(has_line(metrics.text(),
                       "sooth_errors_total{endpoint=\"endpoint-1999\",kind=\"internal\"} 1"));
}

TEST(EndpointMetricsTest, AStatusThatIsNoneStaysWithinTheTable) {
  Metrics metrics;
  EndpointMetrics endpoint(metrics, "faq");
  for (const int status : {-1, 0, 1000}) endpoint.answered(status, nanoseconds(1));
  EXPECT_TRUE(has_line(metrics.text(), "sooth_requests_total{code=\"100\",endpoint=\"faq\"} 2"));
}

TEST(EndpointMetricsTest, ThreadsLoseNothing) {
  Metrics metrics;
  EndpointMetrics endpoint(metrics, "faq");
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) {
        endpoint.started();
        endpoint.answered(200 + i % 3, nanoseconds(i));
      }
      EXPECT_FALSE(metrics.text().empty());
    });
  }
  threads.clear();
  const std::string text = metrics.text();
  EXPECT_TRUE(has_line(text, "sooth_request_seconds_count{endpoint=\"faq\"} 4000"));
  EXPECT_TRUE(has_line(text, "sooth_requests_in_flight{endpoint=\"faq\"} 0"));
}

}  // namespace
}  // namespace telemetry
