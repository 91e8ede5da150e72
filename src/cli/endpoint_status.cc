#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/status.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/json_answer.h"
#include "cli/target.h"
#include "cli/workspace.h"
#include "deploy/endpoint_spec.h"

namespace cli {
namespace {

using base::Code;
using base::Error;
using base::Result;
using nlohmann::ordered_json;

constexpr std::uint64_t kRequestBytesMax = 64U << 20U;
constexpr std::uint64_t kKeyBytesMax = 4096;

struct EndpointOptions {
  TargetFlags target;
  std::string name;
  LogQuery logs;
  std::string deployment;
  std::string input = "-";
  std::string key_file;
};

// Also where a name becomes a part of a path.
Result<void> check_names(const EndpointOptions& options, const std::string& deployment) {
  TRY(deploy::check_dns_name(options.name, deploy::kEndpointNameMax));
  if (deployment.empty()) return {};
  return deploy::check_dns_name(deployment, deploy::kDeploymentNameMax);
}

Result<void> status(const EndpointOptions& options, World& world, bool as_json) {
  TRY(check_names(options, ""));
  TRY_ASSIGN(const auto target, open_target(options.target, world));
  TRY_ASSIGN(const Look look, target->look(options.name));
  if (as_json) {
    ordered_json body = {{"endpoint", options.name}};
    body.update(look.more);
    body["deployments"] = ordered_json::array();
    for (const Seen& each : look.deployments) {
      body["deployments"].push_back(each.json);
      if (!each.because.empty()) body["deployments"].back()["because"] = each.because;
    }
    return write_json(world, body);
  }
  std::string text = look.headline.empty() ? "" : look.headline + "\n";
  for (const Seen& each : look.deployments) {
    text += fmt::format("{:<14} {}\n", each.version, each.text);
    if (!each.because.empty()) text += fmt::format("{:<14} {}\n", "", each.because);
  }
  return world.out.write(base::printable_lines(text));
}

Result<void> logs(const EndpointOptions& options, World& world, bool as_json) {
  TRY(check_names(options, options.logs.deployment));
  TRY_ASSIGN(const auto target, open_target(options.target, world));
  LogQuery query = options.logs;
  query.endpoint = options.name;
  TRY_ASSIGN(const auto copies, target->logs(query));
  for (const CopyLog& each : copies) {
    if (as_json) {
      const ordered_json line = {{target->copy_word(), each.name}, {"log", each.text}};
      TRY(world.out.write(line.dump(-1, ' ', false, ordered_json::error_handler_t::replace) +
                          "\n"));
      continue;
    }
    TRY(world.out.write(
        base::printable_lines((copies.size() > 1 ? "== " + each.name + "\n" : "") + each.text)));
  }
  return {};
}

// Empty where there is none: whether one is needed is for the target to say.
Result<std::string> read_key(const EndpointOptions& options, World& world) {
  std::string key = world.environment ? world.environment("SOOTH_KEY") : "";
  if (!options.key_file.empty()) {
    TRY_ASSIGN(const auto file, base::MappedFile::open(options.key_file, kKeyBytesMax));
    key = std::string(base::as_text(file->bytes()));
  }
  while (key.ends_with('\n')) key.pop_back();
  return key;
}

Result<std::string> read_request(const EndpointOptions& options, World& world) {
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
  // What is corrupt is the server's own matter.
  if (http_status == base::status_of(Code::Internal).http) return Code::Internal;
  for (int i = 0; i <= static_cast<int>(Code::Internal); ++i) {
    const auto code = static_cast<Code>(i);
    if (base::status_of(code).http == http_status) return code;
  }
  return http_status >= 500 ? Code::Unavailable : Code::Invalid;
}

Result<void> score(const EndpointOptions& options, World& world) {
  TRY(check_names(options, options.deployment));
  TRY_ASSIGN(std::string key, read_key(options, world));
  TRY_ASSIGN(std::string body, read_request(options, world));
  TRY_ASSIGN(const auto target, open_target(options.target, world));
  TRY_ASSIGN(const Answer answer, target->score({.endpoint = options.name,
                                                 .deployment = options.deployment,
                                                 .key = std::move(key),
                                                 .body = std::move(body)}));
  if (answer.status >= 200 && answer.status < 300) {
    return world.out.write(answer.body + (answer.body.ends_with('\n') ? "" : "\n"));
  }
  return Error(code_of(answer.status),
               fmt::format("endpoint {}: it answers {}: {}", base::quote(options.name),
                           answer.status, base::printable(answer.body.substr(0, 600))));
}

void add_options(CLI::App& app, EndpointOptions& options) {
  app.add_option("name", options.name, "The endpoint")->required();
  add_target_options(app, options.target);
  add_workspace_option(app, options.target.workspace);
}

}  // namespace

Action declare_status(CLI::App& app) {
  const auto options = std::make_shared<EndpointOptions>();
  add_options(app, *options);
  return [options](World& world, const Common& common) {
    return status(*options, world, common.json);
  };
}

Action declare_logs(CLI::App& app) {
  const auto options = std::make_shared<EndpointOptions>();
  add_options(app, *options);
  app.add_option("--deployment", options->logs.deployment, "Copies of this deployment alone");
  app.add_option("--lines", options->logs.lines, "How many of the last lines of each copy")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app.add_flag("--previous", options->logs.previous, "Of the copies before the last restart");
  return
      [options](World& world, const Common& common) { return logs(*options, world, common.json); };
}

Action declare_score(CLI::App& app) {
  const auto options = std::make_shared<EndpointOptions>();
  add_options(app, *options);
  app.add_option("--deployment", options->deployment, "Ask this deployment");
  app.add_option("--input", options->input, "Body of the request, JSON; -: standard input")
      ->capture_default_str();
  app.add_option("--key-file", options->key_file, "File with the key (default: SOOTH_KEY)");
  return [options](World& world, const Common&) { return score(*options, world); };
}

}  // namespace cli
