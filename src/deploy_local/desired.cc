#include "deploy_local/desired.h"

#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "deploy_local/json_object.h"

namespace deploy_local {
namespace {

using base::Result;
using nlohmann::ordered_json;

constexpr std::int64_t kDesiredFormat = 1;
constexpr std::int64_t kPortMax = 65'535;

// What parse_endpoint accepts is what the endpoint file may say: the one reader of both.
Result<deploy::EndpointSpec> read_spec(const JsonObject& object, const char* key) {
  TRY_ASSIGN(const nlohmann::ordered_json inner, object.object(key));
  return deploy::parse_endpoint(fmt::format("{} {}", object.name(), key), inner.dump());
}

}  // namespace

Result<Desired> parse_desired(std::string_view file, std::string_view text) {
  TRY_ASSIGN(const JsonObject object, JsonObject::parse(file, text, kDesiredBytesMax));
  TRY_ASSIGN(const std::int64_t format, object.integer("format", kDesiredFormat, kDesiredFormat));
  static_cast<void>(format);
  Desired desired;
  TRY_ASSIGN(desired.generation, object.integer("generation", 1, INT64_MAX));
  TRY_ASSIGN(const std::int64_t port, object.integer("port", 1, kPortMax));
  desired.port = static_cast<std::uint16_t>(port);
  TRY_ASSIGN(desired.keys, object.truth("keys"));
  TRY_ASSIGN(desired.spec, read_spec(object, "endpoint"));
  if (object.has("previous")) {
    TRY_ASSIGN(desired.previous, read_spec(object, "previous"));
  }
  return desired;
}

std::string to_text(const Desired& desired) {
  ordered_json json = {{"format", kDesiredFormat},
                       {"generation", desired.generation},
                       {"port", desired.port},
                       {"keys", desired.keys},
                       {"endpoint", deploy::to_json(desired.spec)}};
  if (desired.previous) json["previous"] = deploy::to_json(*desired.previous);
  return json.dump(2) + "\n";
}

Desired next_desired(const Desired& before, bool was_ready, deploy::EndpointSpec spec) {
  Desired next = before;
  ++next.generation;
  if (spec != before.spec && was_ready) next.previous = before.spec;
  next.spec = std::move(spec);
  return next;
}

}  // namespace deploy_local
