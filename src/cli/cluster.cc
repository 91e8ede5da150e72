#include "cli/cluster.h"

#include <thread>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "deploy/endpoint_spec.h"

namespace cli {
namespace {

using base::Code;
using base::Error;

// What kubectl and its login plug-ins read.
constexpr const char* kKubectlVariables[] = {"HOME",
                                             "PATH",
                                             "KUBECONFIG",
                                             "KUBECACHEDIR",
                                             "USER",
                                             "HTTPS_PROXY",
                                             "HTTP_PROXY",
                                             "NO_PROXY",
                                             "https_proxy",
                                             "http_proxy",
                                             "no_proxy",
                                             "AWS_PROFILE",
                                             "AWS_REGION",
                                             "LANG",
                                             "XDG_CONFIG_HOME",
                                             "XDG_RUNTIME_DIR",
                                             "CLOUDSDK_CONFIG",
                                             "AZURE_CONFIG_DIR",
                                             "SSL_CERT_FILE",
                                             "SSL_CERT_DIR"};

constexpr std::size_t kNamespaceMax = 63;

}  // namespace

std::string ClusterFlags::target() const {
  return fmt::format("kubernetes:{}/{}", server.empty() ? context : server, in_namespace);
}

base::Result<OpenCluster> open_cluster(const ClusterFlags& flags, World& world) {
  if (flags.context.empty() == flags.server.empty()) {
    return Error(Code::Invalid,
                 "expected --to CONTEXT or --server URL, to say which cluster; kubectl config "
                 "get-contexts lists contexts");
  }
  if (auto good = deploy::check_dns_name(flags.in_namespace, kNamespaceMax); !good.ok()) {
    return std::move(good).error().within("--namespace");
  }
  kube::Access::Options options{.context = flags.context,
                                .server = flags.server,
                                .search_path = variable_of(world, "PATH"),
                                .environment = {},
                                .service_host = variable_of(world, "KUBERNETES_SERVICE_HOST"),
                                .service_port = variable_of(world, "KUBERNETES_SERVICE_PORT"),
                                .user_agent = fmt::format("sooth/{}", SOOTH_VERSION),
                                .now = world.now};
  for (const char* name : kKubectlVariables) {
    if (const auto value = variable_of(world, name); !value.empty()) {
      options.environment.push_back(fmt::format("{}={}", name, value));
    }
  }
  TRY_ASSIGN(auto access, kube::Access::open(options));
  TRY_ASSIGN(auto cluster, rollout::Cluster::discover(access->client(), flags.in_namespace));
  return OpenCluster{std::move(access), std::move(cluster)};
}

rollout::Time time_of(const World& world) {
  return {.now = world.now,
          .sleep = [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); }};
}

}  // namespace cli
