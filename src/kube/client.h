#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/result.h"
#include "kube/answer.h"
#include "net/http_client.h"
#include "net/url.h"

namespace kube {

// Where an API server is, and what is sent along.
struct Endpoint {
  net::Url url;            // Its path counts for nothing.
  std::string token_file;  // Read for each request, since it is renewed; empty: no token.
};

// Server-side apply.
struct ApplyOptions {
  std::string field_manager;
  bool force = false;  // Take over fields that others own.
  bool dry_run = false;
};

// One API server. Paths are those of its API ("/apis/apps/v1/namespaces/prod/deployments"). Each
// call waits, at most `call_time_max`.
//
// Errors, with the server's own message: Unauthenticated 401 · Denied 403 · NotFound 404 ·
// Conflict 409 · Invalid 400 and 422 · Exhausted 429 · Unavailable 5xx and no connection ·
// Corrupt an answer that is not JSON.
class Client {
 public:
  struct Options {
    std::chrono::milliseconds call_time_max{30'000};
    std::function<std::chrono::steady_clock::time_point()> now;
  };
  using Json = nlohmann::json;

  // The HTTP client outlives it.
  Client(net::HttpClient& http, Endpoint endpoint, Options options);

  base::Result<Json> get(const std::string& path);
  base::Result<std::optional<Json>> find(const std::string& path);  // Nothing: 404.
  // The items of a list, page after page, each with apiVersion and kind; kListMax at most.
  base::Result<std::vector<Json>> list(const std::string& path, const std::string& label_selector);
  // `object` is the whole of what the manager says about it; gives what the server has then.
  base::Result<Json> apply(const std::string& path, std::string_view object,
                           const ApplyOptions& options);
  // `propagation` is Background, Foreground or Orphan. What is not there is removed.
  base::Result<void> remove(const std::string& path, std::string_view propagation);
  // Of GET: a pod's log, /version. Cut by the server's own parameters, and refused past the
  // ceiling.
  base::Result<std::string> text(const std::string& path);

  // Any request, as a service behind the API server's proxy takes it; an answer of any status is
  // none of ours to judge.
  struct Forward {
    std::string method = "GET";
    std::string path;
    net::HttpFields fields;
    std::string_view body;
  };
  base::Result<net::HttpResponse> forward(const Forward& request);

 private:
  base::Result<net::HttpResponse> send(const Forward& request);
  base::Result<Json> send_for_json(const Forward& request);

  net::HttpClient& http_;
  const Endpoint endpoint_;
  const Options options_;
};

}  // namespace kube
