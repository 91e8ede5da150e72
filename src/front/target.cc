#include "front/target.h"

#include <string_view>

#include <fmt/format.h>

#include "base/text.h"

namespace front {
namespace {

using contract::Route;

constexpr std::string_view kDeploymentField = "azureml-model-deployment";

}  // namespace

base::Result<Target> find_target(const Route& route, const net::RequestHead& head,
                                 const serve::Endpoints& endpoints, const serve::Loader* loader) {
  Target target{endpoints.find(route.endpoint), nullptr};
  if (target.endpoint == nullptr && loader != nullptr && loader->is_loading(route.endpoint)) {
    return base::Error(base::Code::Unavailable,
                       fmt::format("endpoint {}: it is being loaded", base::quote(route.endpoint)));
  }
  if (target.endpoint == nullptr) {
    return base::Error(
        base::Code::NotFound,
        route.endpoint.empty()
            ? "endpoint: expected its name in the path, as there is not one alone"
            : fmt::format("endpoint {}: there is none of this name", base::quote(route.endpoint)));
  }
  target.deployment = target.endpoint->deployment();
  std::string_view version = route.version;
  if (version.empty()) version = head.header(kDeploymentField).value_or("");
  if (version.empty() || version == target.deployment->version()) return target;
  return base::Error(
      base::Code::NotFound,
      fmt::format("endpoint {} version {}: expected {}", base::quote(target.endpoint->name()),
                  base::quote(version), target.deployment->version()));
}

}  // namespace front
