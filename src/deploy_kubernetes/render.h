#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "deploy/endpoint_spec.h"
#include "deploy_kubernetes/cluster_apis.h"
#include "deploy_kubernetes/object.h"

namespace deploy_kubernetes {

// Where the file of keys lies in a copy, for the arguments of its server.
constexpr std::string_view kKeysFolder = "/etc/sooth/keys";
constexpr std::int64_t kPort = 8080;
// The user of the images that `sooth build` makes.
constexpr std::int64_t kUser = 65'532;

// A Gateway that somebody else keeps, which terminates TLS, and its listeners.
struct GatewayRef {
  std::string in_namespace;
  std::string name;
  std::string http_section = "http";
  std::string https_section = "https";
};

// What rendering needs beside the spec: the cluster, and what only its user can know.
struct RenderContext {
  std::string in_namespace;
  ClusterApis apis;
  std::map<std::string, std::string> images;  // By deployment: "registry.example/faq@sha256:..."
  std::vector<std::string> arguments;         // Of the server; none: those of the image.
  std::map<std::string, std::string> keys_base64;  // Files of the Secret; none: no Secret.
  std::vector<std::string> image_pull_secrets;

  std::vector<std::string> hosts;  // None: it is reached within the cluster only.
  std::string tls_secret;          // Needed for hosts where no Gateway is named.
  std::optional<GatewayRef> gateway;
  std::string gateway_class;  // Makes a Gateway of this class where none is named.
  std::string ingress_class;
  std::vector<std::string> client_namespaces;  // That may connect: of the gateway, the monitor.
  // Secret of the namespace whose "key" is a key of scope metrics; empty: the monitor has none.
  std::string monitor_secret;

  std::string owner_uid;       // Of the endpoint's ConfigMap; empty where it was not created yet.
  std::string tool = "sooth";  // Who applies, with version, for the ApplySet: "sooth/v0.1.0".
};

// The objects of an endpoint, the ConfigMap that owns the others first. The same input gives the
// same bytes. Refuses images without digest, hosts without TLS, a split of traffic that the cluster
// cannot make, and kinds that it does not offer.
base::Result<std::vector<Object>> render(const deploy::EndpointSpec& spec,
                                         const RenderContext& context);

// What a person should know about the result although it is right: one sentence each.
std::vector<std::string> advice(const deploy::EndpointSpec& spec, const RenderContext& context);

// Names and labels, for who looks the objects up.
std::string owner_name(std::string_view endpoint);
std::string deployment_name(std::string_view endpoint, std::string_view deployment);
constexpr std::string_view kEndpointLabel = "sooth/endpoint";
constexpr std::string_view kDeploymentLabel = "sooth/deployment";
constexpr std::string_view kFieldOwner = "sooth";
// KEP-3659: the value of applyset.kubernetes.io/id on the parent and part-of on the members.
std::string applyset_id(std::string_view endpoint, std::string_view in_namespace);

}  // namespace deploy_kubernetes
