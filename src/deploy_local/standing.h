#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/result.h"

namespace deploy_local {

// How one deployment is.
struct DeploymentStanding {
  std::string name;
  std::string version;
  std::int64_t wanted = 0;
  std::int64_t ready = 0;  // Of what is wanted now.
  std::int64_t old = 0;    // Ready ones of what was wanted before.
  std::int64_t restarts = 0;
  std::int64_t percent = 0;  // Of new connections, as of now.
  std::uint16_t port = 0;    // Where this deployment alone answers, on 127.0.0.1.
  bool given_up = false;     // It is not tried again until something else is wanted.
  std::string because;       // Why it is not ready, if anything says so.
  base::Code code = base::Code::Unavailable;  // Of `because`.

  std::string text(std::string_view endpoint) const;  // "faq-blue: 1 of 2 copies are ready"
  bool operator==(const DeploymentStanding&) const = default;
};

struct ReplicaStanding {
  std::string name;  // "blue-1"
  std::int64_t pid = 0;
  std::string phase;  // "starting", "ready", "stopping"

  bool operator==(const ReplicaStanding&) const = default;
};

// How an endpoint is on this machine: what its keeper writes and the command line reads.
struct Standing {
  std::int64_t generation = 0;  // Of the wish that it has taken up.
  std::int64_t settled = 0;     // Of the last wish that was fulfilled; 0: none was.
  std::vector<DeploymentStanding> deployments;
  std::vector<ReplicaStanding> replicas;

  bool operator==(const Standing&) const = default;
};

constexpr std::size_t kStandingBytesMax = 4U << 20U;

base::Result<Standing> parse_standing(std::string_view file, std::string_view text);
std::string to_text(const Standing& standing);

}  // namespace deploy_local
