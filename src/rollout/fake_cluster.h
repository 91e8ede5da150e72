#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "net/exchange.h"
#include "net/server.h"

// For tests: an API server in this process, of the shape of Kubernetes 1.36, as far as deploying
// sees one. It keeps objects, applies (whole objects; managed fields are not played), runs dry,
// collects what a removed owner owned, and plays what the kubelet and the controllers would do with
// a Deployment.

namespace rollout {

class FakeCluster final : public net::Handler {
 public:
  using Json = nlohmann::json;

  // How the copies of a Deployment turn out.
  enum class Play : unsigned char { Ready, Slow, PullDenied, NoGpu };

  FakeCluster();
  std::uint16_t port() const { return server_->port(); }

  // Asked for each Deployment that is applied, by its image.
  void play(std::function<Play(const std::string& image)> how);
  // The next requests of that method to paths that hold `part` are refused so.
  void refuse(std::string method, std::string part, int status, std::string message);

  // "Deployment faq-blue", ..., in order; pods, replica sets and events left out.
  std::vector<std::string> names();
  Json object(const std::string& path);  // Null where it is not there.
  void put(const std::string& path, Json object);
  // "PATCH /api/...?dryRun=All", in order, of what changes something.
  std::vector<std::string> requests();

 private:
  struct Reply {
    int status = 200;
    Json body;
  };
  struct Refused {
    std::string method;
    std::string part;
    int status = 0;
    std::string message;
  };

  net::Admission admit(const net::RequestHead&, net::Response&) override {
    return net::Admission::accept(4 << 20);
  }
  void handle(net::Exchange& exchange) override;
  Reply answer(std::string_view method, const std::string& path, std::string_view query,
               std::string_view body);
  Reply apply(const std::string& path, std::string_view query, std::string_view body);
  Reply remove(const std::string& path);
  Reply read(const std::string& path, std::string_view query);
  void run(const std::string& path, Json& deployment);
  void forget_pods(const std::string& name);
  static Reply failure(int status, const std::string& message);

  std::mutex mutex_;
  std::map<std::string, Json> objects_;  // By path.
  std::vector<std::string> requests_;
  std::vector<Refused> refused_;
  std::function<Play(const std::string&)> how_;
  int count_ = 0;
  std::unique_ptr<net::Server> server_;
};

}  // namespace rollout
