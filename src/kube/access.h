#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "kube/client.h"
#include "kube/kubectl_proxy.h"

namespace kube {

// A way to an API server that is open for as long as the object lives.
class Access {
 public:
  struct Options {
    std::string context;      // Of the kubeconfig; "in-cluster": this pod's own.
    std::string server;       // http://127.0.0.1:8001 instead: loopback only, no credentials.
    std::string search_path;  // Where kubectl is looked for.
    std::vector<std::string> environment;  // Of kubectl.
    // Of a pod: KUBERNETES_SERVICE_HOST and _PORT, and the folder of its token and authority.
    std::string service_host;
    std::string service_port;
    std::string account_folder = "/var/run/secrets/kubernetes.io/serviceaccount";
    std::string user_agent;
    std::function<std::chrono::steady_clock::time_point()> now;
  };
  static constexpr const char* kInCluster = "in-cluster";

  // NotFound: no kubectl · Invalid: a server elsewhere, or not in a pod.
  static base::Result<std::unique_ptr<Access>> open(const Options& options);
  Access(const Access&) = delete;
  Access& operator=(const Access&) = delete;

  Client& client() { return *client_; }

 private:
  Access(std::unique_ptr<KubectlProxy> proxy, const Options& options,
         std::shared_ptr<net::TlsTrust> trust, Endpoint endpoint);

  std::unique_ptr<KubectlProxy> proxy_;
  net::HttpClient http_;
  std::unique_ptr<Client> client_;
};

}  // namespace kube
