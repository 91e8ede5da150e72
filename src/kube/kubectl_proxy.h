#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "base/result.h"
#include "net/url.h"

namespace kube {

// `kubectl proxy` as a child of this process, which ends with it: so that whatever way of logging
// in a kubeconfig names works, and no credential comes into this process.
class KubectlProxy {
 public:
  struct Options {
    std::string program;                   // Path of kubectl.
    std::string context;                   // Of the kubeconfig; empty: its current one.
    std::vector<std::string> environment;  // "NAME=value": KUBECONFIG, HOME, PATH, ...
  };

  // Waits until it says where it listens. Errors hold what kubectl said last.
  static base::Result<std::unique_ptr<KubectlProxy>> start(
      const Options& options, std::chrono::steady_clock::time_point deadline);
  KubectlProxy(const KubectlProxy&) = delete;
  KubectlProxy& operator=(const KubectlProxy&) = delete;
  ~KubectlProxy();

  const net::Url& url() const { return url_; }

 private:
  KubectlProxy(pid_t pid, int output) : pid_(pid), output_(output) {}

  pid_t pid_;
  int output_;  // Open for as long as it runs: writing to nobody would end it.
  net::Url url_;
};

// "Starting to serve on 127.0.0.1:8001" -> http://127.0.0.1:8001. Invalid where the line is
// another.
base::Result<net::Url> parse_proxy_line(std::string_view line);

}  // namespace kube
