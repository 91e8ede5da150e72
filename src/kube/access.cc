#include "kube/access.h"

#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "threads/process.h"

namespace kube {
namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr std::chrono::seconds kStartTimeMax{15};

Result<Endpoint> plain_endpoint(const std::string& server) {
  TRY_ASSIGN(net::Url url, net::Url::parse(server));
  if (url.origin.tls || !url.origin.loopback()) {
    return Error(Code::Invalid,
                 fmt::format("server {}: expected plain http to a loopback address, such as that "
                             "of kubectl proxy; for any other use --to CONTEXT",
                             base::quote(server)));
  }
  return Endpoint{std::move(url), ""};
}

Result<Endpoint> pod_endpoint(const Access::Options& options) {
  if (options.service_host.empty() || options.service_port.empty()) {
    return Error(Code::Invalid,
                 "in-cluster: expected KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT, which "
                 "every pod has; elsewhere use --to CONTEXT");
  }
  const bool v6 = options.service_host.find(':') != std::string::npos;
  TRY_ASSIGN(net::Url url,
             net::Url::parse(fmt::format("https://{}{}{}:{}", v6 ? "[" : "", options.service_host,
                                         v6 ? "]" : "", options.service_port)));
  return Endpoint{std::move(url), options.account_folder + "/token"};
}

}  // namespace

Access::Access(std::unique_ptr<KubectlProxy> proxy, const Options& options,
               std::shared_ptr<net::TlsTrust> trust, Endpoint endpoint)
    : proxy_(std::move(proxy)),
      http_({.user_agent = options.user_agent, .proxy = std::nullopt}, std::move(trust)),
      client_(std::make_unique<Client>(http_, std::move(endpoint),
                                       Client::Options{.now = options.now})) {}

Result<std::unique_ptr<Access>> Access::open(const Options& options) {
  net::TlsTrust::Options trusted{.system = false, .ca_file = "", .ca_folder = ""};
  std::unique_ptr<KubectlProxy> proxy;
  Endpoint endpoint;
  if (!options.server.empty()) {
    TRY_ASSIGN(endpoint, plain_endpoint(options.server));
  } else if (options.context == kInCluster) {
    TRY_ASSIGN(endpoint, pod_endpoint(options));
    trusted.ca_file = options.account_folder + "/ca.crt";
  } else {
    const auto program = threads::find_program("kubectl", options.search_path);
    if (!program) {
      return Error(Code::NotFound,
                   "kubectl: it is not in PATH; the way to a cluster goes through it, so that "
                   "every way of logging in works");
    }
    TRY_ASSIGN(proxy, KubectlProxy::start({.program = *program,
                                           .context = options.context,
                                           .environment = options.environment},
                                          options.now() + kStartTimeMax));
    endpoint.url = proxy->url();
  }
  TRY_ASSIGN(auto trust, net::TlsTrust::load(trusted));
  return std::unique_ptr<Access>(
      new Access(std::move(proxy), options, std::move(trust), std::move(endpoint)));
}

}  // namespace kube
