// What the kubelet, the scheduler and the ReplicaSet controller write into Pod status and Events,
// as of Kubernetes 1.30 to 1.36.
#include "deploy_kubernetes/explain.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"

namespace deploy_kubernetes {
namespace {

using nlohmann::json;

// Exit status of `sooth serve` when golden rows differ (Code::Corrupt), and by a signal.
constexpr std::int64_t kExitCorrupt = 8;  // Also where golden rows differ.
constexpr std::int64_t kExitKilled = 137;

const json& at(const json& object, std::string_view key) {
  static const json kNone;
  if (!object.is_object()) return kNone;
  const auto found = object.find(key);
  return found == object.end() ? kNone : *found;
}

std::string text(const json& value) {
  return value.is_string() ? value.get<std::string>() : std::string();
}

std::int64_t number(const json& value, std::int64_t otherwise) {
  return value.is_number_integer() ? value.get<std::int64_t>() : otherwise;
}

std::string lower(std::string_view from) {
  std::string made(from);
  std::transform(made.begin(), made.end(), made.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return made;
}

bool has_any(std::string_view where, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return where.find(word) != std::string_view::npos;
  });
}

// The part between `from` and `to`; all that follows `from` where `to` does not come.
std::string between(std::string_view where, std::string_view from, std::string_view to) {
  const std::size_t start = where.find(from);
  if (start == std::string_view::npos) return "";
  where.remove_prefix(start + from.size());
  return std::string(where.substr(0, where.find(to)));
}

std::string last_line(std::string_view log) {
  while (!log.empty() && std::isspace(static_cast<unsigned char>(log.back())) != 0) {
    log.remove_suffix(1);
  }
  if (const std::size_t end = log.rfind('\n'); end != std::string_view::npos) {
    log.remove_prefix(end + 1);
  }
  return std::string(log);
}

struct Event {
  std::string reason;
  std::string message;
};

// Newest last, as the list has them.
std::vector<Event> events_of(const json& events) {
  const json& list = events.is_array() ? events : at(events, "items");
  std::vector<Event> made;
  if (!list.is_array()) return made;
  for (const json& each : list) {
    if (text(at(each, "type")) != "Warning") continue;
    // events.k8s.io calls it a note.
    std::string message = text(at(each, "message"));
    if (message.empty()) message = text(at(each, "note"));
    made.push_back({text(at(each, "reason")), std::move(message)});
  }
  return made;
}

struct Facts {
  const json& pod;
  std::vector<Event> events;
  std::string_view last_log;
  const json* container = nullptr;  // Its status; null where there is none yet.

