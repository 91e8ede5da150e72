#include "deploy_local/standing.h"

#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/status.h"
#include "deploy_local/json_object.h"

namespace deploy_local {
namespace {

using base::Code;
using base::Result;
using nlohmann::ordered_json;

constexpr std::int64_t kStandingFormat = 1;
constexpr std::size_t kDeploymentsMax = 64;
constexpr std::size_t kReplicasMax = 40'000;
constexpr std::size_t kNameMax = 64;
constexpr std::size_t kTextMax = 8192;

Result<Code> read_code(const JsonObject& object) {
  TRY_ASSIGN(const std::string name, object.text("code", kNameMax));
  for (int i = 0; i <= static_cast<int>(Code::Internal); ++i) {
    const auto code = static_cast<Code>(i);
    if (base::code_name(code) == name) return code;
  }
  return object.error("code", "the name of an error");
}

Result<DeploymentStanding> read_deployment(const JsonObject& object) {
  DeploymentStanding standing;
  TRY_ASSIGN(standing.name, object.text("name", kNameMax));
  TRY_ASSIGN(standing.version, object.text("version", kTextMax));
  for (const auto& [key, value] :
       {std::pair{"wanted", &standing.wanted}, std::pair{"ready", &standing.ready},
        std::pair{"old", &standing.old}, std::pair{"restarts", &standing.restarts},
        std::pair{"percent", &standing.percent}}) {
    TRY_ASSIGN(*value, object.integer(key, 0, INT64_MAX));
  }
  TRY_ASSIGN(const std::int64_t port, object.integer("port", 0, UINT16_MAX));
  standing.port = static_cast<std::uint16_t>(port);
  TRY_ASSIGN(standing.given_up, object.truth("given_up"));
  if (object.has("because")) {
    TRY_ASSIGN(standing.because, object.text("because", kTextMax));
    TRY_ASSIGN(standing.code, read_code(object));
  }
  return standing;
}

Result<ReplicaStanding> read_replica(const JsonObject& object) {
  ReplicaStanding standing;
  TRY_ASSIGN(standing.name, object.text("name", kNameMax));
  TRY_ASSIGN(standing.pid, object.integer("pid", 1, INT32_MAX));
  TRY_ASSIGN(standing.phase, object.text("phase", kNameMax));
  return standing;
}

ordered_json json_of(const DeploymentStanding& each) {
  ordered_json json = {
      {"name", each.name},       {"version", each.version}, {"wanted", each.wanted},
      {"ready", each.ready},     {"old", each.old},         {"restarts", each.restarts},
      {"percent", each.percent}, {"port", each.port},       {"given_up", each.given_up}};
  if (!each.because.empty()) {
    json["because"] = each.because;
    json["code"] = base::code_name(each.code);
  }
  return json;
}

}  // namespace

std::string DeploymentStanding::text(std::string_view endpoint) const {
  std::string text =
      fmt::format("{}-{}: {} of {} copies are ready", endpoint, name, ready + old, wanted);
  if (old > 0) text += fmt::format(", {} of them new", ready);
  if (restarts > 0) text += fmt::format(", {} restarts", restarts);
  return text;
}

Result<Standing> parse_standing(std::string_view file, std::string_view text) {
  TRY_ASSIGN(const JsonObject object, JsonObject::parse(file, text, kStandingBytesMax));
  TRY_ASSIGN(const std::int64_t format, object.integer("format", kStandingFormat, kStandingFormat));
  static_cast<void>(format);
  Standing standing;
  TRY_ASSIGN(standing.generation, object.integer("generation", 1, INT64_MAX));
  TRY_ASSIGN(standing.settled, object.integer("settled", 0, INT64_MAX));
  TRY_ASSIGN(const ordered_json deployments, object.list("deployments", kDeploymentsMax));
  for (const ordered_json& each : deployments) {
    TRY_ASSIGN(auto one, read_deployment(JsonObject(std::string(file), each)));
    standing.deployments.push_back(std::move(one));
  }
  TRY_ASSIGN(const ordered_json replicas, object.list("replicas", kReplicasMax));
  for (const ordered_json& each : replicas) {
    TRY_ASSIGN(auto one, read_replica(JsonObject(std::string(file), each)));
    standing.replicas.push_back(std::move(one));
  }
  return standing;
}

std::string to_text(const Standing& standing) {
  ordered_json json = {{"format", kStandingFormat},
                       {"generation", standing.generation},
                       {"settled", standing.settled},
                       {"deployments", ordered_json::array()},
                       {"replicas", ordered_json::array()}};
  for (const auto& each : standing.deployments) json["deployments"].push_back(json_of(each));
  for (const auto& each : standing.replicas) {
    json["replicas"].push_back({{"name", each.name}, {"pid", each.pid}, {"phase", each.phase}});
  }
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace deploy_local
