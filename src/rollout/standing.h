#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace rollout {

// How far the copies of one Deployment are.
struct Standing {
  std::string object;  // "faq-blue"
  std::string version;
  std::int64_t wanted = 0;
  std::int64_t updated = 0;    // Of the newest template.
  std::int64_t available = 0;  // Of any.
  std::int64_t all = 0;
  bool ready = false;
  bool given_up = false;  // The cluster says that nothing moved within its deadline.

  std::string text() const;  // "faq-blue: 1 of 2 copies are ready, 1 of them new"
};

// Of a Deployment as the API server gives it. Ready is what `kubectl rollout status` calls done:
// the newest template was seen, every copy is of it and available, and no other is left.
Standing judge(const nlohmann::json& deployment);

// Of the pods of a Deployment those of its newest template, which is the one of the ReplicaSet
// with the Deployment's revision; none where that is not there yet.
std::vector<nlohmann::json> newest_pods(const nlohmann::json& deployment,
                                        std::span<const nlohmann::json> replica_sets,
                                        std::span<const nlohmann::json> pods);

// The events about the pod (may be null), and about the Deployment and its ReplicaSets.
nlohmann::json events_about(const nlohmann::json& pod, const nlohmann::json& deployment,
                            std::span<const nlohmann::json> events);

// How often its container was started anew.
std::int64_t restarts(const nlohmann::json& pod);
// Whether its container has ended and was not started anew yet.
bool has_ended(const nlohmann::json& pod);

// A text at a path of keys; empty where it is not there or no text.
std::string text_at(const nlohmann::json& value, std::initializer_list<const char*> path);
std::int64_t number_at(const nlohmann::json& value, std::initializer_list<const char*> path,
                       std::int64_t fallback = 0);

}  // namespace rollout
