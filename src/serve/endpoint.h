#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "serve/deployment.h"
#include "telemetry/endpoint_metrics.h"
#include "threads/guarded.h"
#include "threads/snapshot.h"

namespace serve {

// A stable name that clients call, and the deployment behind it, which may be exchanged at any
// time: requests that have begun finish with the one they began with. Any thread may use it.
class Endpoint {
 public:
  // `metrics` outlives it, and counts the same endpoint on where there is one of this name already.
  Endpoint(std::string name, std::shared_ptr<const Deployment> deployment,
           telemetry::Metrics& metrics);
  // With a deployment that nobody else knows.
  Endpoint(std::string name, std::string version, std::shared_ptr<const scorer::Scorer> scorer,
           telemetry::Metrics& metrics, const scorer::Examples& examples = {},
           contract::Offer::Numbers numbers = {});

  const std::string& name() const { return name_; }
  std::shared_ptr<const Deployment> deployment() const { return deployment_.read(); }
  telemetry::EndpointMetrics& metrics() const { return metrics_; }

  // From now on requests are scored with this one. Costs the caller no wait; the old one lives
  // until the last of its requests is answered.
  void replace(std::shared_ptr<const Deployment> deployment) {
    deployment_.publish(std::move(deployment));
  }

 private:
  const std::string name_;
  threads::Snapshot<Deployment> deployment_;
  mutable telemetry::EndpointMetrics metrics_;
};

// The endpoints of a server, by name. Any thread may ask and change. Looking one up costs the same
// however many there are, but for the steps of a search; adding and removing copy the list.
class Endpoints {
 public:
  Endpoints();

  // In the place of one of the same name.
  void add(std::shared_ptr<Endpoint> endpoint);
  // All at once, which copies the list once.
  void add(std::vector<std::shared_ptr<Endpoint>> endpoints);
  // Exchanges the deployment of an endpoint; says whether there is one of this name.
  bool replace(std::string_view name, std::shared_ptr<const Deployment> deployment);
  // Says whether there was one.
  bool remove(std::string_view name);
  // An empty name means the only one there is. Null where there is none.
  std::shared_ptr<const Endpoint> find(std::string_view name) const;
  // In the order of their names.
  std::vector<std::shared_ptr<const Endpoint>> all() const;
  // Another number: other names may be there.
  std::uint64_t changes() const { return changes_; }

 private:
  using Map = std::map<std::string, std::shared_ptr<Endpoint>, std::less<>>;

  threads::Snapshot<Map> endpoints_;
  threads::Guarded<bool> changing_;  // One change at a time.
  std::atomic<std::uint64_t> changes_ = 0;
};

}  // namespace serve
