#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "deploy_kubernetes/explain.h"
#include "deploy_kubernetes/json_text.h"
#include "deploy_kubernetes/plan_change.h"

// A pod, its events and the end of its log, zero bytes between them; the same pod as a live object.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto take = [&] {
    const std::size_t end = std::min(text.find('\0'), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
  };
  const auto first = deploy_kubernetes::parse_json("pod", take());
  const auto second = deploy_kubernetes::parse_json("events", take());
  if (!first.ok()) return 0;
  const nlohmann::json& pod = *first;
  const nlohmann::json events = second.ok() ? *second : nlohmann::json();
  const auto found = deploy_kubernetes::explain(pod, events, text);
  if (found && found->sentence.find('\n') != std::string::npos) std::abort();
  const std::vector<nlohmann::json> live = {pod};
  const auto removed = deploy_kubernetes::plan_change({}, live);
  if (!removed.ok()) return 0;
  nlohmann::ordered_json wanted = events.is_object() ? events : nlohmann::json::object();
  const std::vector<deploy_kubernetes::Object> desired = {
      {"v1", pod["kind"], pod["metadata"]["name"], wanted}};
  if (const auto changes = deploy_kubernetes::plan_change(desired, live); changes.ok()) {
    static_cast<void>(deploy_kubernetes::to_text(*changes));
  }
  return 0;
}
