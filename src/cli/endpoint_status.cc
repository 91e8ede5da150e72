#include <map>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/status.h"
#include "base/text.h"
#include "cli/cluster.h"
#include "cli/commands.h"
#include "deploy/endpoint_spec.h"
#include "deploy_kubernetes/render.h"
#include "rollout/cluster.h"
#include "rollout/standing.h"

namespace cli {
namespace {

using base::Code;
using base::Error;
using base::Result;
using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::uint64_t kRequestBytesMax = 64U << 20U;
constexpr std::uint64_t kKeyBytesMax = 4096;

struct Options {
  ClusterFlags cluster;
  std::string name;
  std::string deployment;
  std::int64_t lines = 100;
  bool previous = false;
  std::string input = "-";
  std::string key_file;
};

Error unknown_endpoint(const Options& options) {
  return {Code::NotFound, fmt::format("endpoint {}: there is none in namespace {}",
                                      base::quote(options.name), options.cluster.in_namespace)};
}

struct Seen {
  rollout::Standing standing;
  std::string because;  // Where it is not ready and something says why.
};

Result<std::vector<Seen>> look(const OpenCluster& open, const Options& options) {
  TRY_ASSIGN(const auto owner, open.cluster.find_owner(options.name));
  if (!owner) return unknown_endpoint(options);
  TRY_ASSIGN(const auto deployments, open.cluster.deployments(options.name));
  std::vector<Seen> all;
  for (const json& each : deployments) {
    Seen seen{rollout::judge(each), ""};
    if (!seen.standing.ready) {
      TRY_ASSIGN(const auto why, open.cluster.explain(each));
      if (why) seen.because = why->sentence;
    }
    all.push_back(std::move(seen));
  }
  return all;
}

Result<void> status(const Options& options, World& world, bool as_json) {
  TRY_ASSIGN(const OpenCluster open, open_cluster(options.cluster, world));
  TRY_ASSIGN(const auto all, look(open, options));
  if (as_json) {
    ordered_json body = {{"endpoint", options.name}, {"deployments", ordered_json::array()}};
    for (const Seen& each : all) {
      body["deployments"].push_back({{"object", each.standing.object},
                                     {"version", each.standing.version},
                                     {"wanted", each.standing.wanted},
                                     {"available", each.standing.available},
                                     {"updated", each.standing.updated},
                                     {"ready", each.standing.ready}});
      if (!each.because.empty()) body["deployments"].back()["because"] = each.because;
    }
    return world.out.write(body.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
  }
  std::string text;
  for (const Seen& each : all) {
    text += fmt::format("{:<14} {}\n", each.standing.version, each.standing.text());
    if (!each.because.empty()) text += fmt::format("{:<14} {}\n", "", each.because);
  }
  return world.out.write(base::printable_lines(text));
}

Result<void> logs(const Options& options, World& world, bool as_json) {
  TRY_ASSIGN(const OpenCluster open, open_cluster(options.cluster, world));
  TRY_ASSIGN(const auto pods, open.cluster.pods(options.name, options.deployment));
  if (pods.empty()) return unknown_endpoint(options);
  for (const json& each : pods) {
    const std::string pod = rollout::text_at(each, {"metadata", "name"});
    const auto text = open.access->client().text(
        fmt::format("{}/{}/log?container=sooth&tailLines={}&limitBytes=8388608{}",
                    open.cluster.core_path("pods"), pod, options.lines,
                    options.previous ? "&previous=true" : ""));
    // A copy that has not started has no log; the others have.
    const std::string shown = text.ok() ? *text : text.error().message() + "\n";
    if (as_json) {
      const ordered_json line = {{"pod", pod}, {"log", shown}};
      TRY(world.out.write(line.dump(-1, ' ', false, ordered_json::error_handler_t::replace) +
                          "\n"));
      continue;
    }
    TRY(world.out.write(
        base::printable_lines((pods.size() > 1 ? "== " + pod + "\n" : "") + shown)));
  }
  return {};
}

Result<std::string> read_key(const Options& options, World& world) {
  std::string key = world.environment ? world.environment("SOOTH_KEY") : "";
  if (!options.key_file.empty()) {
    TRY_ASSIGN(const auto file, base::MappedFile::open(options.key_file, kKeyBytesMax));
    key = std::string(base::as_text(file->bytes()));
  }
  while (key.ends_with('\n')) key.pop_back();
  if (!key.empty()) return key;
  return Error(Code::Invalid, "score: expected a key in SOOTH_KEY or in --key-file");
}

Result<std::string> read_request(const Options& options, World& world) {
  if (options.input != "-") {
    TRY_ASSIGN(const auto file, base::MappedFile::open(options.input, kRequestBytesMax));
    return std::string(base::as_text(file->bytes()));
  }
  std::string text;
  char buffer[16384];
  for (;;) {
    TRY_ASSIGN(const std::size_t count, world.in.read(buffer));
    if (count == 0) return text;
    text.append(buffer, count);
    if (text.size() > kRequestBytesMax) {
      return Error(Code::Exhausted, fmt::format("standard input: expected at most {}",
                                                base::human_bytes(kRequestBytesMax)));
    }
  }
}

Code code_of(int http_status) {
  for (int i = 0; i <= static_cast<int>(Code::Internal); ++i) {
    const auto code = static_cast<Code>(i);
    if (base::status_of(code).http == http_status) return code;
  }
  return http_status >= 500 ? Code::Unavailable : Code::Invalid;
}

// Through the API server, so that nothing has to be exposed. The key goes in a field of its own:
// `Authorization` would be taken for a credential of the API server.
Result<void> score(const Options& options, World& world) {
  TRY(deploy::check_dns_name(options.name, deploy::kEndpointNameMax));
  if (!options.deployment.empty()) {
    TRY(deploy::check_dns_name(options.deployment, deploy::kDeploymentNameMax));
  }
  TRY_ASSIGN(const std::string key, read_key(options, world));
  TRY_ASSIGN(const std::string request, read_request(options, world));
  TRY_ASSIGN(const OpenCluster open, open_cluster(options.cluster, world));
  const std::string service = options.deployment.empty() ? options.name
                                                         : deploy_kubernetes::deployment_name(
                                                               options.name, options.deployment);
  TRY_ASSIGN(const auto answer,
             open.access->client().forward(
                 {.method = "POST",
                  .path = fmt::format("{}/http:{}:http/proxy/score",
                                      open.cluster.core_path("services"), service),
                  .fields = {{"Content-Type", "application/json"}, {"x-api-key", key}},
                  .body = request}));
  if (answer.status >= 200 && answer.status < 300) {
    return world.out.write(answer.body + (answer.body.ends_with('\n') ? "" : "\n"));
  }
  return Error(code_of(answer.status),
               fmt::format("endpoint {}: it answers {}: {}", base::quote(options.name),
                           answer.status, base::printable(answer.body.substr(0, 600))));
}

void add_target(CLI::App& app, Options& options) {
  app.add_option("name", options.name, "The endpoint")->required();
  add_cluster_options(app, options.cluster);
}

}  // namespace

Action declare_status(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  add_target(app, *options);
  return [options](World& world, const Common& common) {
    return status(*options, world, common.json);
  };
}

Action declare_logs(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  add_target(app, *options);
  app.add_option("--deployment", options->deployment, "Copies of this deployment alone");
  app.add_option("--lines", options->lines, "How many of the last lines of each copy")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app.add_flag("--previous", options->previous, "Of the containers before the last restart");
  return
      [options](World& world, const Common& common) { return logs(*options, world, common.json); };
}

Action declare_score(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  add_target(app, *options);
  app.add_option("--deployment", options->deployment, "Ask this deployment");
  app.add_option("--input", options->input, "Body of the request, JSON; -: standard input")
      ->capture_default_str();
  app.add_option("--key-file", options->key_file, "File with the key (default: SOOTH_KEY)");
  return [options](World& world, const Common&) { return score(*options, world); };
}

}  // namespace cli
