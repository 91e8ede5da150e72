#include "contract/route.h"

#include <utility>

namespace contract {
namespace {

constexpr Route fixed(Action action, Protocol protocol, Form form = Form::AzureMl) {
  return {action, protocol, {}, {}, form, false};
}

constexpr std::pair<std::string_view, Route> kFixed[] = {
    {"/", fixed(Action::Alive, Protocol::Sooth)},
    {"/healthz", fixed(Action::Live, Protocol::Sooth)},
    {"/readyz", fixed(Action::Ready, Protocol::Sooth)},
    {"/metrics", fixed(Action::Metrics, Protocol::Sooth)},
    {"/openapi.json", fixed(Action::OpenApi, Protocol::Sooth)},
    {"/score", fixed(Action::Score, Protocol::AzureMl)},
    {"/swagger.json", fixed(Action::Swagger, Protocol::AzureMl)},
    {"/invocations", fixed(Action::Score, Protocol::MlFlow, Form::MlFlow)},
    {"/ping", fixed(Action::Ping, Protocol::MlFlow)},
    {"/health", fixed(Action::Ping, Protocol::MlFlow)},
    {"/version", fixed(Action::Version, Protocol::MlFlow)},
    {"/v1/models", fixed(Action::TfModels, Protocol::TfServing)},
    {"/v2", fixed(Action::OipServer, Protocol::OipRest)},
    {"/v2/", fixed(Action::OipServer, Protocol::OipRest)},
    {"/v2/health/live", fixed(Action::OipLive, Protocol::OipRest)},
    {"/v2/health/ready", fixed(Action::OipReady, Protocol::OipRest)},
    {"/v2/models", fixed(Action::OipModels, Protocol::OipRest)},
    {"/v2/repository/index", fixed(Action::OipIndex, Protocol::OipRest)},
};

// The ends of a path behind an endpoint's name, and what they ask of it.
struct End {
  std::string_view text;
  Route route;
};
constexpr End kEndpointEnds[] = {
    {"score", fixed(Action::Score, Protocol::AzureMl)},
    {"swagger.json", fixed(Action::Swagger, Protocol::AzureMl)},
    {"openapi.json", fixed(Action::OpenApi, Protocol::Sooth)},
    {"invocations", fixed(Action::Score, Protocol::MlFlow, Form::MlFlow)},
};
constexpr End kOipEnds[] = {
    {"", fixed(Action::OipModel, Protocol::OipRest)},
    {"ready", fixed(Action::OipModelReady, Protocol::OipRest)},
    {"config", fixed(Action::OipConfig, Protocol::OipRest)},
    {"stats", fixed(Action::OipStatistics, Protocol::OipRest)},
    {"infer", fixed(Action::Score, Protocol::OipRest, Form::OipRest)},
};
constexpr End kRepositoryEnds[] = {
    {"load", fixed(Action::OipLoad, Protocol::OipRest)},
    {"unload", fixed(Action::OipUnload, Protocol::OipRest)},
};
constexpr End kTfEnds[] = {
    {"", fixed(Action::TfModel, Protocol::TfServing)},
    {"/metadata", fixed(Action::TfMetadata, Protocol::TfServing)},
    {":predict", fixed(Action::Score, Protocol::TfServing, Form::TfPredict)},
    {":classify", fixed(Action::Score, Protocol::TfServing, Form::TfClassify)},
    {":regress", fixed(Action::Score, Protocol::TfServing, Form::TfRegress)},
};

// Takes the part of the path up to one of the characters off its front, which stay.
std::string_view take_until(std::string_view& path, std::string_view ends) {
  const std::string_view part = path.substr(0, path.find_first_of(ends));
  path.remove_prefix(part.size());
  return part;
}

bool take_prefix(std::string_view& path, std::string_view prefix) {
  if (!path.starts_with(prefix)) return false;
  path.remove_prefix(prefix.size());
  return true;
}

template <std::size_t kSize>
Route find_end(const End (&ends)[kSize], std::string_view text, Route otherwise) {
  for (const End& end : ends) {
    if (end.text != text) continue;
    otherwise.action = end.route.action;
    otherwise.protocol = end.route.protocol;
    otherwise.form = end.route.form;
  }
  return otherwise;
}

// <name>/<end>
Route route_endpoint(std::string_view path) {
  Route found = fixed(Action::NotFound, Protocol::AzureMl);
  found.endpoint = take_until(path, "/");
  if (found.endpoint.empty() || !take_prefix(path, "/")) return found;
  return find_end(kEndpointEnds, path, found);
}

// <name>[/versions/<version>][/<end>]
Route route_oip_model(std::string_view path) {
  Route found = fixed(Action::NotFound, Protocol::OipRest);
  found.endpoint = take_until(path, "/");
  if (found.endpoint.empty()) return found;
  if (take_prefix(path, "/versions/")) {
    found.version = take_until(path, "/");
    if (found.version.empty()) return found;
  }
  // A slash at the end of a model's own path is how the specification once wrote it.
  static_cast<void>(take_prefix(path, "/"));
  return find_end(kOipEnds, path, found);
}

// <name>/<end>
Route route_repository_model(std::string_view path) {
  Route found = fixed(Action::NotFound, Protocol::OipRest);
  found.endpoint = take_until(path, "/");
  if (found.endpoint.empty() || !take_prefix(path, "/")) return found;
  return find_end(kRepositoryEnds, path, found);
}

// <name>[/versions/<version>|/labels/<label>][<end>]
Route route_tf_model(std::string_view path) {
  Route found = fixed(Action::NotFound, Protocol::TfServing);
  found.endpoint = take_until(path, "/:");
  if (found.endpoint.empty()) return found;
  if (take_prefix(path, "/versions/")) {
    found.version = take_until(path, "/:");
    if (found.version.empty()) return found;
    // Some clients mean by it the newest.
    if (found.version == "0") found.version = {};
  } else if (take_prefix(path, "/labels/")) {
    found.version = take_until(path, "/:");
    if (found.version.empty()) return found;
  }
  return find_end(kTfEnds, path, found);
}

}  // namespace

bool Route::needs_endpoint() const {
  switch (action) {
    case Action::Score:
    case Action::Swagger:
    case Action::OpenApi:
    case Action::OipModel:
    case Action::OipModelReady:
    case Action::OipConfig:
    case Action::TfModel:
    case Action::TfMetadata: return true;
    case Action::OipStatistics: return !endpoint.empty();
    default: return false;
  }
}

Route route(std::string_view path) {
  for (const auto& [known, found] : kFixed) {
    if (path == known) return found;
  }
  if (take_prefix(path, "/endpoints/") || take_prefix(path, "/api/v1/service/")) {
    return route_endpoint(path);
  }
  if (path == "/v2/models/stats") return fixed(Action::OipStatistics, Protocol::OipRest);
  if (take_prefix(path, "/v2/models/")) return route_oip_model(path);
  if (take_prefix(path, "/v2/repository/models/")) return route_repository_model(path);
  if (take_prefix(path, "/v1/models/")) return route_tf_model(path);
  if (path.starts_with("/v2/systemsharedmemory") || path.starts_with("/v2/cudasharedmemory")) {
    return fixed(Action::OipSharedMemory, Protocol::OipRest);
  }
  if (path.starts_with("/v2")) return fixed(Action::NotFound, Protocol::OipRest);
  return fixed(Action::NotFound, Protocol::Sooth);
}

}  // namespace contract
