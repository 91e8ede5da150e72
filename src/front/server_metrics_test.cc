#include "front/server_metrics.h"

#include <gtest/gtest.h>

namespace front {
namespace {

TEST(ServerMetricsTest, CountersGrowByWhatTheServerHasCountedSince) {
  telemetry::Metrics metrics;
  net::ServerCounts counts{.accepted = 3, .connections = 2, .slow_bodies = 1};
  expose_server(metrics, [&counts] { return counts; });
  const std::string first = metrics.text();
  EXPECT_NE(first.find("sooth_connections_accepted_total 3\n"), std::string::npos) << first;
  EXPECT_NE(first.find("sooth_connections 2\n"), std::string::npos) << first;
  EXPECT_NE(first.find("sooth_slow_clients_total{of=\"body\"} 1\n"), std::string::npos) << first;
  EXPECT_NE(first.find("sooth_slow_clients_total{of=\"head\"} 0\n"), std::string::npos) << first;
  counts.accepted = 5;
  counts.connections = 0;
  counts.reset_floods = 1;
  const std::string second = metrics.text();
  EXPECT_NE(second.find("sooth_connections_accepted_total 5\n"), std::string::npos) << second;
  EXPECT_NE(second.find("sooth_connections 0\n"), std::string::npos) << second;
  EXPECT_NE(second.find("sooth_http2_floods_total{of=\"resets\"} 1\n"), std::string::npos)
      << second;
  EXPECT_EQ(metrics.text(), second);
}

}  // namespace
}  // namespace front
