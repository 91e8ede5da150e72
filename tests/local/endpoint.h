#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <sys/types.h>

#include <nlohmann/json.hpp>

#include "threads/guarded.h"
#include "threads/process.h"

namespace local {

// A workspace with the versions rows:1 and rows:2, whose endpoint "rows" runs on this machine.
// Everything that ran has ended when it is gone.
class Endpoint {
 public:
  Endpoint();
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;
  ~Endpoint();

  // `sooth ARGUMENTS --workspace ...`
  threads::ProcessOutcome sooth(std::vector<std::string> arguments) const;
  // Writes endpoint.yaml and deploys it with --wait. `deployments` stands below "deployments:".
  threads::ProcessOutcome deploy(const std::string& deployments, const std::string& rest = "");
  void undeploy() const;

  nlohmann::json status() const;
  std::uint16_t port() const;
  std::vector<pid_t> copies() const;  // Those that are ready.
  // Waits until status says so; false: it did not within half a minute.
  bool wait_for_copies(std::size_t count, const std::vector<pid_t>& other_than) const;

  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

// Clients that ask without pause, over connections that they keep, until stop(): how often they
// were answered, and how often not.
class Load {
 public:
  Load(std::uint16_t port, int clients);
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;
  ~Load() { stop(); }

  void stop();
  int answered() const { return answered_; }
  std::vector<std::string> lost();

 private:
  void work(std::uint16_t port);

  std::atomic<bool> stopping_ = false;
  std::atomic<int> answered_ = 0;
  threads::Guarded<std::vector<std::string>> lost_;
  std::vector<std::jthread> clients_;
};

// One request over a connection of its own; its status, 0 where there was no answer.
int ask(std::uint16_t port);

}  // namespace local