  std::string image() const {
    const json& containers = at(at(pod, "spec"), "containers");
    if (!containers.is_array() || containers.empty()) return "";
    return text(at(containers[0], "image"));
  }
  // The newest event with this reason whose message has one of the words.
  const Event* find(std::string_view reason,
                    std::initializer_list<std::string_view> words = {}) const {
    for (auto each = events.rbegin(); each != events.rend(); ++each) {
      if (each->reason == reason && (words.size() == 0 || has_any(each->message, words))) {
        return &*each;
      }
    }
    return nullptr;
  }
};

using Found = std::optional<Explanation>;

Found explain_image(const Facts& facts) {
  if (facts.container == nullptr) return std::nullopt;
  const json& waiting = at(at(*facts.container, "state"), "waiting");
  const std::string reason = text(at(waiting, "reason"));
  const std::string image = base::quote(facts.image());
  if (reason == "InvalidImageName") {
    return Explanation{Cause::ImageMissing,
                       fmt::format("image {} is no valid name; correct the reference", image),
                       true};
  }
  if (reason != "ErrImagePull" && reason != "ImagePullBackOff") return std::nullopt;
  // While the kubelet backs off, the reason is in the event before.
  std::string message = text(at(waiting, "message"));
  for (const Event& event : facts.events) {
    if (event.reason == "Failed" && event.message.find("pull") != std::string::npos) {
      message += " " + event.message;
    }
  }
  message = lower(message);
  const auto cannot = [&](std::string_view why) {
    return fmt::format("image {} cannot be pulled: {}", image, why);
  };
  if (has_any(message, {"401", "unauthorized", "authentication required", "no basic auth"})) {
    return Explanation{Cause::ImageDenied,
                       cannot("the registry answers 401; name a pull secret of the namespace that "
                              "holds its credentials"),
                       true};
  }
  if (has_any(message, {"403", "forbidden", "denied"})) {
    return Explanation{Cause::ImageDenied,
                       cannot("the registry answers 403; give the pull secret's account the right "
                              "to read the repository"),
                       true};
  }
  if (has_any(message, {"not found", "404", "manifest unknown", "name unknown"})) {
    return Explanation{Cause::ImageMissing,
                       cannot("the registry does not have it; push it with sooth push"), true};
  }
  if (has_any(message, {"x509", "certificate", "http response to https"})) {
    return Explanation{Cause::ImageMissing,
                       cannot("its registry's TLS is not trusted; give the nodes its certificate"),
                       false};
  }
  if (has_any(message, {"no such host", "timeout", "connection refused", "i/o", "dial tcp"})) {
    return Explanation{Cause::ImageMissing,
                       cannot("its registry cannot be reached from the node; check its name and "
                              "the network"),
                       false};
  }
  return Explanation{Cause::ImageMissing,
                     cannot("see the node's events; kubectl describe pod shows them"), false};
}

// How the container last ended: now, or before it was started again.
const json& last_end(const Facts& facts) {
  static const json kNone;
  if (facts.container == nullptr) return kNone;
  const json& now = at(at(*facts.container, "state"), "terminated");
  return now.is_object() ? now : at(at(*facts.container, "lastState"), "terminated");
}

std::string log_part(const Facts& facts) {
  const std::string line = last_line(facts.last_log);
  return line.empty() ? "" : fmt::format(", and its last words were {}", base::quote(line));
}

Explanation golden_rows_differ(const Facts& facts) {
  return {
      Cause::GoldenRows,
      fmt::format("the version does not give the answers that it was registered with{}; compare "
                  "the image with the version, and register it again if it was meant to change",
                  log_part(facts)),
      true};
}

// By its last words: one that got further has said before that they were replayed.
bool says_golden_rows(const Facts& facts) {
  return has_any(lower(last_line(facts.last_log)), {"golden row"});
}

Explanation corrupt(const Facts& facts) {
  return {Cause::Corrupt,
          fmt::format("what the image holds is corrupt{}; build and push it again from the "
                      "workspace, which sooth doctor checks",
                      log_part(facts)),
          true};
}

Found explain_end(const Facts& facts) {
  const json& ended = last_end(facts);
  if (!ended.is_object()) return std::nullopt;
  const std::int64_t status = number(at(ended, "exitCode"), 0);
  if (text(at(ended, "reason")) == "OOMKilled") {
    const json& containers = at(at(facts.pod, "spec"), "containers");
    const std::string limit = containers.is_array() && !containers.empty()
                                  ? text(at(at(at(containers[0], "resources"), "limits"), "memory"))
                                  : "";
    return Explanation{
        Cause::OutOfMemory,
        fmt::format("the copy was ended because it needs more memory than its limit{}; raise "
                    "\"memory\" in the endpoint file",
                    limit.empty() ? "" : fmt::format(" of {}", limit)),
        true};
  }
  if (says_golden_rows(facts)) return golden_rows_differ(facts);
  if (status == kExitCorrupt) return corrupt(facts);
  // A liveness probe that failed is the cause of the kill, not the exit status.
  if (status == kExitKilled && facts.find("Unhealthy") != nullptr) return std::nullopt;
  if (status == 0 && number(at(*facts.container, "restartCount"), 0) == 0) return std::nullopt;
  return Explanation{Cause::Crash,
                     fmt::format("the copy ends again and again with exit status {}{}; sooth logs "
                                 "shows all it said",
                                 status, log_part(facts)),
                     true};
}

Found explain_config(const Facts& facts) {
  std::string message;
  if (facts.container != nullptr) {
    const json& waiting = at(at(*facts.container, "state"), "waiting");
    if (text(at(waiting, "reason")) == "CreateContainerConfigError") {
      message = text(at(waiting, "message"));
    }
  }
  if (message.empty()) {
    const Event* mount = facts.find("FailedMount", {"not found", "non-existent"});
    if (mount == nullptr) return std::nullopt;
    message = mount->message;
  }
  if (message.find("runAsNonRoot") != std::string::npos ||
      message.find("run as root") != std::string::npos) {
    return Explanation{Cause::AdmissionDenied,
                       "the image wants to run as root, which is not allowed; build it with sooth "
                       "build, or give it a user",
                       true};
  }
  return Explanation{Cause::ConfigMissing,
                     fmt::format("something that the copy refers to is not there: {}; create it in "
                                 "the namespace",
                                 base::quote(message)),
                     false};
}

// Why no node takes it: the condition is always there, the event comes and goes.
std::string unscheduled_because(const Facts& facts) {
  const json& conditions = at(at(facts.pod, "status"), "conditions");
  if (conditions.is_array()) {
    for (const json& each : conditions) {
      if (text(at(each, "type")) == "PodScheduled" && text(at(each, "status")) == "False") {
        return text(at(each, "message"));
      }
    }
  }
  const Event* event = facts.find("FailedScheduling");
  return event == nullptr ? "" : event->message;
}

Found explain_scheduling(const Facts& facts) {
  const std::string message = unscheduled_because(facts);
  if (message.empty()) return std::nullopt;
  if (message.find("Insufficient nvidia.com/") != std::string::npos) {
    return Explanation{
        Cause::NoGpu,
        "no node with a free GPU: every one is taken or none has any; add a node with "
        "a GPU, or say \"update: replace\" if the old copy holds it",
        false};
  }
  const bool cpu = message.find("Insufficient cpu") != std::string::npos;
  const bool memory = message.find("Insufficient memory") != std::string::npos;
  if (cpu || memory) {
    return Explanation{
        Cause::NoRoom,
        fmt::format("no node has enough {} left; add a node, or ask for less in the endpoint file",
                    cpu && memory ? "processor time and memory"
                    : cpu         ? "processor time"
                                  : "memory"),
        false};
  }
  std::string_view step = "look at the nodes: kubectl get nodes";
  if (message.find("taint") != std::string::npos) {
    step = "take the taint off a node, or add nodes without it";
  } else if (has_any(message, {"node affinity", "node selector", "didn't match"})) {
    step = "correct \"node_selector\", or label a node so";
  }
  return Explanation{Cause::NodesRefuse,
                     fmt::format("no node takes the copy: {}; {}", base::quote(message), step),
                     false};
}

Found explain_probe(const Facts& facts) {
  const Event* event = facts.find("Unhealthy");
  if (event == nullptr) return std::nullopt;
  if (has_any(lower(event->message), {"golden"}) || says_golden_rows(facts)) {
    return golden_rows_differ(facts);
  }
  const std::string which = lower(between(event->message, "", " probe"));
  const std::string why = between(event->message, "failed: ", "\n");
  const bool liveness = which == "liveness";
  return Explanation{
      Cause::ProbeFails,
      fmt::format("its {} probe fails: {}; {}", which.empty() ? "readiness" : which,
                  base::quote(why.empty() ? event->message : why),
                  liveness ? "raise the timeout under \"probes\", or give it more \"cpu\""
                           : "sooth logs shows what it waits for, and \"probes\" how long it may"),
      false};
}

// No pod at all: the controller above says why.
Found explain_creation(const Facts& facts) {
  const Event* event = facts.find("FailedCreate");
  if (event == nullptr) return std::nullopt;
  const std::string& message = event->message;
  if (message.find("exceeded quota") != std::string::npos) {
    return Explanation{
        Cause::QuotaExceeded,
        fmt::format("the namespace's quota is used up: {}; raise the quota, or ask for less",
                    base::quote("exceeded quota" + between(message, "exceeded quota", "\n"))),
        false};
  }
  if (has_any(message,
              {"denied the request", "violates PodSecurity", "forbidden", "admission webhook"})) {
    return Explanation{
        Cause::AdmissionDenied,
        fmt::format("the cluster's rules do not admit the copy: {}; ask who keeps the "
                    "cluster, or correct what it names",
                    base::quote(message)),
        true};
  }
  return Explanation{
      Cause::ConfigMissing,
      fmt::format("no copy can be created: {}; correct what it names", base::quote(message)),
      false};
}

const json* container_status(const json& pod) {
  const json& statuses = at(at(pod, "status"), "containerStatuses");
  if (!statuses.is_array() || statuses.empty()) return nullptr;
  for (const json& each : statuses) {
    if (text(at(each, "name")) == "sooth") return &each;
  }
  return &statuses[0];
}

}  // namespace

