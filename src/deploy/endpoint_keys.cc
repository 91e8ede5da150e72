#include "deploy/endpoint_keys.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "deploy/endpoint_spec.h"

namespace deploy {
namespace {

constexpr std::array<Key, 3> probe_keys(std::string_view period, std::string_view failures) {
  return {{{.name = "period",
            .kind = Kind::Seconds,
            .fallback = period,
            .min = 1,
            .max = 300,
            .sentence = "Time between two probes."},
           {.name = "timeout",
            .kind = Kind::Seconds,
            .fallback = "5 s",
            .min = 1,
            .max = 300,
            .sentence = "Time after which a probe without an answer has failed."},
           {.name = "failures",
            .kind = Kind::Int,
            .fallback = failures,
            .min = 1,
            .max = 10'000,
            .sentence = "How many failures in a row count."}}};
}

// Loading and replaying golden rows may take five minutes.
constexpr auto kStartup = probe_keys("2 s", "150");
constexpr auto kReadiness = probe_keys("5 s", "3");
constexpr auto kLiveness = probe_keys("10 s", "3");

constexpr Key kProbes[] = {
    {.name = "startup",
     .kind = Kind::Section,
     .inner = kStartup,
     .sentence = "Until the version is loaded and its golden rows are replayed."},
    {.name = "readiness",
     .kind = Kind::Section,
     .inner = kReadiness,
     .sentence = "Whether it gets requests."},
    {.name = "liveness",
     .kind = Kind::Section,
     .inner = kLiveness,
     .sentence = "Whether it is left running; one that fails is started again."},
};

constexpr Key kAutoscale[] = {
    {.name = "min",
     .kind = Kind::Int,
     .fallback = "2",
     .min = 1,
     .max = 1000,
     .sentence = "Fewest copies."},
    {.name = "max",
     .kind = Kind::Int,
     .required = true,
     .min = 1,
     .max = 1000,
     .sentence = "Most copies."},
    {.name = "cpu_percent",
     .kind = Kind::Int,
     .fallback = "70",
     .min = 1,
     .max = 100,
     .sentence = "Share of its processor time that a copy should use."},
    {.name = "scale_down_after",
     .kind = Kind::Seconds,
     .fallback = "5 min",
     .min = 0,
     .max = 3600,
     .sentence = "How long load must have been lower before copies are taken away."},
};

constexpr Key kSecret[] = {
    {.name = "secret",
     .kind = Kind::Text,
     .required = true,
     .max = 253,
     .sentence = "Name of the secret on the target."},
    {.name = "key", .kind = Kind::Text, .required = true, .max = 253, .sentence = "Key within it."},
};

constexpr std::string_view kUpdates[] = {"surge", "replace"};

constexpr Key kDeployment[] = {
    {.name = "version",
     .kind = Kind::Version,
     .required = true,
     .max = 512,
     .sentence = "The version that it serves: \"faq:3\", \"faq@champion\", an image in a registry, "
                 "or the number alone of a version of the model that is called as the endpoint."},
    {.name = "replicas",
     .kind = Kind::Int,
     .fallback = "2",
     .min = 1,
     .max = 1000,
     .sentence = "How many copies run; not together with autoscale."},
    {.name = "autoscale",
     .kind = Kind::Section,
     .inner = kAutoscale,
     .sentence = "Bounds between which the number of copies follows the load."},
    {.name = "cpu",
     .kind = Kind::Cpu,
     .fallback = "1",
     .sentence = "Processor time that each copy asks for."},
    {.name = "cpu_limit",
     .kind = Kind::Cpu,
     .sentence = "Most processor time that it gets; default: what it asks for. Threads are sized "
                 "by it."},
    {.name = "memory",
     .kind = Kind::Memory,
     .fallback = "512Mi",
     .sentence = "Memory that each copy asks for."},
    {.name = "memory_limit",
     .kind = Kind::Memory,
     .sentence = "Memory past which it is ended; default: what it asks for."},
    {.name = "gpu",
     .kind = Kind::Int,
     .fallback = "0",
     .min = 0,
     .max = 16,
     .sentence = "GPUs of each copy."},
    {.name = "update",
     .kind = Kind::Choice,
     .fallback = "surge",
     .choices = kUpdates,
     .sentence = "Whether a new copy starts before an old one stops (surge), or after (replace), "
                 "for where there is no room or GPU for one more."},
    {.name = "drain_time",
     .kind = Kind::Seconds,
     .fallback = "10 s",
     .min = 0,
     .max = 600,
     .sentence = "How long a copy that is to stop still serves, until all who send requests know."},
    {.name = "environment",
     .kind = Kind::Variables,
     .max = 200,
     .sentence = "Environment variables and their values."},
    {.name = "secrets",
     .kind = Kind::Secrets,
     .max = 100,
     .inner = kSecret,
     .sentence = "Environment variables whose values are kept as secrets on the target."},
    {.name = "probes",
     .kind = Kind::Section,
     .inner = kProbes,
     .sentence = "How the target finds out whether a copy is started, ready and alive."},
    {.name = "node_selector",
     .kind = Kind::Labels,
     .max = 20,
     .sentence = "Labels that a node must have."},
};

constexpr Key kEndpoint[] = {
    {.name = "name",
     .kind = Kind::Name,
     .required = true,
     .max = kEndpointNameMax,
     .sentence = "What clients call it."},
    {.name = "labels",
     .kind = Kind::Labels,
     .max = 20,
     .sentence = "Labels of every object that is made for it."},
    {.name = "deployments",
     .kind = Kind::Sections,
     .required = true,
     .min = 1,
     .max = 16,
     .inner = kDeployment,
     .sentence = "The versions at work behind it, by name."},
    {.name = "traffic",
     .kind = Kind::Percents,
     .sentence = "Percent of the requests for each deployment, 100 in all; a single deployment "
                 "gets all of them."},
    {.name = "request_time_max",
     .kind = Kind::Seconds,
     .fallback = "1 min",
     .min = 1,
     .max = 3600,
     .sentence = "Longest time that a request may take."},
    {.name = "egress_ports",
     .kind = Kind::Ports,
     .max = 20,
     .sentence = "TCP ports that copies may connect to, besides asking for names."},
};

}  // namespace

std::span<const Key> endpoint_keys() { return kEndpoint; }

const Key& key_of(std::span<const Key> keys, std::string_view name) {
  const auto found =
      std::find_if(keys.begin(), keys.end(), [&](const Key& key) { return key.name == name; });
  if (found == keys.end()) std::abort();
  return *found;
}

}  // namespace deploy
