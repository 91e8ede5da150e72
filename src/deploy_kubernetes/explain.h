#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace deploy_kubernetes {

// Why copies do not get ready, as far as a machine has to tell them apart.
enum class Cause : std::uint8_t {
  ImageDenied,   // The registry answers 401 or 403.
  ImageMissing,  // It has no such image, or cannot be reached, or the name is none.
  GoldenRows,    // The version does not give the answers that it was registered with.
  Corrupt,       // What the image holds cannot be read.
  OutOfMemory,
  Crash,
  ConfigMissing,  // A Secret or ConfigMap, or a key of one.
  NoGpu,
  NoRoom,       // Not enough processors or memory on any node.
  NodesRefuse,  // Taints, selectors, volumes.
  ProbeFails,
  QuotaExceeded,
  AdmissionDenied,
};
std::string_view cause_name(Cause cause);

struct Explanation {
  Cause cause;
  // One sentence: what is wrong, and after a semicolon the next step. No full stop.
  std::string sentence;
  // Waiting longer will not help.
  bool final = false;
};

// What keeps a rollout from getting ready. `pod` is one Pod as the API server gives it, or null
// where none was made; `events` is an EventList, or an array of Events, about the pod and about the
// ReplicaSet and Deployment above it; `last_log` the end of the log of the run of its container
// that ended last. Nothing where all looks like an ordinary start. Texts of the cluster are quoted
// and cut; unknown forms are passed over.
std::optional<Explanation> explain(const nlohmann::json& pod, const nlohmann::json& events,
                                   std::string_view last_log = {});

}  // namespace deploy_kubernetes
