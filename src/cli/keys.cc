#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "auth/key_set.h"
#include "auth/keys.h"
#include "auth/random.h"
#include "base/file.h"
#include "base/number.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/json_answer.h"
#include "cli/served_keys.h"
#include "cli/workspace.h"

namespace cli {
namespace {

using auth::KeyRecord;
using base::Code;
using base::Error;
using base::Result;
using nlohmann::ordered_json;
using workspace::KeyChange;
using workspace::Workspace;

struct KeysOptions {
  std::string workspace;
  std::string endpoint;
  std::string client;
  std::string id;
  std::string expires;
  std::string output;
  std::vector<std::string> scopes = {"score"};
};

using KeysAct = Result<void> (*)(const KeysOptions&, Workspace&, World&, bool json);

constexpr std::int64_t kDaysMax = 36'500;

auth::Timestamp now_of(const World& world) {
  return std::chrono::floor<std::chrono::seconds>(world.wall_now());
}

Result<auth::Scopes> parse_scopes(const std::vector<std::string>& names) {
  auth::Scopes scopes;
  for (const std::string& name : names) {
    const auto scope = auth::find_scope(name);
    if (!scope) {
      return Error(Code::Invalid, fmt::format("--scope: expected score, metrics or manage, got {}",
                                              base::quote(name)));
    }
    scopes.add(*scope);
  }
  return scopes;
}

// "90d", or a moment.
Result<std::optional<auth::Timestamp>> parse_expires(const std::string& text, auth::Timestamp now) {
  if (text.empty()) return std::optional<auth::Timestamp>();
  if (text.ends_with('d')) {
    const auto days = base::parse_int(text.substr(0, text.size() - 1));
    if (days && *days > 0 && *days <= kDaysMax) {
      return std::optional(now + std::chrono::hours(24 * *days));
    }
  }
  auto moment = auth::parse_timestamp(text);
  if (moment.ok()) return std::optional(*moment);
  return Error(Code::Invalid, fmt::format("--expires: expected days such as 90d, or a moment such "
                                          "as 2027-01-02T03:04:05Z, got {}",
                                          base::quote(text)));
}

ordered_json to_json(const KeyRecord& record) {
  ordered_json body = {{"id", record.id},
                       {"client", record.client},
                       {"endpoint", record.endpoint},
                       {"scope", record.scope.names()},
                       {"slot", auth::slot_name(record.slot)},
                       {"created", auth::format_timestamp(record.created)}};
  if (record.expires) body["expires"] = auth::format_timestamp(*record.expires);
  return body;
}

std::string line_of(const KeyRecord& record) {
  return fmt::format(
      "{:<18} {:<10} {:<16} {:<16} {:<14} {}\n", record.id, auth::slot_name(record.slot),
      base::printable(record.endpoint), base::printable(record.client),
      fmt::join(record.scope.names(), ","),
      record.expires ? "until " + auth::format_timestamp(*record.expires) : "until revoked");
}

// The one place where keys are shown.
Result<void> show_once(const std::vector<auth::MintedKey>& keys, World& world, bool json) {
  if (json) {
    ordered_json body = ordered_json::array();
    for (const auto& each : keys) {
      body.push_back(to_json(each.record));
      body.back()["key"] = each.text.reveal();
    }
    return write_json(world, body);
  }
  std::string text;
  for (const auto& each : keys) {
    text += fmt::format("{:<10} {}\n", auth::slot_name(each.record.slot), each.text.reveal());
  }
  return world.out.write(text + "Shown this once: only their digests are kept.\n");
}

Result<void> create(const KeysOptions& options, Workspace& workspace, World& world, bool json) {
  const auth::Timestamp now = now_of(world);
  auth::KeyRequest request{
      .client = options.client, .endpoint = options.endpoint, .scope = {}, .expires = {}};
  TRY_ASSIGN(request.scope, parse_scopes(options.scopes));
  TRY_ASSIGN(request.expires, parse_expires(options.expires, now));
  std::vector<auth::MintedKey> minted;
  TRY(workspace.change_keys([&](const std::vector<KeyRecord>& records) -> Result<KeyChange> {
    TRY_ASSIGN(auto pair, auth::create_keys(records, request, auth::system_random, now));
    KeyChange change{"key.create", {pair.primary.record, pair.secondary.record}, {}};
    minted.clear();
    minted.push_back(std::move(pair.primary));
    minted.push_back(std::move(pair.secondary));
    return change;
  }));
  TRY(show_once(minted, world, json));
  return renew_served_keys(workspace);
}

Result<void> list_keys(const KeysOptions& options, Workspace& workspace, World& world, bool json) {
  TRY_ASSIGN(const auto records, workspace.keys(options.endpoint));
  if (json) {
    ordered_json body = ordered_json::array();
    for (const KeyRecord& each : records) body.push_back(to_json(each));
    return write_json(world, body);
  }
  std::string text;
  for (const KeyRecord& each : records) text += line_of(each);
  return world.out.write(text);
}

Result<void> rotate(const KeysOptions& options, Workspace& workspace, World& world, bool json) {
  std::vector<auth::MintedKey> minted;
  TRY(workspace.change_keys([&](const std::vector<KeyRecord>& records) -> Result<KeyChange> {
    TRY_ASSIGN(auto key, auth::rotate_key(records, options.id, auth::system_random, now_of(world)));
    KeyChange change{"key.rotate", {key.record}, {}};
    minted.clear();
    minted.push_back(std::move(key));
    return change;
  }));
  TRY(show_once(minted, world, json));
  return renew_served_keys(workspace);
}

Result<void> revoke(const KeysOptions& options, Workspace& workspace, World& world, bool json) {
  std::optional<KeyRecord> revoked;
  TRY(workspace.change_keys([&](const std::vector<KeyRecord>& records) -> Result<KeyChange> {
    TRY_ASSIGN(revoked, auth::revoke_key(records, options.id));
    return KeyChange{"key.revoke", {}, {options.id}};
  }));
  TRY(renew_served_keys(workspace));
  if (json) return world.out.write(to_json(*revoked).dump(2) + "\n");
  return world.out.write(
      fmt::format("{} revoked; servers know when they get the next sooth keys export or "
                  "sooth deploy, and those that take the workspace's keys at once\n",
                  revoked->id));
}

Result<void> export_keys(const KeysOptions& options, Workspace& workspace, World& world,
                         bool json) {
  TRY_ASSIGN(auto records, workspace.keys(options.endpoint));
  const std::size_t count = records.size();
  TRY_ASSIGN(const auto keys, auth::KeySet::make(std::move(records)));
  if (options.output == "-") return world.out.write(keys.json());
  TRY_ASSIGN(const auto file, base::AtomicFile::create(options.output));
  TRY(file->append(keys.json()));
  TRY(file->commit());
  if (json) {
    return world.out.write(ordered_json({{"file", options.output}, {"keys", count}}).dump(2) +
                           "\n");
  }
  return world.out.write(
      fmt::format("{} keys in {}, for sooth serve --keys\n", count, options.output));
}

// What one second word takes and does.
struct KeysPart {
  const char* name;
  const char* summary;
  void (*declare)(CLI::App& app, KeysOptions& options);
  KeysAct act;
};

void take_new(CLI::App& app, KeysOptions& options) {
  app.add_option("endpoint", options.endpoint, "Name of the endpoint; \"*\": every one")
      ->required();
  app.add_option("--client", options.client, "Whose the keys are")->required();
  app.add_option("--scope", options.scopes, "What they permit: score, metrics, manage")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--expires", options.expires,
                 "When they stop working: 90d, or 2027-01-02T03:04:05Z (default: never)");
}
void take_endpoint(CLI::App& app, KeysOptions& options) {
  app.add_option("endpoint", options.endpoint, "Keys of this endpoint alone");
}
void take_id(CLI::App& app, KeysOptions& options) {
  app.add_option("id", options.id, "Id of the key, as sooth keys list shows it")->required();
}
void take_output(CLI::App& app, KeysOptions& options) {
  take_endpoint(app, options);
  app.add_option("-o,--output", options.output, "Where to write keys.json; -: standard output")
      ->required();
}

constexpr KeysPart kKeysParts[] = {
    {"create", "Make a client's two keys for an endpoint, and show them once", take_new, create},
    {"list", "Show whose keys there are", take_endpoint, list_keys},
    {"rotate", "Give a key a new secret; the client's other key goes on working", take_id, rotate},
    {"revoke", "Take a key away", take_id, revoke},
    {"export", "Write what a server needs to check keys", take_output, export_keys},
};

}  // namespace

Action declare_keys(CLI::App& app) {
  const auto options = std::make_shared<KeysOptions>();
  add_workspace_option(app, options->workspace);
  app.require_subcommand(1);
  std::vector<std::pair<CLI::App*, KeysAct>> parts;
  for (const KeysPart& part : kKeysParts) {
    CLI::App* sub = app.add_subcommand(part.name, part.summary);
    part.declare(*sub, *options);
    parts.emplace_back(sub, part.act);
  }
  return [options, parts](World& world, const Common& common) -> Result<void> {
    for (const auto& [sub, act] : parts) {
      if (!sub->parsed()) continue;
      // Keys may come before the first version.
      TRY_ASSIGN(const auto workspace, open_workspace(options->workspace, world, act == &create));
      return act(*options, *workspace, world, common.json);
    }
    return {};
  };
}

}  // namespace cli
