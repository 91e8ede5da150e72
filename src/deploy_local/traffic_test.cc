#include "deploy_local/traffic.h"

#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace deploy_local {
namespace {

using Shares = std::map<std::string, std::int64_t>;

std::vector<Replica> ready(const std::vector<std::string>& deployments) {
  std::vector<Replica> replicas;
  for (const std::string& each : deployments) {
    replicas.push_back({.deployment = each, .phase = Phase::Ready});
  }
  return replicas;
}

TEST(TrafficTest, GoesToWhatIsWantedAndReady) {
  const Shares wanted = {{"blue", 90}, {"green", 10}, {"grey", 0}};
  const struct {
    std::vector<std::string> ready;
    Shares shares;
  } cases[] = {
      {{"blue", "green", "grey"}, {{"blue", 90}, {"green", 10}, {"grey", 0}}},
      {{"blue", "blue", "green"}, {{"blue", 90}, {"green", 10}}},
      {{"blue"}, {{"blue", 100}}},
      {{"green", "grey"}, {{"green", 100}, {"grey", 0}}},
      // One that gets nothing gets nothing, whatever else is gone; connections wait.
      {{"grey"}, wanted},
      {{}, wanted},
      // On their way out, and all there is.
      {{"old"}, {{"old", 100}}},
      {{"old", "older"}, {{"old", 50}, {"older", 50}}},
      {{"old", "green"}, {{"green", 100}}},
  };
  for (const auto& each : cases) EXPECT_EQ(share_traffic(wanted, ready(each.ready)), each.shares);
}

TEST(TrafficTest, SumsToAHundred) {
  const Shares wanted = {{"a", 33}, {"b", 33}, {"c", 34}};
  EXPECT_EQ(share_traffic(wanted, ready({"a", "b"})), (Shares{{"a", 50}, {"b", 50}}));
  const Shares thirds = share_traffic({{"x", 100}}, ready({"a", "b", "c"}));
  std::int64_t sum = 0;
  for (const auto& [deployment, share] : thirds) sum += share;
  EXPECT_EQ(sum, 100);
}

TEST(TrafficTest, WhatStartsOrStopsGetsNone) {
  std::vector<Replica> replicas = ready({"blue", "green"});
  replicas[1].phase = Phase::Starting;
  EXPECT_EQ(share_traffic({{"blue", 50}, {"green", 50}}, replicas), (Shares{{"blue", 100}}));
  replicas[1].phase = Phase::Stopping;
  EXPECT_EQ(share_traffic({{"blue", 50}, {"green", 50}}, replicas), (Shares{{"blue", 100}}));
}

}  // namespace
}  // namespace deploy_local
