#include "cli/endpoint.h"

#include <utility>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "auth/key_set.h"
#include "base/base64.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/networks.h"
#include "cli/progress.h"
#include "cli/workspace.h"
#include "deploy/azureml_files.h"
#include "model/reference.h"
#include "oci/reference.h"
#include "publish/build.h"
#include "publish/transfer.h"

namespace cli {
namespace {

using base::Code;
using base::Error;
using base::Result;
using deploy::DeploymentSpec;
using deploy::EndpointSpec;

constexpr std::uint64_t kFileBytesMax = 256U << 10U;
constexpr const char* kKeysFile = "keys.json";

Result<std::string> read_file(const std::string& path, std::uint64_t bytes_max) {
  TRY_ASSIGN(const auto file, base::MappedFile::open(path, bytes_max));
  return std::string(base::as_text(file->bytes()));
}

// One deployment of the version that was named, with everything by default.
Result<EndpointSpec> plain_spec(const std::string& version) {
  TRY_ASSIGN(const auto reference, model::Reference::parse(version));
  return deploy::parse_endpoint(
      "endpoint", fmt::format("name: \"{}\"\ndeployments:\n  blue:\n    version: \"{}\"\n",
                              reference.name, version));
}

Result<std::map<std::string, std::string>> parse_images(const EndpointFlags& flags,
                                                        const EndpointSpec& spec) {
  std::map<std::string, std::string> images;
  for (const std::string& each : flags.images) {
    const std::size_t equals = each.find('=');
    if (equals == std::string::npos) {
      return Error(Code::Invalid, fmt::format("--image: expected deployment=image, as in "
                                              "blue=registry.example/faq@sha256:..., got {}",
                                              base::quote(each)));
    }
    const std::string name = each.substr(0, equals);
    if (spec.find_deployment(name) == nullptr) {
      return Error(Code::Invalid, fmt::format("--image: endpoint {} has no deployment {}",
                                              base::quote(spec.name), base::quote(name)));
    }
    images[name] = each.substr(equals + 1);
  }
  return images;
}

// Builds the image of a version, and sends it where asked to.
Result<std::string> build_version(const DeploymentSpec& deployment, const EndpointFlags& flags,
                                  workspace::Workspace& workspace, World& world, bool push) {
  TRY_ASSIGN(const auto reference, model::Reference::parse(deployment.version));
  TRY_ASSIGN(const auto version, workspace.find(reference));
  TRY_ASSIGN(const auto place, oci::Reference::parse_repository(flags.repository));
  TRY_ASSIGN(const auto held, workspace.hold());
  TRY_ASSIGN(const BaseAccess base, open_base(flags.base, flags.registry, world));
  TRY_ASSIGN(const auto built,
             publish::build_image(workspace, version,
                                  {.program = world.program,
                                   .release = SOOTH_VERSION,
                                   .base = base.source.get(),
                                   .find_engine = [&world] { return find_engine(world); }}));
  const std::string image =
      fmt::format("{}/{}@{}", place.host, place.repository, built.manifest.digest.text());
  if (!push) return image;
  TRY_ASSIGN(const auto access, RegistryAccess::open(world, flags.registry));
  TRY_ASSIGN(const auto registry, access->connect(place.host, place.repository));
  Progress progress(world);
  const publish::OnTransfer show = [&](std::uint64_t done, std::uint64_t all) {
    progress.bytes("pushing", done, all);
  };
  TRY_ASSIGN(const auto pushed,
             publish::push_image(workspace, built,
                                 {.registry = *registry,
                                  .tag = publish::tag_of(place.repository, version),
                                  .mount_from = {},
                                  .base = base.source.get(),
                                  .on_fetch = show,
                                  .on_push = show}));
  static_cast<void>(pushed);
  return image;
}

// The image that a tag names now: what is deployed stays it, wherever the tag goes.
Result<std::string> resolve_image(const std::string& image, const EndpointFlags& flags,
                                  World& world) {
  TRY_ASSIGN(auto reference, oci::Reference::parse(image));
  if (!reference.digest) {
    TRY_ASSIGN(const auto access, RegistryAccess::open(world, flags.registry));
    TRY_ASSIGN(const auto registry, access->connect(reference.host, reference.repository));
    auto found = registry->find_manifest(reference.tag);
    if (!found.ok()) return std::move(found).error().within(image);
    if (!*found) {
      return Error(Code::NotFound, fmt::format("image {}: the registry does not have it; push it "
                                               "with sooth push",
                                               base::quote(image)));
    }
    reference.digest = (*found)->digest;
  }
  return fmt::format("{}/{}@{}", reference.host, reference.repository, reference.digest->text());
}

Result<void> find_images(ReadyEndpoint& endpoint, const EndpointFlags& flags, World& world,
                         bool push) {
  auto& images = endpoint.context.images;
  TRY_ASSIGN(images, parse_images(flags, endpoint.spec));
  for (const DeploymentSpec& each : endpoint.spec.deployments) {
    if (images.contains(each.name)) continue;
    if (oci::names_a_registry(each.version)) {
      TRY_ASSIGN(images[each.name], resolve_image(each.version, flags, world));
      continue;
    }
    if (!flags.repository.empty() && endpoint.workspace != nullptr) {
      TRY_ASSIGN(images[each.name], build_version(each, flags, *endpoint.workspace, world, push));
      continue;
    }
    return Error(Code::Invalid,
                 fmt::format("deployment {}: expected its image: --image {}=registry.example/faq@"
                             "sha256:..., or --repository registry.example/faq to build it for",
                             base::quote(each.name), each.name));
  }
  return {};
}

Result<void> require_keys(ReadyEndpoint& endpoint, const EndpointFlags& flags) {
  TRY_ASSIGN(const std::string text,
             find_keys(flags, endpoint.spec.name, endpoint.workspace.get()));
  if (text.empty()) {
    return Error(Code::Invalid,
                 fmt::format("endpoint {}: expected keys, without which nobody but itself could "
                             "reach it; sooth keys create {} --client NAME makes them",
                             base::quote(endpoint.spec.name), endpoint.spec.name));
  }
  endpoint.context.keys_base64[kKeysFile] = base::base64_encode(text);
  return {};
}

Result<void> find_exposure(const EndpointFlags& flags, deploy_kubernetes::RenderContext& context) {
  context.hosts = flags.hosts;
  context.tls_secret = flags.tls_secret;
  context.gateway_class = flags.gateway_class;
  context.ingress_class = flags.ingress_class;
  context.image_pull_secrets = flags.pull_secrets;
  context.client_namespaces = flags.client_namespaces;
  context.monitor_secret = flags.monitor_secret;
  if (flags.gateway.empty()) return {};
  const std::size_t slash = flags.gateway.find('/');
  if (slash == std::string::npos) {
    return Error(Code::Invalid, fmt::format("--gateway: expected namespace/name, got {}",
                                            base::quote(flags.gateway)));
  }
  context.gateway = deploy_kubernetes::GatewayRef{.in_namespace = flags.gateway.substr(0, slash),
                                                  .name = flags.gateway.substr(slash + 1)};
  return {};
}

}  // namespace

void add_endpoint_options(CLI::App& app, EndpointFlags& flags) {
  app.add_option("-f,--file", flags.files,
                 "endpoint.yaml, or the endpoint and deployment files of Azure ML");
  app.add_option("--image", flags.images,
                 "Image of a deployment: blue=registry.example/faq@sha256:...");
  app.add_option(
      "--repository", flags.repository,
      "Build images of versions for this repository: registry.example/team/faq; tagged 3 "
      "for faq:3, and spam-3 for another model's spam:3");
  add_base_option(app, flags.base);
  app.add_option("--keys", flags.keys, "keys.json (default: the workspace's keys of the endpoint)");
  app.add_option("--host", flags.hosts, "Name by which it is reached from outside")
      ->group("Exposure");
  app.add_option("--tls-secret", flags.tls_secret, "Secret with the certificate of the hosts")
      ->group("Exposure");
  app.add_option("--gateway", flags.gateway, "A Gateway that is there: namespace/name")
      ->group("Exposure");
  app.add_option("--gateway-class", flags.gateway_class, "Make a Gateway of this class")
      ->group("Exposure");
  app.add_option("--ingress-class", flags.ingress_class, "Class of the Ingress, without Gateways")
      ->group("Exposure");
  app.add_option("--pull-secret", flags.pull_secrets, "Secret with credentials for the registry");
  app.add_option("--client-namespace", flags.client_namespaces,
                 "Namespace whose pods may connect: of the gateway, the monitor")
      ->group("Exposure");
  app.add_option("--monitor-secret", flags.monitor_secret,
                 "Secret whose \"key\" is a key of scope metrics, for the PodMonitor");
  add_registry_options(app, flags.registry);
  add_workspace_option(app, flags.workspace);
}

Result<EndpointSpec> read_spec(const EndpointFlags& flags, World& world) {
  if (flags.files.empty()) {
    if (flags.name.empty()) {
      return Error(Code::Invalid, "expected -f endpoint.yaml or the name of a version");
    }
    return plain_spec(flags.name);
  }
  std::vector<deploy::NamedText> texts;
  for (const std::string& file : flags.files) {
    TRY_ASSIGN(std::string text, read_file(file, kFileBytesMax));
    texts.push_back({file, std::move(text)});
  }
  EndpointSpec spec;
  if (deploy::is_azureml(texts.front().text)) {
    TRY_ASSIGN(deploy::AzureEndpoint azure, deploy::parse_azureml(texts));
    for (const std::string& note : azure.notes) {
      TRY(world.err.write(fmt::format("note: {}\n", base::printable(note))));
    }
    spec = std::move(azure.spec);
  } else if (texts.size() > 1) {
    return Error(Code::Invalid, "-f: expected one endpoint.yaml, got several files");
  } else {
    TRY_ASSIGN(spec, deploy::parse_endpoint(texts[0].file, texts[0].text));
  }
  if (!flags.name.empty() && flags.name != spec.name) {
    return Error(Code::Invalid, fmt::format("{}: expected endpoint {}, got {}", flags.files.front(),
                                            base::quote(flags.name), base::quote(spec.name)));
  }
  return spec;
}

Result<void> pin_versions(EndpointSpec& spec, workspace::Workspace& workspace) {
  for (DeploymentSpec& each : spec.deployments) {
    if (oci::names_a_registry(each.version)) continue;
    TRY_ASSIGN(const auto reference, model::Reference::parse(each.version));
    TRY_ASSIGN(const auto version, workspace.find(reference));
    each.version = version.reference();
  }
  return {};
}

Result<std::string> find_keys(const EndpointFlags& flags, const std::string& endpoint,
                              workspace::Workspace* workspace) {
  if (!flags.keys.empty()) {
    TRY_ASSIGN(const std::string text, read_file(flags.keys, auth::kKeyFileBytesMax));
    auto parsed = auth::KeySet::parse(text);
    if (!parsed.ok()) return std::move(parsed).error().within(base::quote(flags.keys));
    return parsed->json();
  }
  if (workspace == nullptr) return std::string();
  TRY_ASSIGN(auto records, workspace->keys(endpoint));
  if (records.empty()) return std::string();
  TRY_ASSIGN(const auto keys, auth::KeySet::make(std::move(records)));
  return keys.json();
}

Result<ReadyEndpoint> prepare_endpoint(const EndpointFlags& flags, World& world, bool push) {
  ReadyEndpoint endpoint;
  TRY_ASSIGN(endpoint.spec, read_spec(flags, world));
  auto opened = open_workspace(flags.workspace, world, false);
  // Images and keys that were given need none.
  const bool needs = flags.images.size() < endpoint.spec.deployments.size() || flags.keys.empty();
  if (opened.ok()) {
    endpoint.workspace = *std::move(opened);
    auto pinned = pin_versions(endpoint.spec, *endpoint.workspace);
    if (!pinned.ok() && (needs || pinned.error().code() != Code::NotFound)) {
      return std::move(pinned).error();
    }
  } else if (needs && opened.error().code() != Code::NotFound) {
    return std::move(opened).error();
  }
  TRY(find_images(endpoint, flags, world, push));
  TRY(require_keys(endpoint, flags));
  TRY(find_exposure(flags, endpoint.context));
  endpoint.context.tool = fmt::format("sooth/v{}", SOOTH_VERSION);
  endpoint.context.arguments = {
      "--address",   "0.0.0.0",
      "--port",      std::to_string(deploy_kubernetes::kPort),
      "--name",      endpoint.spec.name,
      "--keys",      fmt::format("{}/{}", deploy_kubernetes::kKeysFolder, kKeysFile),
      "--cleartext",
  };
  return endpoint;
}

std::vector<base::Digest> digests_of(const std::vector<std::string>& versions,
                                     workspace::Workspace& workspace) {
  std::vector<base::Digest> digests;
  for (const std::string& each : versions) {
    const auto reference = model::Reference::parse(each);
    if (!reference.ok()) continue;
    const auto version = workspace.find(*reference);
    if (version.ok()) digests.push_back(version->digest);
  }
  return digests;
}

}  // namespace cli
