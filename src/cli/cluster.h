#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "cli/world.h"
#include "kube/access.h"
#include "rollout/cluster.h"

namespace cli {

// Which cluster, and where in it.
struct ClusterFlags {
  std::string context;
  std::string in_namespace = "default";
  std::string server;

  // As the workspace knows it: "kubernetes:prod/shop".
  std::string target() const;
};

// A way to the cluster, and what it offers.
struct OpenCluster {
  std::unique_ptr<kube::Access> access;
  rollout::Cluster cluster;
};
base::Result<OpenCluster> open_cluster(const ClusterFlags& flags, World& world);

rollout::Time time_of(const World& world);

}  // namespace cli
