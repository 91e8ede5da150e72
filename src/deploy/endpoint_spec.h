#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/result.h"
#include "deploy/quantity.h"

namespace deploy {

// Between `min` and `max` copies, so many that each uses about `cpu_percent` of the processor
// time that it asked for.
struct Autoscale {
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::int64_t cpu_percent = 0;
  std::int64_t scale_down_after_s = 0;  // How long load must have been lower.
  bool operator==(const Autoscale&) const = default;
};

struct Probe {
  std::int64_t period_s = 0;
  std::int64_t timeout_s = 0;
  std::int64_t failures = 0;  // So many in a row count.
  bool operator==(const Probe&) const = default;
};

struct Probes {
  Probe startup;
  Probe readiness;
  Probe liveness;
  bool operator==(const Probes&) const = default;
};

// One value of a secret that the target keeps; never the value itself.
struct SecretReference {
  std::string secret;
  std::string key;
  bool operator==(const SecretReference&) const = default;
};

// How new copies take the place of old ones.
enum class Update : std::uint8_t {
  Surge,    // A new one starts before an old one stops.
  Replace,  // An old one stops first: where there is no room, or no GPU, for one more.
};

// A version at work behind the endpoint.
struct DeploymentSpec {
  std::string name;
  std::string version;  // A reference: "faq:3", "faq@champion", "registry.example/team/faq:3"
  std::int64_t replicas = 0;
  std::optional<Autoscale> autoscale;  // Then `replicas` says nothing.
  Cpu cpu;
  Cpu cpu_limit;
  Memory memory;
  Memory memory_limit;
  std::int64_t gpu = 0;
  Update update = Update::Surge;
  std::int64_t drain_time_s = 0;  // Still serves so long after it was told to stop.
  std::map<std::string, std::string> environment;
  std::map<std::string, SecretReference> secrets;  // By environment variable.
  Probes probes;
  std::map<std::string, std::string> node_selector;

  bool operator==(const DeploymentSpec&) const = default;
};

// What `endpoint.yaml` says, with every default filled in. Names are DNS labels, so that they can
// be names of objects anywhere; the traffic of all deployments sums to 100.
struct EndpointSpec {
  std::string name;
  std::map<std::string, std::string> labels;
  std::vector<DeploymentSpec> deployments;      // At least one; in the order of the file.
  std::map<std::string, std::int64_t> traffic;  // In percent, one for each deployment.
  std::int64_t request_time_max_s = 0;
  std::vector<std::int64_t> egress_ports;

  const DeploymentSpec* find_deployment(std::string_view deployment) const;
  // The deployment that gets the most; of equals the first in the file.
  const DeploymentSpec& main_deployment() const;
  // How many get any.
  std::size_t sharing() const;

  bool operator==(const EndpointSpec&) const = default;
};

// Reads `endpoint.yaml`; `file` stands in messages only. Refuses unknown keys with a suggestion,
// and every value out of the bounds of endpoint_keys.cc, with its line and column.
base::Result<EndpointSpec> parse_endpoint(std::string_view file, std::string_view text);

// The same as JSON, which parse_endpoint reads back as an equal spec. Keys stand in one order.
nlohmann::ordered_json to_json(const EndpointSpec& spec);

// Whether it may name an endpoint or a deployment: a DNS label of at most `bytes_max`: a-z, 0-9 and
// "-", starting with a letter.
constexpr std::size_t kEndpointNameMax = 40;
constexpr std::size_t kDeploymentNameMax = 20;
base::Result<void> check_dns_name(std::string_view name, std::size_t bytes_max);

}  // namespace deploy
