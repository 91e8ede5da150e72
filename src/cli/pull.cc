#include <memory>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/json_answer.h"
#include "cli/progress.h"
#include "cli/pull.h"
#include "cli/registry.h"
#include "cli/workspace.h"
#include "oci/reference.h"
#include "publish/transfer.h"

namespace cli {
namespace {

using base::Code;
using base::Error;
using base::Result;
using nlohmann::ordered_json;

struct PullOptions {
  std::string workspace;
  std::string from;
  std::string name;
  RegistryFlags registry;
};

struct LoginOptions {
  std::string host;
  std::string user;
  bool password_stdin = false;
  bool forget = false;
  RegistryFlags registry;
};

Result<void> pull(const PullOptions& options, World& world, bool json) {
  TRY_ASSIGN(const auto workspace, open_workspace(options.workspace, world, true));
  TRY_ASSIGN(const publish::Pulled pulled,
             pull_reference(options.from, options.name, options.registry, *workspace, world));
  if (json) {
    return write_json(world, {{"reference", pulled.version.reference()},
                              {"digest", pulled.version.digest.text()},
                              {"new", pulled.is_new},
                              {"downloaded", pulled.downloaded}});
  }
  return world.out.write(fmt::format("{}{}\n  {}\n  {} fetched\n", pulled.version.reference(),
                                     pulled.is_new ? "" : " (here before, unchanged)",
                                     pulled.version.digest.text(),
                                     base::human_bytes(pulled.downloaded)));
}

// The first line of standard input.
Result<std::string> read_secret(World& world) {
  std::string text;
  char buffer[4096];
  while (text.size() < 64 * sizeof buffer) {
    TRY_ASSIGN(const std::size_t count, world.in.read(buffer));
    if (count == 0) break;
    text.append(buffer, count);
  }
  text.resize(std::min(text.find_first_of("\r\n"), text.size()));
  if (text.empty()) {
    return Error(Code::Invalid, "login: expected the password on standard input, got nothing");
  }
  return text;
}

Result<void> login(const LoginOptions& options, World& world, bool json) {
  TRY_ASSIGN(const auto access, RegistryAccess::open(world, options.registry));
  if (options.forget) {
    TRY_ASSIGN(const bool known, access->store().erase(options.host));
    if (json) return write_json(world, {{"registry", options.host}, {"forgotten", known}});
    return world.out.write(known ? fmt::format("{}: forgotten\n", options.host)
                                 : fmt::format("{}: nothing was known\n", options.host));
  }
  if (options.user.empty() || !options.password_stdin) {
    return Error(Code::Invalid,
                 "login: expected --user and --password-stdin, as in `sooth login "
                 "registry.example --user ada --password-stdin < password.txt`");
  }
  TRY_ASSIGN(std::string secret, read_secret(world));
  const oci::Credentials credentials{
      .user = options.user, .secret = std::move(secret), .identity_token = false};
  TRY(access->check_login(options.host, credentials));
  TRY(access->store().store(options.host, credentials));
  if (json) return write_json(world, {{"registry", options.host}, {"user", options.user}});
  return world.out.write(fmt::format("{}: logged in as {}\n", options.host, options.user));
}

}  // namespace

Result<publish::Pulled> pull_reference(const std::string& from, const std::string& name,
                                       const RegistryFlags& flags, workspace::Workspace& workspace,
                                       World& world) {
  TRY_ASSIGN(const auto reference, oci::Reference::parse(from));
  const std::string& repository = reference.repository;
  const std::string model = name.empty() ? repository.substr(repository.rfind('/') + 1) : name;
  TRY_ASSIGN(const auto access, RegistryAccess::open(world, flags));
  TRY_ASSIGN(const auto registry, access->connect(reference.host, repository));
  Progress progress(world);
  auto pulled = publish::pull_version(
      workspace, *registry, reference.manifest(), model,
      {.on_transfer = [&](std::uint64_t done,
                          std::uint64_t all) { progress.bytes("fetching", done, all); },
       .networks = world.networks});
  if (!pulled.ok()) return std::move(pulled).error().within(from);
  return pulled;
}

Action declare_pull(CLI::App& app) {
  const auto options = std::make_shared<PullOptions>();
  app.add_option("from", options->from, "registry.example/team/faq:3")->required();
  app.add_option("--name", options->name, "Name of the model here (default: the repository's)");
  add_registry_options(app, options->registry);
  add_workspace_option(app, options->workspace);
  app.footer("Fetches the model alone, checks every byte, and replays its golden rows.");
  return
      [options](World& world, const Common& common) { return pull(*options, world, common.json); };
}

Action declare_login(CLI::App& app) {
  const auto options = std::make_shared<LoginOptions>();
  app.add_option("registry", options->host, "registry.example or registry.example:5000")
      ->required();
  app.add_option("--user", options->user, "Name to log in with");
  app.add_flag("--password-stdin", options->password_stdin,
               "Read the password from standard input");
  app.add_flag("--forget", options->forget, "Forget what is known of the registry instead");
  add_registry_options(app, options->registry);
  app.footer("Kept where Docker keeps it: in config.json, or with the helper that it names.");
  return
      [options](World& world, const Common& common) { return login(*options, world, common.json); };
}

}  // namespace cli
