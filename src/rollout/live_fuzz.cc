#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "kube/answer.h"
#include "rollout/record.h"
#include "rollout/standing.h"

// What a cluster has: a Deployment or an endpoint's ConfigMap, then ReplicaSets, pods and events,
// each a list, zero bytes between them.

namespace {

using nlohmann::json;

std::vector<json> items_of(std::string_view text) {
  std::vector<json> items;
  auto page = kube::read_object("list", text);
  if (page.ok()) static_cast<void>(kube::take_page("list", *std::move(page), items).ok());
  return items;
}

// What is accepted is remembered the same, and can be applied again: the owner comes first and
// takes the record, and no name leads anywhere else.
void check_record(const json& owner) {
  const auto record = rollout::read_record(owner);
  if (!record.ok()) return;
  for (const std::string& version : rollout::versions_of(*record)) {
    if (version.size() > (1U << 20U)) std::abort();
  }
  for (const auto* objects : {&record->current, &record->previous}) {
    if (objects->empty()) continue;
    for (const auto& each : *objects) {
      if (each.name.find_first_of("/?#%") != std::string::npos || each.name == "..") std::abort();
      if (each.kind == "Deployment") static_cast<void>(each.json["spec"].contains("replicas"));
    }
    deploy_kubernetes::Object front = objects->front();
    if (!rollout::write_record(front, *record).ok()) continue;  // Together they are too long.
    const auto again = rollout::read_record(json(front.json));
    if (!again.ok() || again->current != record->current || again->previous != record->previous ||
        again->ready != record->ready) {
      std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto take = [&] {
    const std::size_t end = std::min(text.find('\0'), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
  };
  const auto object = kube::read_object("object", take());
  if (!object.ok()) return 0;
  check_record(*object);
  const auto none = rollout::read_record(rollout::without_record(*object));
  if (!none.ok() || !none->current.empty()) std::abort();
  const rollout::Standing standing = rollout::judge(*object);
  if (standing.ready && standing.given_up) std::abort();
  static_cast<void>(standing.text());
  const std::vector<json> sets = items_of(take());
  const std::vector<json> pods = items_of(take());
  const std::vector<json> events = items_of(take());
  std::vector<json> newest = rollout::newest_pods(*object, sets, pods);
  if (newest.size() > pods.size()) std::abort();
  newest.emplace_back();
  for (const json& pod : newest) {
    static_cast<void>(rollout::restarts(pod));
    if (rollout::events_about(pod, *object, events).size() > events.size()) std::abort();
  }
  return 0;
}
