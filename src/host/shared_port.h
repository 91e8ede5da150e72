#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "host/descriptor.h"

namespace host {

// The listening sockets of one endpoint: for each deployment one on the endpoint's port, between
// which the kernel shares new connections, and one of its own. A socket on the shared port stays
// for as long as the endpoint does, since the kernel counts them by place: one whose deployment is
// gone gets no connections, and the next deployment takes it over.
class SharedPort {
 public:
  // Conflict where somebody else listens there.
  static base::Result<SharedPort> open(std::uint16_t port);

  // The sockets that its replicas inherit: the shared one first.
  base::Result<std::vector<int>> sockets_of(const std::string& deployment);
  std::uint16_t own_port(const std::string& deployment) const;  // 0: it has none.
  // Precondition: none of its replicas runs.
  void release(const std::string& deployment);
  std::vector<std::string> deployments() const;

  // New connections go so from now on. Deployments without sockets are passed over.
  base::Result<void> share(const std::map<std::string, std::int64_t>& percents);

 private:
  explicit SharedPort(std::uint16_t port) : port_(port) {}

  struct Place {
    Descriptor shared;
    std::string deployment;  // Empty: whose it was is gone.
    Descriptor own;
  };
  Place* find(const std::string& deployment);

  std::uint16_t port_;
  std::vector<Place> places_;  // In the order in which they began to listen.
};

}  // namespace host
