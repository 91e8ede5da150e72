#include "cli/registry.h"

#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "base/text.h"
#include "oci/reference.h"

namespace cli {
namespace {

// Where Docker and podman keep credentials.
oci::CredentialStore::Options store_options(const World& world) {
  oci::CredentialStore::Options options;
  const std::string home = variable_of(world, "HOME");
  const std::string docker = variable_of(world, "DOCKER_CONFIG");
  const std::string config = (docker.empty() ? home + "/.docker" : docker) + "/config.json";
  if (const auto file = variable_of(world, "REGISTRY_AUTH_FILE"); !file.empty()) {
    options.files.push_back(file);
  }
  if (const auto run = variable_of(world, "XDG_RUNTIME_DIR"); !run.empty()) {
    options.files.push_back(run + "/containers/auth.json");
  }
  options.files.push_back(config);
  options.written_file = config;
  options.search_path = variable_of(world, "PATH");
  for (const char* name : {"HOME", "PATH", "DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "GNUPGHOME",
                           "XDG_RUNTIME_DIR", "PASSWORD_STORE_DIR"}) {
    if (const auto value = variable_of(world, name); !value.empty()) {
      options.environment.push_back(fmt::format("{}={}", name, value));
    }
  }
  return options;
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    std::string part = list.substr(at, end - at);
    std::erase(part, ' ');
    if (!part.empty()) parts.push_back(std::move(part));
    at = end + 1;
  }
  return parts;
}

}  // namespace

base::Result<net::HttpClient::Options> client_options(const World& world) {
  net::HttpClient::Options options;
  options.user_agent = fmt::format("sooth/{}", SOOTH_VERSION);
  std::string proxy = variable_of(world, "HTTPS_PROXY");
  if (proxy.empty()) proxy = variable_of(world, "https_proxy");
  if (proxy.empty()) return options;
  auto url = net::Url::parse(proxy);
  if (!url.ok()) return std::move(url).error().within("HTTPS_PROXY");
  std::string bypass = variable_of(world, "NO_PROXY");
  if (bypass.empty()) bypass = variable_of(world, "no_proxy");
  options.proxy = net::HttpClient::Proxy{*std::move(url), "", split(bypass)};
  return options;
}

void add_registry_options(CLI::App& app, RegistryFlags& flags) {
  app.add_option("--ca-file", flags.ca_file,
                 "Certificates of authorities that the registry's is signed by, PEM; with it a "
                 "registry on this machine speaks HTTPS too");
}

base::Result<std::unique_ptr<RegistryAccess>> RegistryAccess::open(World& world,
                                                                   const RegistryFlags& flags) {
  TRY_ASSIGN(auto trust, net::TlsTrust::load({.ca_file = flags.ca_file, .ca_option = "--ca-file"}));
  TRY_ASSIGN(auto client, client_options(world));
  std::unique_ptr<RegistryAccess> access(
      new RegistryAccess(world, store_options(world), std::move(client), std::move(trust)));
  access->names_authority_ = !flags.ca_file.empty();
  return access;
}

oci::RegistryOptions RegistryAccess::options_of(const std::string& host,
                                                const std::string& repository) const {
  oci::RegistryOptions options{.host = host, .repository = repository};
  if (names_authority_) options.tls = true;
  return options;
}

base::Result<std::unique_ptr<oci::Registry>> RegistryAccess::connect(
    const std::string& host, const std::string& repository) {
  return oci::Registry::open(
      {.http = http_,
       .credentials = [this](const std::string& of_host,
                             std::string_view of) { return store_.find(of_host, of); },
       .now = world_.now,
       .sleep = [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); }},
      options_of(host, repository));
}

base::Result<void> RegistryAccess::check_login(const std::string& host,
                                               const oci::Credentials& credentials) {
  return oci::Registry::check_login(
      {.http = http_,
       .credentials = [credentials](const std::string&, std::string_view)
           -> base::Result<std::optional<oci::Credentials>> { return std::optional(credentials); },
       .now = world_.now,
       .sleep = [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); }},
      options_of(host, ""));
}

void add_base_option(CLI::App& app, std::string& image) {
  app.add_option("--base", image,
                 "Image to build upon: registry.example/os/base:1, or oci:PATH[:NAME], a layout or "
                 "archive (default: none)");
}

base::Result<BaseAccess> open_base(const std::string& image, const RegistryFlags& flags,
                                   World& world) {
  BaseAccess open;
  if (image.empty()) return open;
  if (oci::LayoutReference::is_one(image)) {
    TRY_ASSIGN(const auto reference, oci::LayoutReference::parse(image));
    TRY_ASSIGN(open.source, oci::open_layout_source(reference));
    return open;
  }
  if (!oci::names_a_registry(image)) {
    return base::Error(base::Code::Invalid,
                       fmt::format("--base: expected an image with its registry, as in "
                                   "registry.example/os/base:1, or oci:PATH, got {}",
                                   base::quote(image)));
  }
  TRY_ASSIGN(auto reference, oci::Reference::parse(image));
  TRY_ASSIGN(open.access, RegistryAccess::open(world, flags));
  TRY_ASSIGN(open.registry, open.access->connect(reference.host, reference.repository));
  open.source = oci::registry_source(*open.registry, std::move(reference));
  return open;
}

}  // namespace cli
