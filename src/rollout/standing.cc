#include "rollout/standing.h"

#include <algorithm>

#include <fmt/format.h>

namespace rollout {
namespace {

using nlohmann::json;

constexpr const char* kRevision = "deployment.kubernetes.io/revision";
constexpr const char* kHash = "pod-template-hash";

const json* find_at(const json& value, std::initializer_list<const char*> path) {
  const json* at = &value;
  for (const char* key : path) {
    if (!at->is_object()) return nullptr;
    const auto next = at->find(key);
    if (next == at->end()) return nullptr;
    at = &*next;
  }
  return at;
}

bool gave_up(const json& deployment) {
  const json* conditions = find_at(deployment, {"status", "conditions"});
  if (conditions == nullptr || !conditions->is_array()) return false;
  for (const json& each : *conditions) {
    if (text_at(each, {"type"}) == "Progressing" &&
        text_at(each, {"reason"}) == "ProgressDeadlineExceeded") {
      return true;
    }
  }
  return false;
}

}  // namespace

std::string text_at(const json& value, std::initializer_list<const char*> path) {
  const json* at = find_at(value, path);
  return at != nullptr && at->is_string() ? at->get<std::string>() : "";
}

std::int64_t number_at(const json& value, std::initializer_list<const char*> path,
                       std::int64_t fallback) {
  const json* at = find_at(value, path);
  return at != nullptr && at->is_number_integer() ? at->get<std::int64_t>() : fallback;
}

std::string Standing::text() const {
  std::string text = fmt::format("{}: {} of {} copies are ready", object, available, wanted);
  if (updated < wanted || all > updated) text += fmt::format(", {} of {} are new", updated, all);
  return text;
}

Standing judge(const json& deployment) {
  Standing standing;
  standing.object = text_at(deployment, {"metadata", "name"});
  standing.version =
      text_at(deployment, {"spec", "template", "metadata", "annotations", "sooth/version"});
  standing.wanted = number_at(deployment, {"spec", "replicas"}, 1);
  standing.updated = number_at(deployment, {"status", "updatedReplicas"});
  standing.available = number_at(deployment, {"status", "availableReplicas"});
  standing.all = number_at(deployment, {"status", "replicas"});
  const bool seen = number_at(deployment, {"status", "observedGeneration"}, -1) >=
                    number_at(deployment, {"metadata", "generation"});
  standing.ready = seen && standing.updated == standing.wanted &&
                   standing.all == standing.updated && standing.available >= standing.wanted;
  standing.given_up = seen && !standing.ready && gave_up(deployment);
  return standing;
}

std::vector<json> newest_pods(const json& deployment, std::span<const json> replica_sets,
                              std::span<const json> pods) {
  std::vector<json> newest;
  const std::string revision = text_at(deployment, {"metadata", "annotations", kRevision});
  std::string hash;
  for (const json& each : replica_sets) {
    if (text_at(each, {"metadata", "annotations", kRevision}) == revision) {
      hash = text_at(each, {"metadata", "labels", kHash});
    }
  }
  if (revision.empty() || hash.empty()) return newest;
  for (const json& each : pods) {
    if (text_at(each, {"metadata", "labels", kHash}) == hash) newest.push_back(each);
  }
  return newest;
}

json events_about(const json& pod, const json& deployment, std::span<const json> events) {
  const std::string pod_name = text_at(pod, {"metadata", "name"});
  const std::string name = text_at(deployment, {"metadata", "name"});
  json about = json::array();
  for (const json& each : events) {
    const std::string kind = text_at(each, {"involvedObject", "kind"});
    const std::string of = text_at(each, {"involvedObject", "name"});
    const bool ours = (kind == "Pod" && !pod_name.empty() && of == pod_name) ||
                      (kind == "Deployment" && of == name) ||
                      (kind == "ReplicaSet" && of.starts_with(name + "-"));
    if (ours) about.push_back(each);
  }
  return about;
}

std::int64_t restarts(const json& pod) {
  std::int64_t count = 0;
  const json* statuses = find_at(pod, {"status", "containerStatuses"});
  if (statuses == nullptr || !statuses->is_array()) return 0;
  for (const json& each : *statuses) count += number_at(each, {"restartCount"});
  return count;
}

bool has_ended(const json& pod) {
  const json* statuses = find_at(pod, {"status", "containerStatuses"});
  if (statuses == nullptr || !statuses->is_array()) return false;
  return std::any_of(statuses->begin(), statuses->end(), [](const json& each) {
    return find_at(each, {"state", "terminated"}) != nullptr;
  });
}

}  // namespace rollout
