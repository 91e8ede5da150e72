#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "cli/registry.h"
#include "cli/world.h"
#include "deploy/endpoint_spec.h"
#include "deploy_kubernetes/render.h"
#include "workspace/workspace.h"

namespace CLI {
class App;
}  // namespace CLI

namespace cli {

// What `sooth render` and `sooth deploy` are told about an endpoint.
struct EndpointFlags {
  std::string name;  // "faq", or the version that an endpoint of one deployment gets: "faq:3".
  std::vector<std::string> files;
  std::vector<std::string> images;  // "blue=registry.example/faq@sha256:..."
  std::string repository;
  std::string base;  // Of the images that are built for it.
  std::string keys;
  std::string workspace;
  RegistryFlags registry;
  std::uint16_t port = 0;  // Of this machine; 0: not said.

  std::vector<std::string> hosts;
  std::string tls_secret;
  std::string gateway;  // "namespace/name"
  std::string gateway_class;
  std::string ingress_class;
  std::vector<std::string> pull_secrets;
  std::vector<std::string> client_namespaces;
  std::string monitor_secret;
};
void add_endpoint_options(CLI::App& app, EndpointFlags& flags);

// An endpoint of which everything is known but the cluster.
struct ReadyEndpoint {
  deploy::EndpointSpec spec;                 // Its versions pinned: "faq:3", never "faq@champion".
  deploy_kubernetes::RenderContext context;  // Without APIs, namespace and owner.
  std::unique_ptr<workspace::Workspace> workspace;  // Null where there is none.
};

// The endpoint that the files say, or one deployment of the version that is named; notes of what
// was left out go to world.err.
base::Result<deploy::EndpointSpec> read_spec(const EndpointFlags& flags, World& world);
// Aliases move; what is deployed stays the version that was meant now.
base::Result<void> pin_versions(deploy::EndpointSpec& spec, workspace::Workspace& workspace);
// The keys of the file that was named, else the workspace's for the endpoint, as keys.json; empty
// where there are none.
base::Result<std::string> find_keys(const EndpointFlags& flags, const std::string& endpoint,
                                    workspace::Workspace* workspace);

// Reads the files, finds versions, keys and images; notes of what was left out go to world.err.
// `push` sends images that are built to the registry, else nothing is sent.
base::Result<ReadyEndpoint> prepare_endpoint(const EndpointFlags& flags, World& world, bool push);

// The digests of those versions that the workspace has.
std::vector<base::Digest> digests_of(const std::vector<std::string>& versions,
                                     workspace::Workspace& workspace);

}  // namespace cli