std::string_view cause_name(Cause cause) {
  switch (cause) {
    case Cause::ImageDenied: return "image_denied";
    case Cause::ImageMissing: return "image_missing";
    case Cause::GoldenRows: return "golden_rows";
    case Cause::Corrupt: return "corrupt";
    case Cause::OutOfMemory: return "out_of_memory";
    case Cause::Crash: return "crash";
    case Cause::ConfigMissing: return "config_missing";
    case Cause::NoGpu: return "no_gpu";
    case Cause::NoRoom: return "no_room";
    case Cause::NodesRefuse: return "nodes_refuse";
    case Cause::ProbeFails: return "probe_fails";
    case Cause::QuotaExceeded: return "quota_exceeded";
    case Cause::AdmissionDenied: return "admission_denied";
  }
  return "";
}

std::optional<Explanation> explain(const json& pod, const json& events, std::string_view last_log) {
  const Facts facts{.pod = pod,
                    .events = events_of(events),
                    .last_log = last_log,
                    .container = container_status(pod)};
  // Ready is ready, whatever happened before.
  if (facts.container != nullptr && at(*facts.container, "ready") == true) return std::nullopt;
  // From what is surest to what is only likely.
  for (const auto step : {explain_image, explain_config, explain_end, explain_scheduling,
                          explain_probe, explain_creation}) {
    if (auto found = step(facts)) return found;
  }
  return std::nullopt;
}

}  // namespace deploy_kubernetes
