#include "contract/route.h"

#include <array>
#include <cstddef>
#include <utility>

namespace contract {
namespace {

constexpr std::pair<std::string_view, Route> kFixed[] = {
    {"/", {Action::Page, Protocol::Sooth, {}, {}}},
    {"/healthz", {Action::Live, Protocol::Sooth, {}, {}}},
    {"/readyz", {Action::Ready, Protocol::Sooth, {}, {}}},
    {"/metrics", {Action::Metrics, Protocol::Sooth, {}, {}}},
    {"/score", {Action::Score, Protocol::AzureMl, {}, {}}},
    {"/v2", {Action::OipServer, Protocol::OipRest, {}, {}}},
    {"/v2/", {Action::OipServer, Protocol::OipRest, {}, {}}},
    {"/v2/health/live", {Action::OipLive, Protocol::OipRest, {}, {}}},
    {"/v2/health/ready", {Action::OipReady, Protocol::OipRest, {}, {}}},
};

// Takes the part of the path up to the next '/' off its front.
std::string_view take_part(std::string_view& path) {
  const std::size_t end = path.find('/');
  const std::string_view part = path.substr(0, end);
  path.remove_prefix(end == std::string_view::npos ? path.size() : end + 1);
  return part;
}

bool take_prefix(std::string_view& path, std::string_view prefix) {
  if (!path.starts_with(prefix)) return false;
  path.remove_prefix(prefix.size());
  return true;
}

// <name>/score
Route route_score(std::string_view path) {
  const std::string_view name = take_part(path);
  if (name.empty() || path != "score") return {Action::NotFound, Protocol::AzureMl, {}, {}};
  return {Action::Score, Protocol::AzureMl, name, {}};
}

// <name>[/versions/<version>][/ready | /infer]
Route route_oip_model(std::string_view path) {
  Route route{Action::NotFound, Protocol::OipRest, {}, {}};
  route.endpoint = take_part(path);
  if (route.endpoint.empty()) return route;
  if (take_prefix(path, "versions/")) {
    route.version = take_part(path);
    if (route.version.empty()) return route;
  }
  if (path.empty()) {
    route.action = Action::OipModel;
  } else if (path == "ready") {
    route.action = Action::OipModelReady;
  } else if (path == "infer") {
    route.action = Action::OipInfer;
  }
  return route;
}

}  // namespace

bool Route::needs_endpoint() const {
  return action == Action::Score || action == Action::OipModel || action == Action::OipModelReady ||
         action == Action::OipInfer;
}

Route route(std::string_view path) {
  for (const auto& [fixed, route] : kFixed) {
    if (path == fixed) return route;
  }
  if (take_prefix(path, "/endpoints/") || take_prefix(path, "/api/v1/service/")) {
    return route_score(path);
  }
  if (take_prefix(path, "/v2/models/")) return route_oip_model(path);
  return {Action::NotFound, path.starts_with("/v2") ? Protocol::OipRest : Protocol::Sooth, {}, {}};
}

}  // namespace contract
