#pragma once

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "net/exchange.h"
#include "net/server.h"
#include "rollout/standing.h"

// For tests: an API server in this process, of the shape of Kubernetes 1.36, as far as deploying
// sees one. It keeps objects, applies (whole objects; managed fields are not played), runs dry,
// collects what a removed owner owned, and plays what the kubelet and the controllers would do with
// a Deployment.

namespace rollout {

class FakeCluster final : public net::Handler {
 public:
  using Json = nlohmann::json;

  // How the copies of a Deployment turn out.
  enum class Play : unsigned char { Ready, Slow, PullDenied, NoGpu, Ended };

  FakeCluster();
  std::uint16_t port() const { return server_->port(); }

  // Asked for each Deployment that is applied, by its image.
  // What every copy's log holds.
  void say(std::string log);
  void play(std::function<Play(const std::string& image)> how);
  // The next request of that method to a path that holds `part` is refused so, or that behind the
  // next `after`.
  void fail_next(std::string method, std::string part, int status, std::string message,
                 int after = 0);
  // As if somebody else had taken everything away.
  void forget_everything();

  // "Deployment faq-blue", ..., in order; pods, replica sets and events left out.
  std::vector<std::string> names();
  Json object(const std::string& path);  // Null where it is not there.
  void put(const std::string& path, Json object);
  // "PATCH /api/...?dryRun=All", in order, of what changes something.
  std::vector<std::string> requests();

 private:
  struct Reply {
    int status = 200;
    Json body;
  };
  struct Refused {
    std::string method;
    std::string part;
    int status = 0;
    std::string message;
    int after = 0;
  };

  net::Admission admit(const net::RequestHead&, net::Response&) override {
    return net::Admission::accept(4 << 20);
  }
  void handle(net::Exchange& exchange) override;
  Reply answer(std::string_view method, const std::string& path, std::string_view query,
               std::string_view body);
  Reply apply(const std::string& path, std::string_view query, std::string_view body);
  Reply remove(const std::string& path);
  Reply read(const std::string& path, std::string_view query);
  void run(const std::string& path, Json& deployment);
  void forget_pods(const std::string& name);
  static Reply failure(int status, const std::string& message);

