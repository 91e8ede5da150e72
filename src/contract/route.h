#pragma once

#include <cstdint>
#include <string_view>

namespace contract {

// What a path asks for.
enum class Action : std::uint8_t {
  NotFound,
  Page,
  Live,   // /healthz: the process answers.
  Ready,  // /readyz: every endpoint can score.
  Metrics,
  Score,  // azureml
  OipServer,
  OipLive,
  OipReady,
  OipModel,
  OipModelReady,
  OipInfer,
};

// Which form errors have.
enum class Protocol : std::uint8_t { Sooth, AzureMl, OipRest };

struct Route {
  Action action = Action::NotFound;
  Protocol protocol = Protocol::Sooth;
  std::string_view endpoint;  // Empty: the server's only one.
  std::string_view version;   // Of a deployment; empty: whichever serves.

  bool is_post() const { return action == Action::Score || action == Action::OipInfer; }
  // Whether it names an endpoint, by its path or as the only one.
  bool needs_endpoint() const;
};

// Pure: says what a path means, not whether it exists. Names are taken as they are written:
// nothing is decoded, so each route has one spelling.
Route route(std::string_view path);

}  // namespace contract
