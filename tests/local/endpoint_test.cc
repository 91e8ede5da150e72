#include <algorithm>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "endpoint.h"
#include "net/client.h"

namespace local {
namespace {

std::chrono::steady_clock::time_point soon() {
  return std::chrono::steady_clock::now() + std::chrono::seconds(60);
}

// `name` of the metrics that a deployment's own port gives.
double scored_by(const nlohmann::json& status, const std::string& object) {
  for (const auto& each : status["deployments"]) {
    if (each["object"] != object) continue;
    const auto answer = net::fetch({.port = each["port"], .target = "/metrics"}, soon());
    if (!answer.ok()) return -1;
    const std::size_t at = answer->body.find("\nsooth_requests_total{");
    if (at == std::string::npos) return 0;
    return std::stod(answer->body.substr(answer->body.find("} ", at) + 2));
  }
  return -1;
}

TEST(LocalEndpointTest, AnUpdateUnderLoadLosesNoRequest) {
  Endpoint endpoint;
  const auto first = endpoint.deploy("  blue: {version: 'rows:1', replicas: 2, drain_time: 5 s}\n");
  ASSERT_EQ(first.status, 0) << first.errors;
  const std::vector<pid_t> before = endpoint.copies();
  EXPECT_EQ(before.size(), 2U);
  Load load(endpoint.port(), 4);
  while (load.answered() < 100 && load.lost().empty()) std::this_thread::yield();
  const auto second =
      endpoint.deploy("  blue: {version: 'rows:2', replicas: 2, drain_time: 5 s}\n");
  EXPECT_EQ(second.status, 0) << second.errors;
  const int then = load.answered();
  while (load.answered() < then + 100 && load.lost().empty()) std::this_thread::yield();
  load.stop();
  EXPECT_EQ(load.lost(), std::vector<std::string>());
  EXPECT_TRUE(endpoint.wait_for_copies(2, before));
}

// Stops a process, and returns when each of its threads has: the signal reaches them one by one,
// and one that it has not reached yet still accepts. False: they did not within `deadline`.
bool freeze(pid_t pid, std::chrono::steady_clock::time_point deadline) {
  if (::kill(pid, SIGSTOP) != 0) return false;
  const auto runs = [](const std::filesystem::directory_entry& thread) {
    std::ifstream file(thread.path() / "stat");
    const std::string line{std::istreambuf_iterator<char>(file), {}};
    const std::size_t name_ends = line.rfind(')');
    return name_ends == std::string::npos || line.compare(name_ends, 3, ") T") != 0;
  };
  const std::string threads = "/proc/" + std::to_string(pid) + "/task";
  while (std::ranges::any_of(std::filesystem::directory_iterator(threads), runs)) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

// It was frozen first, so that what is connected waits in the socket, which the keeper holds.
TEST(LocalEndpointTest, ACopyThatIsKilledLosesNobodyWhoWaits) {
  Endpoint endpoint;
  const auto deployed = endpoint.deploy("  blue: {version: 'rows:1', replicas: 1}\n");
  ASSERT_EQ(deployed.status, 0) << deployed.errors;
  const std::uint16_t port = endpoint.port();
  const std::vector<pid_t> before = endpoint.copies();
  ASSERT_EQ(before.size(), 1U);
  ASSERT_TRUE(freeze(before.front(), soon()));
  std::atomic<int> answered = 0;
  std::vector<std::jthread> clients;
  for (int i = 0; i < 20; ++i) {
    clients.emplace_back([&] { answered += ask(port) == 200 ? 1 : 0; });
  }
  ASSERT_EQ(::kill(before.front(), SIGKILL), 0);
  clients.clear();
  EXPECT_EQ(answered, 20);
  EXPECT_TRUE(endpoint.wait_for_copies(1, before));
  EXPECT_EQ(endpoint.status()["deployments"][0]["restarts"], 1);
}

TEST(LocalEndpointTest, ConnectionsAreSharedAsWanted) {
  Endpoint endpoint;
  const auto deployed = endpoint.deploy(
      "  blue: {version: 'rows:1', replicas: 1}\n"
      "  green: {version: 'rows:2', replicas: 1}\n",
      "traffic: {blue: 80, green: 20}\n");
  ASSERT_EQ(deployed.status, 0) << deployed.errors;
  const std::uint16_t port = endpoint.port();
  constexpr int kAsked = 500;
  for (int i = 0; i < kAsked; ++i) ASSERT_EQ(ask(port), 200);
  const nlohmann::json status = endpoint.status();
  const double blue = scored_by(status, "rows-blue");
  const double green = scored_by(status, "rows-green");
  EXPECT_EQ(blue + green, kAsked);
  // Five standard deviations: one run in two million is further off by chance.
  EXPECT_NEAR(green, kAsked * 0.2, 5 * std::sqrt(kAsked * 0.2 * 0.8));
}

TEST(LocalEndpointTest, CopiesDieWithTheirKeeperAndTheEndpointComesBack) {
  Endpoint endpoint;
  ASSERT_EQ(endpoint.deploy("  blue: {version: 'rows:1', replicas: 2}\n").status, 0);
  const nlohmann::json status = endpoint.status();
  const std::uint16_t port = endpoint.port();
  ASSERT_EQ(::kill(status["keeper"], SIGKILL), 0);
  // As after another start of the machine: nothing answers, and it is said.
  while (ask(port) != 0) std::this_thread::yield();
  EXPECT_EQ(endpoint.status()["running"], false);
  EXPECT_EQ(endpoint.sooth({"score", "rows", "--to", "local"}).status, 6);
  const auto again = endpoint.deploy("  blue: {version: 'rows:1', replicas: 2}\n");
  EXPECT_EQ(again.status, 0) << again.errors;
  EXPECT_EQ(endpoint.port(), port);
  EXPECT_EQ(ask(port), 200);
}

TEST(LocalEndpointTest, UndeployLeavesNothing) {
  Endpoint endpoint;
  ASSERT_EQ(endpoint.deploy("  blue: {version: 'rows:1', replicas: 2}\n").status, 0);
  std::vector<pid_t> pids = endpoint.copies();
  pids.push_back(endpoint.status()["keeper"]);
  EXPECT_EQ(pids.size(), 3U);
  endpoint.undeploy();
  // Whoever inherits what has ended may take a moment to notice.
  const auto deadline = soon();
  for (const pid_t each : pids) {
    while (::kill(each, 0) == 0 && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::yield();
    }
    EXPECT_EQ(::kill(each, 0), -1) << each;
  }
  EXPECT_FALSE(std::filesystem::exists(endpoint.folder() / "work/local"));
  EXPECT_EQ(endpoint.sooth({"models", "remove", "rows:1"}).status, 0);
}

}  // namespace
}  // namespace local