  std::mutex mutex_;
  std::map<std::string, Json> objects_;  // By path.
  std::vector<std::string> requests_;
  std::vector<Refused> refused_;
  std::function<Play(const std::string&)> how_;
  std::string log_ = "a line of log\n";
  int count_ = 0;
  std::unique_ptr<net::Server> server_;
};

namespace fake {

inline constexpr const char* kRevision = "deployment.kubernetes.io/revision";

// What Kubernetes 1.36 answers to /apis with aggregated discovery, cut to what is used here.
inline nlohmann::json discovery_of(std::vector<std::array<const char*, 4>> kinds) {
  std::map<std::string, std::map<std::string, nlohmann::json>> groups;
  for (const auto& [group, version, kind, plural] : kinds) {
    nlohmann::json& list = groups[group][version];
    list.push_back({{"resource", plural},
                    {"responseKind", {{"group", group}, {"version", version}, {"kind", kind}}},
                    {"scope", "Namespaced"},
                    {"singularResource", ""},
                    {"verbs", {"create", "delete", "get", "list", "patch"}}});
  }
  nlohmann::json items = nlohmann::json::array();
  for (const auto& [group, versions] : groups) {
    nlohmann::json item = {{"metadata", {{"name", group}, {"creationTimestamp", nullptr}}}};
    for (const auto& [version, resources] : versions) {
      item["versions"].push_back(
          {{"version", version}, {"resources", resources}, {"freshness", "Current"}});
    }
    items.push_back(std::move(item));
  }
  return {{"kind", "APIGroupDiscoveryList"},
          {"apiVersion", "apidiscovery.k8s.io/v2"},
          {"metadata", nlohmann::json::object()},
          {"items", items}};
}

inline bool matches(const nlohmann::json& object, std::string_view selector) {
  while (!selector.empty()) {
    const std::size_t end = std::min(selector.find(','), selector.size());
    const std::string_view term = selector.substr(0, end);
    const std::size_t equals = term.find('=');
    const std::string key(term.substr(0, equals));
    if (text_at(object, {"metadata", "labels", key.c_str()}) != term.substr(equals + 1)) {
      return false;
    }
    selector.remove_prefix(std::min(end + 1, selector.size()));
  }
  return true;
}

// The value of labelSelector; the few escapes that labels need.
inline std::string selector_of(std::string_view query) {
  const std::size_t at = query.find("labelSelector=");
  if (at == std::string_view::npos) return "";
  const std::string_view text = query.substr(at + 14, query.find('&', at) - at - 14);
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

// What the kubelet and the scheduler say of one copy.
inline nlohmann::json pod_status(FakeCluster::Play play) {
  if (play == FakeCluster::Play::PullDenied) {
    return {{"phase", "Pending"},
            {"containerStatuses",
             {{{"name", "sooth"},
               {"restartCount", 0},
               {"state",
                {{"waiting",
                  {{"reason", "ImagePullBackOff"},
                   {"message",
                    "Back-off pulling image \"registry.example/faq\": ErrImagePull: failed to "
                    "pull and unpack image: failed to authorize: 401 Unauthorized"}}}}}}}}};
  }
  if (play == FakeCluster::Play::Ended) {
    return {{"phase", "Running"},
            {"containerStatuses",
             {{{"name", "sooth"},
               {"restartCount", 0},
               {"state", {{"terminated", {{"exitCode", 8}, {"reason", "Error"}}}}}}}}};
  }
  if (play == FakeCluster::Play::NoGpu) {
    return {{"phase", "Pending"},
            {"conditions",
             {{{"type", "PodScheduled"},
               {"status", "False"},
               {"reason", "Unschedulable"},
               {"message", "0/2 nodes are available: 2 Insufficient nvidia.com/gpu."}}}}};
  }
  return {{"phase", "Running"}};
}

}  // namespace fake

inline FakeCluster::FakeCluster() : how_([](const std::string&) { return Play::Ready; }) {
  auto server = net::Server::listen({}, *this);
  if (!server.ok()) std::abort();
  server_ = *std::move(server);
}

inline void FakeCluster::play(std::function<Play(const std::string& image)> how) {
  const std::lock_guard lock(mutex_);
  how_ = std::move(how);
}

inline void FakeCluster::say(std::string log) {
  const std::lock_guard lock(mutex_);
  log_ = std::move(log);
}

inline void FakeCluster::fail_next(std::string method, std::string part, int status,
                                   std::string message, int after) {
  const std::lock_guard lock(mutex_);
  refused_.push_back({std::move(method), std::move(part), status, std::move(message), after});
}

inline void FakeCluster::forget_everything() {
  const std::lock_guard lock(mutex_);
  objects_.clear();
}

inline std::vector<std::string> FakeCluster::names() {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [path, object] : objects_) {
    const std::string kind = text_at(object, {"kind"});
    if (kind == "Pod" || kind == "ReplicaSet" || kind == "Event") continue;
    names.push_back(kind + " " + text_at(object, {"metadata", "name"}));
  }
  std::sort(names.begin(), names.end());
  return names;
}

inline nlohmann::json FakeCluster::object(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto at = objects_.find(path);
  return at == objects_.end() ? nlohmann::json() : at->second;
}

inline void FakeCluster::put(const std::string& path, nlohmann::json object) {
  const std::lock_guard lock(mutex_);
  objects_[path] = std::move(object);
}

inline std::vector<std::string> FakeCluster::requests() {
  const std::lock_guard lock(mutex_);
  return requests_;
}

inline void FakeCluster::handle(net::Exchange& exchange) {
  const net::RequestHead& head = exchange.head();
  const std::string_view method = net::method_name(head.method);
  Reply reply;
  {
    const std::lock_guard lock(mutex_);
    reply = answer(method, std::string(head.path), head.query, exchange.body());
  }
  exchange.response().set_status(reply.status);
  exchange.response().body() =
      reply.body.is_string() ? reply.body.get<std::string>() : reply.body.dump();
  exchange.finish();
}

inline FakeCluster::Reply FakeCluster::failure(int status, const std::string& message) {
  return {status,
          {{"kind", "Status"}, {"status", "Failure"}, {"message", message}, {"code", status}}};
}

inline FakeCluster::Reply FakeCluster::answer(std::string_view method, const std::string& path,
                                              std::string_view query, std::string_view body) {
  if (method != "GET") requests_.push_back(fmt::format("{} {}?{}", method, path, query));
  for (auto at = refused_.begin(); at != refused_.end(); ++at) {
    if (method != at->method ||
        (path + "?" + std::string(query)).find(at->part) == std::string::npos) {
      continue;
    }
    if (at->after-- > 0) continue;
    const Refused now = *at;
    refused_.erase(at);
    return failure(now.status, now.message);
  }
  if (path.find("/proxy/") != std::string::npos) return {200, "[[1, 2, 0.5]]"};
  if (method == "PATCH") return apply(path, query, body);
  if (method == "DELETE") return remove(path);
  return read(path, query);
}

inline FakeCluster::Reply FakeCluster::read(const std::string& path, std::string_view query) {
  if (path == "/version") return {200, {{"major", "1"}, {"minor", "36"}}};
  if (path == "/api") {
    return {200, fake::discovery_of({{"", "v1", "ConfigMap", "configmaps"},
                                     {"", "v1", "Secret", "secrets"},
                                     {"", "v1", "Service", "services"},
                                     {"", "v1", "ServiceAccount", "serviceaccounts"}})};
  }
  if (path == "/apis") {
    return {200, fake::discovery_of(
                     {{"apps", "v1", "Deployment", "deployments"},
                      {"autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers"},
                      {"policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets"},
                      {"networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies"},
                      {"networking.k8s.io", "v1", "Ingress", "ingresses"}})};
  }
  // No container was started anew here, so that none has a run before.
  if (path.ends_with("/log") && query.find("previous=true") != std::string_view::npos) {
    return failure(400, "previous terminated container \"sooth\" not found");
  }
  if (path.ends_with("/log")) return {200, log_};
  if (const auto at = objects_.find(path); at != objects_.end()) return {200, at->second};
  const std::size_t slash = path.rfind('/');
  const bool list =
      std::count(path.begin(), path.end(), '/') == (path.starts_with("/apis") ? 6 : 5);
  if (!list) return failure(404, fmt::format("\"{}\" not found", path.substr(slash + 1)));
  nlohmann::json items = nlohmann::json::array();
  const std::string selector = fake::selector_of(query);
  std::string kind = "Unknown";
  std::string api_version;
  for (const auto& [each, object] : objects_) {
    if (!each.starts_with(path + "/") || !fake::matches(object, selector)) continue;
    kind = text_at(object, {"kind"});
    api_version = text_at(object, {"apiVersion"});
    nlohmann::json item = object;
    item.erase("kind");
    item.erase("apiVersion");
    items.push_back(std::move(item));
  }
  return {200,
          {{"kind", kind + "List"},
           {"apiVersion", api_version},
           {"metadata", nlohmann::json::object()},
           {"items", items}}};
}

inline FakeCluster::Reply FakeCluster::apply(const std::string& path, std::string_view query,
                                             std::string_view body) {
  nlohmann::json sent = nlohmann::json::parse(body, nullptr, false);
  if (sent.is_discarded()) return failure(400, "expected YAML");
  const auto at = objects_.find(path);
  const bool is_new = at == objects_.end();
  const std::string seen = text_at(sent, {"metadata", "resourceVersion"});
  if (!seen.empty() && (is_new || text_at(at->second, {"metadata", "resourceVersion"}) != seen)) {
    return failure(409, "the object has been modified");
  }
  nlohmann::json object = is_new ? sent : at->second;
  const bool changed = is_new || (sent.contains("spec") && object["spec"] != sent["spec"]);
  if (query.find("fieldManager=sooth-scale") != std::string_view::npos) {
    object.merge_patch(sent);
  } else if (!is_new) {
    for (const char* part : {"spec", "data"}) {
      if (sent.contains(part)) object[part] = sent[part];
    }
    object["metadata"].merge_patch(sent["metadata"]);
  }
  ++count_;
  object["metadata"]["resourceVersion"] = std::to_string(count_);
  if (is_new) object["metadata"]["uid"] = fmt::format("uid-{}", count_);
  if (changed) {
    object["metadata"]["generation"] = number_at(object, {"metadata", "generation"}) + 1;
  }
  if (query.find("dryRun=All") != std::string_view::npos) return {200, object};
  if (changed && text_at(object, {"kind"}) == "Deployment") run(path, object);
  objects_[path] = object;
  return {is_new ? 201 : 200, object};
}

inline FakeCluster::Reply FakeCluster::remove(const std::string& path) {
  const auto at = objects_.find(path);
  if (at == objects_.end()) return failure(404, "not found");
  const std::string uid = text_at(at->second, {"metadata", "uid"});
  if (text_at(at->second, {"kind"}) == "Deployment") {
    forget_pods(text_at(at->second, {"metadata", "name"}));
  }
  objects_.erase(path);
  std::vector<std::string> owned;
  for (const auto& [each, object] : objects_) {
    if (!object["metadata"].contains("ownerReferences")) continue;
    if (text_at(object["metadata"]["ownerReferences"][0], {"uid"}) == uid) owned.push_back(each);
  }
  for (const std::string& each : owned) remove(each);
  return {200, {{"kind", "Status"}, {"status", "Success"}}};
}

inline void FakeCluster::forget_pods(const std::string& name) {
  std::erase_if(objects_, [&](const auto& each) {
    const std::string kind = text_at(each.second, {"kind"});
    return (kind == "Pod" || kind == "ReplicaSet") &&
           text_at(each.second, {"metadata", "name"}).starts_with(name + "-");
  });
}

// The new copies: old ones are gone where the new are ready.
inline void FakeCluster::run(const std::string& path, nlohmann::json& deployment) {
  const std::string name = text_at(deployment, {"metadata", "name"});
  const std::string in = path.substr(path.find("/namespaces/"),
                                     path.rfind("/deployments") - path.find("/namespaces/"));
  const std::int64_t wanted = number_at(deployment, {"spec", "replicas"}, 1);
  const std::string revision = std::to_string(number_at(deployment, {"metadata", "generation"}));
  const Play play =
      how_(text_at(deployment["spec"]["template"]["spec"]["containers"][0], {"image"}));
  const bool ready = play == Play::Ready;
  deployment["metadata"]["annotations"][fake::kRevision] = revision;
  deployment["status"] = {{"observedGeneration", number_at(deployment, {"metadata", "generation"})},
                          {"replicas", ready ? wanted : wanted + 1},
                          {"updatedReplicas", ready ? wanted : 1},
                          {"availableReplicas", wanted}};
  if (ready) forget_pods(name);
  nlohmann::json labels = deployment["spec"]["template"]["metadata"]["labels"];
  labels["pod-template-hash"] = "hash" + revision;
  const std::string copy = name + "-hash" + revision;
  objects_["/apis/apps/v1" + in + "/replicasets/" + copy] = {
      {"apiVersion", "apps/v1"},
      {"kind", "ReplicaSet"},
      {"metadata",
       {{"name", copy}, {"labels", labels}, {"annotations", {{fake::kRevision, revision}}}}}};
  objects_["/api/v1" + in + "/pods/" + copy + "-x"] = {
      {"apiVersion", "v1"},
      {"kind", "Pod"},
      {"metadata", {{"name", copy + "-x"}, {"labels", labels}}},
      {"spec", {{"containers", deployment["spec"]["template"]["spec"]["containers"]}}},
      {"status", fake::pod_status(play)}};
}

}  // namespace rollout
