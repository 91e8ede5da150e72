#include "host/shared_port.h"

#include <utility>

#include "host/listener.h"

namespace host {

base::Result<SharedPort> SharedPort::open(std::uint16_t port) {
  SharedPort shared(port);
  TRY_ASSIGN(Descriptor first, listen_first(port));
  if (port == 0) shared.port_ = port_of(first);
  shared.places_.push_back({std::move(first), "", Descriptor()});
  return shared;
}

SharedPort::Place* SharedPort::find(const std::string& deployment) {
  for (Place& each : places_) {
    if (each.deployment == deployment) return &each;
  }
  return nullptr;
}

base::Result<std::vector<int>> SharedPort::sockets_of(const std::string& deployment) {
  Place* place = find(deployment);
  if (place == nullptr) {
    TRY_ASSIGN(Descriptor own, listen_alone(0));
    place = find("");
    if (place == nullptr) {
      TRY_ASSIGN(Descriptor shared, listen_beside(port_));
      place = &places_.emplace_back();
      place->shared = std::move(shared);
    }
    place->deployment = deployment;
    place->own = std::move(own);
  }
  return std::vector{place->shared.get(), place->own.get()};
}

std::uint16_t SharedPort::own_port(const std::string& deployment) const {
  for (const Place& each : places_) {
    if (!deployment.empty() && each.deployment == deployment) return port_of(each.own);
  }
  return 0;
}

void SharedPort::release(const std::string& deployment) {
  Place* place = find(deployment);
  if (place == nullptr) return;
  place->deployment.clear();
  place->own.close();
}

std::vector<std::string> SharedPort::deployments() const {
  std::vector<std::string> names;
  for (const Place& each : places_) {
    if (!each.deployment.empty()) names.push_back(each.deployment);
  }
  return names;
}

base::Result<void> SharedPort::share(const std::map<std::string, std::int64_t>& percents) {
  if (places_.size() < 2) return {};  // The kernel has no choice.
  std::vector<Share> shares;
  for (std::uint32_t i = 0; i < places_.size(); ++i) {
    const auto at = percents.find(places_[i].deployment);
    if (at == percents.end() || at->second <= 0) continue;
    shares.push_back({i, static_cast<std::uint32_t>(at->second)});
  }
  if (shares.empty()) return {};
  return share_connections(places_.front().shared, shares);
}

}  // namespace host
